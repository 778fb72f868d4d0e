import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { ADVANCE_REASONS, AdvancesService, ProposeAdvance } from '../../payouts/index.js';
import { DomainError } from '../../platform/errors.js';
import { ContractRegister } from '../../pricing/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';

type Id = z.infer<typeof IdParameter>;

const PROPOSES = { permit: { commissioner: ['finance', 'contract_manager'] } } as const;
const WAYS = ['share', 'instalment'] as const;
const PLACES = { amountMinor: 'amount', recovery: 'way' };
/** Beside which field a refusal belongs. */
const FIELD_OF: Readonly<Record<string, string>> = {
  'advance.not_covered': 'amount',
  'advance.day_not_possible': 'recoverBy-day',
};

/** Where an advance on a contract is proposed, with the terms on which it comes back. */
@Controller('contracts/:id/advance')
export class AdvanceProposalPages {
  constructor(
    private readonly advances: AdvancesService,
    private readonly contracts: ContractRegister,
  ) {}

  @Page(PROPOSES)
  @Get()
  async ask(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.form(visit, id);
  }

  @Action(PROPOSES)
  @Post()
  async propose(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const request = readProposal(form, id);
    if (request) {
      try {
        const { id: advanceId } = await this.advances.propose(visit.command(), request);
        return seeOther(`/advances/${advanceId}`, 'advances.new.done');
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        form.refused(error, FIELD_OF[error.code] ?? '');
      }
    }
    return this.form(visit, id, form);
  }

  private async form(visit: Visit, id: string, form?: Form): Promise<View> {
    const { contract, providerName } = await this.contracts.read(visit.actor, id);
    const values = { way: 'share', recoverBy: contract.endsOn };
    const data = { contract, providerName, reasons: ADVANCE_REASONS };
    return view('finance/advance-new.njk', data, form ? { errors: form.errors, values: form.values } : { values });
  }
}

/** The form in the words of the API. */
function readProposal(form: Form, contractId: string): ProposeAdvance | undefined {
  const amount = form.pounds('amount', { missing: 'advances.new.amountMissing' });
  if (amount === 0n) form.refuse('amount', 'advances.new.amountMissing');
  const reasonCode = form.choice('reasonCode', ADVANCE_REASONS, 'advances.new.reasonCodeMissing');
  const reason = form.text('reason', { missing: 'advances.new.reasonMissing', max: 300 });
  const way = form.choice('way', WAYS, 'advances.new.wayMissing');
  const isShare = way === 'share';
  const sharePercent = isShare
    ? form.whole('sharePercent', { missing: 'advances.new.shareMissing', min: 1, max: 100 })
    : undefined;
  const instalment = isShare ? undefined : form.pounds('instalment', { missing: 'advances.new.instalmentMissing' });
  if (instalment === 0n) form.refuse('instalment', 'advances.new.instalmentMissing');
  const recoverBy = form.day('recoverBy', { missing: 'advances.new.dayMissing' });
  const recovery = isShare ? { sharePercent, recoverBy } : { instalmentMinor: String(instalment), recoverBy };
  const request = { contractId, amountMinor: String(amount), reasonCode, reason, recovery };
  return form.as(ProposeAdvance, request, PLACES);
}
