import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { AdvancesService, type AdvanceNow } from '../../payouts/index.js';
import { ContractRegister } from '../../pricing/index.js';
import { addressOf } from '../page/address.rules.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { advanceChoices } from './advance-choices.rules.js';
import { RunsAddress } from './finance.schemas.js';

type Id = z.infer<typeof IdParameter>;

const READS = {
  permit: { commissioner: ['finance', 'contract_manager', 'approver', 'auditor'], provider: 'any' },
} as const;
const DECIDES = { permit: { commissioner: ['approver'] } } as const;
const APPROVES = { ...DECIDES, stepUp: true } as const;
const PROPOSES = { permit: { commissioner: ['finance', 'contract_manager'] } } as const;
const PAGE_ROWS = 30;
/** Where each decision is asked for, and what is said when it is taken. */
const APPROVE = { template: 'finance/advance-approve.njk', done: 'advances.approve.done' };
const DECLINE = { template: 'finance/advance-decline.njk', done: 'advances.decline.done' };
const CANCEL = { template: 'finance/advance-cancel.njk', done: 'advances.cancel.done' };

/** Money paid ahead of invoices: what was agreed, what was taken back, and what remains. */
@Controller('advances')
export class AdvancePages {
  constructor(
    private readonly advances: AdvancesService,
    private readonly contracts: ContractRegister,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page(READS)
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: RunsAddress }) { after }: RunsAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.advances.list(visit.actor, { after, limit: PAGE_ROWS });
    return view('finance/advances.njk', {
      items,
      first: after === undefined ? undefined : '/advances',
      next: next === null ? undefined : addressOf('/advances', { after: next }),
      ...(await this.named(visit, items)),
    });
  }

  @Page(READS)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, 'finance/advance.njk');
  }

  @Page(APPROVES)
  @Get(':id/approve')
  async askApprove(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, APPROVE.template);
  }

  @Action(APPROVES)
  @Post(':id/approve')
  async approve(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    return this.decide(visit, id, APPROVE, form, () => this.advances.approve(visit.command(), id));
  }

  @Page(DECIDES)
  @Get(':id/decline')
  async askDecline(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, DECLINE.template);
  }

  @Action(DECIDES)
  @Post(':id/decline')
  async decline(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const reason = form.text('reason', { missing: 'advances.decline.reasonMissing', max: 300 });
    if (reason === undefined) return this.page(visit, id, DECLINE.template, form);
    return this.decide(visit, id, DECLINE, form, () => this.advances.decline(visit.command(), id, reason));
  }

  @Page(PROPOSES)
  @Get(':id/cancel')
  async askCancel(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, CANCEL.template);
  }

  @Action(PROPOSES)
  @Post(':id/cancel')
  async cancel(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    return this.decide(visit, id, CANCEL, form, () => this.advances.cancel(visit.command(), id));
  }

  /** Says that it is done, or asks again and says why not. */
  private async decide(
    visit: Visit,
    id: string,
    { template, done }: { readonly template: string; readonly done: string },
    form: Form,
    run: () => Promise<unknown>,
  ): Promise<PageAnswer> {
    try {
      await run();
      return seeOther(`/advances/${id}`, done);
    } catch (error) {
      form.refused(error);
    }
    return this.page(visit, id, template, form);
  }

  private async page(visit: Visit, id: string, template: string, form?: Form): Promise<View> {
    const advance = await this.advances.read(visit.actor, id);
    const { standing, proposedBy = null } = advance;
    const isOfCommissioner = visit.membership?.kind === 'commissioner';
    const data = {
      advance,
      ...(await this.named(visit, [advance])),
      choices: advanceChoices(standing, {
        isOwn: proposedBy === visit.actor.memberId,
        mayDecide: isOfCommissioner && hasRole(visit, 'approver'),
        mayPropose: isOfCommissioner && hasRole(visit, 'finance', 'contract_manager'),
      }),
    };
    return view(template, data, form && { errors: form.errors, values: form.values });
  }

  /** The other side's names, and the codes by which people know contracts. */
  private async named(visit: Visit, advances: readonly AdvanceNow[]) {
    const isProvider = visit.membership?.kind === 'provider';
    const others = advances.map(({ commissionerId, providerId }) => (isProvider ? commissionerId : providerId));
    const codes = await this.contracts.codes(
      visit.actor,
      advances.map(({ contractId }) => contractId),
    );
    return {
      isProvider,
      names: Object.fromEntries(await this.organisations.names(visit.actor, others)),
      codes: Object.fromEntries(codes),
    };
  }
}
