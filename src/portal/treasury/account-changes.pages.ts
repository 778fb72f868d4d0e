import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import {
  accountAsSeenBy,
  PayoutAccountChangesService,
  PayoutAccountsService,
  ProposePayoutAccountChange,
} from '../../payouts/index.js';
import { notFound } from '../../platform/errors.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { AccountViews } from './account-views.service.js';
import { bankFacts } from './account-words.rules.js';
import { BANK_PLACES, readBankDetails } from './bank-form.rules.js';
import { ChangeParameter } from './treasury.schemas.js';

type Id = z.infer<typeof IdParameter>;

const PAYEES = { permit: { provider: ['treasurer', 'admin'] }, stepUp: true } as const;
const CONFIRMS = {
  permit: { provider: ['treasurer', 'admin'], commissioner: ['finance', 'contract_manager'] },
  stepUp: true,
} as const;
/** Stopping is for everybody who may see that something is wrong, and needs no proof: it moves nothing. */
const CANCELS = { permit: { provider: 'any', commissioner: ['finance', 'contract_manager'] } } as const;

/** Changes of where money goes: one person asks, a second confirms, and it is held for two days. */
@Controller('payout-accounts/:id/changes')
export class AccountChangePages {
  constructor(
    private readonly accounts: PayoutAccountsService,
    private readonly changes: PayoutAccountChangesService,
    private readonly views: AccountViews,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page(PAYEES)
  @Get('new')
  async ask(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.form(visit, id);
  }

  @Action(PAYEES)
  @Post()
  async propose(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const { rail } = await this.accounts.read(visit.actor, id);
    const form = new Form(visit.t, fields);
    const details = rail === 'outside' ? readBankDetails(form, fields) : undefined;
    const request = form.as(
      ProposePayoutAccountChange,
      rail === 'outside' ? { kind: 'details', ...details } : { kind: 'link' },
      BANK_PLACES,
    );
    if (request) {
      try {
        await this.changes.propose(visit.command(), id, request);
        return seeOther(`/payout-accounts/${id}`, 'treasury.change.proposed');
      } catch (error) {
        form.refused(error);
      }
    }
    return this.form(visit, id, form);
  }

  @Page(CONFIRMS)
  @Get(':changeId/confirm')
  async askConfirm(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ChangeParameter }) { id, changeId }: ChangeParameter,
  ): Promise<PageAnswer> {
    return this.confirmPage(visit, id, changeId);
  }

  @Action(CONFIRMS)
  @Post(':changeId/confirm')
  async confirm(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ChangeParameter }) { id, changeId }: ChangeParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.changes.confirm(visit.command(), changeId);
      const { appliesAt } = await this.changes.get(visit.actor, changeId);
      const time = appliesAt === null ? '' : visit.t.time(appliesAt);
      return seeOther(`/payout-accounts/${id}`, 'treasury.change.confirmed', { time });
    } catch (error) {
      form.refused(error);
    }
    return this.confirmPage(visit, id, changeId, form);
  }

  @Action(CANCELS)
  @Post(':changeId/cancel')
  async cancel(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ChangeParameter }) { id, changeId }: ChangeParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.changes.cancel(visit.command(), changeId);
      return seeOther(`/payout-accounts/${id}`, 'treasury.change.cancelled');
    } catch (error) {
      form.refused(error);
    }
    return this.views.show(visit, id, form);
  }

  private async form(visit: Visit, id: string, form?: Form): Promise<View> {
    const account = await this.accounts.read(visit.actor, id);
    const names = await this.organisations.names(visit.actor, [account.commissionerId]);
    const data = {
      destination: account,
      facts: bankFacts(visit.t, accountAsSeenBy(visit.actor, account)),
      payer: names.get(account.commissionerId) ?? '',
    };
    return view('treasury/change-new.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async confirmPage(visit: Visit, id: string, changeId: string, form?: Form): Promise<View> {
    const account = await this.accounts.read(visit.actor, id);
    const change = await this.changes.get(visit.actor, changeId);
    if (change.payoutAccountId !== id) throw notFound();
    const names = await this.organisations.names(visit.actor, [account.commissionerId, account.providerId]);
    const data = {
      destination: account,
      facts: bankFacts(visit.t, accountAsSeenBy(visit.actor, account)),
      change: this.views.changeFacts(visit, change),
      payer: names.get(account.commissionerId) ?? '',
      payee: names.get(account.providerId) ?? '',
      isProvider: visit.membership?.kind === 'provider',
    };
    return view('treasury/change-confirm.njk', data, form && { errors: form.errors });
  }
}
