import { Controller, Get, Post } from '@nestjs/common';
import { OrganisationsService } from '../../organisations/index.js';
import { FundsService, OutsidePaymentList, PaymentRunsService } from '../../payouts/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { AttentionQueue } from './attention-queue.service.js';

const ARRIVALS = 10;

/** What there is to pay with, what can be paid today, and who has to wait for what. */
@Controller('payments')
export class PaymentPages {
  constructor(
    private readonly funds: FundsService,
    private readonly runs: PaymentRunsService,
    private readonly outside: OutsidePaymentList,
    private readonly queue: AttentionQueue,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page({ permit: { commissioner: ['finance', 'auditor'] } })
  @Get()
  async show(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.page(visit);
  }

  @Action({ permit: { commissioner: ['finance'] } })
  @Post('refresh')
  async refresh(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      const { newArrivals } = await this.funds.refresh(visit.actor.orgId, visit.actor);
      return seeOther('/payments', 'finance.funds.refreshed', { count: newArrivals });
    } catch (error) {
      form.refused(error);
    }
    return this.page(visit, form);
  }

  private async page(visit: Visit, form?: Form): Promise<View> {
    const { actor } = visit;
    const preview = await this.runs.preview(actor);
    const outside = await this.outside.open(actor);
    const { unknown, failed, notices } = await this.queue.of(actor);
    const names = await this.organisations.names(
      actor,
      preview.groups.map(({ providerId }) => providerId),
    );
    const data = {
      funds: await this.funds.read(actor, actor.orgId),
      arrivals: (await this.funds.arrivals(actor)).slice(0, ARRIVALS),
      preview,
      names: Object.fromEntries(names),
      toEnter: outside.filter(({ step }) => step === 'enter').length,
      toConfirm: outside.filter(({ step }) => step !== 'enter').length,
      toDecide: unknown.length + failed.length + notices.length,
      mayPay: hasRole(visit, 'finance'),
    };
    return view('finance/payments.njk', data, form && { errors: form.errors });
  }
}
