import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { PayoutsService } from '../../payouts/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { AttentionQueue } from './attention-queue.service.js';

type Id = z.infer<typeof IdParameter>;

const READS = { permit: { commissioner: ['finance', 'auditor'] } } as const;
const DECIDES = { permit: { commissioner: ['finance'] }, stepUp: true } as const;

/** Payments that did not go as ordered, until somebody in finance has said what is to become of them. */
@Controller('payments/attention')
export class AttentionPages {
  constructor(
    private readonly queue: AttentionQueue,
    private readonly payouts: PayoutsService,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page(READS)
  @Get()
  async list(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const queue = await this.queue.of(visit.actor);
    const payees = [...queue.unknown, ...queue.failed, ...queue.returned].map(({ providerId }) => providerId);
    const names = Object.fromEntries(await this.organisations.names(visit.actor, payees));
    return view('finance/attention.njk', { ...queue, names, mayDecide: hasRole(visit, 'finance') });
  }

  /** Who they are is proved before they decide, not after. */
  @Page(DECIDES)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id);
  }

  @Action(DECIDES)
  @Post(':id/decide')
  async decide(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const decision = form.choice('decision', ['sent', 'not_sent'], 'finance.decide.missing');
    if (decision !== undefined) {
      try {
        await this.payouts.decide(visit.command(), id, decision);
        return seeOther(`/payouts/${id}`, 'finance.decide.done');
      } catch (error) {
        form.refused(error, 'decision');
      }
    }
    return this.page(visit, id, form);
  }

  @Action(DECIDES)
  @Post(':id/return')
  async askReturn(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.payouts.askReturn(visit.command(), id);
      return seeOther(`/payouts/${id}`, 'finance.decide.returning');
    } catch (error) {
      form.refused(error);
    }
    return this.page(visit, id, form);
  }

  private async page(visit: Visit, id: string, form?: Form): Promise<View> {
    const { payout, choices } = await this.payouts.read(visit.actor, id);
    const names = await this.organisations.names(visit.actor, [payout.providerId]);
    const data = { payout, choices, payee: names.get(payout.providerId) ?? '' };
    return view('finance/decide.njk', data, form && { errors: form.errors, values: form.values });
  }
}
