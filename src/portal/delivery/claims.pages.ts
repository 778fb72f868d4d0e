import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { ClaimStandings, LINE_STATES, type ClaimInFull } from '../../batches/index.js';
import { ClaimDesk, SessionRegister } from '../../delivery/index.js';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { wordClaimFlagIn, wordReasonIn } from '../wording/reason-words.rules.js';
import { ClaimDrafts } from './claim-drafts.service.js';
import { ClaimsAddress } from './delivery.schemas.js';
import { addressOf } from '../page/address.rules.js';
import { monthsUpTo } from './months.rules.js';
import { contractsOf } from './session-form.rules.js';

type Id = z.infer<typeof IdParameter>;

const PAGE_ROWS = 50;
const MONTHS = 16;

@Controller('claims')
export class ClaimPages {
  constructor(
    private readonly standings: ClaimStandings,
    private readonly register: SessionRegister,
    private readonly desk: ClaimDesk,
    private readonly drafts: ClaimDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: { provider: ['coordinator', 'treasurer', 'auditor'] }, sensitive: 'claims' })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ClaimsAddress }) { contract, month, state, flagged, file, after }: ClaimsAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.standings.list(visit.actor, {
      contractId: contract,
      period: month === undefined ? undefined : `${month}-01`,
      state,
      flagged: flagged === undefined ? undefined : true,
      claimFileId: file,
      after,
      limit: PAGE_ROWS,
    });
    const address = { contract, month, state, flagged, file };
    const mayClaim = hasRole(visit, 'coordinator');
    return view(
      'delivery/claims.njk',
      {
        items: items.map((claim) => ({
          ...claim,
          flagWords: claim.flags.map((flag) => wordClaimFlagIn(visit.t, flag)),
        })),
        contracts: contractsOf(await this.register.services(visit.actor)),
        months: monthsUpTo(this.clock.today(), MONTHS),
        states: LINE_STATES,
        filter: address,
        isFiltered: Object.values(address).some((value) => value !== undefined),
        first: after === undefined ? undefined : addressOf('/claims', address),
        next: next === null ? undefined : addressOf('/claims', { ...address, after: next }),
        mayClaim,
        listed: mayClaim ? (await this.drafts.list(visit.actor)).length : 0,
      },
      { values: address },
    );
  }

  @Page({ permit: { provider: ['coordinator', 'treasurer', 'auditor'], commissioner: 'any' }, sensitive: 'claims' })
  @Get(':id')
  async read(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return view('delivery/claim.njk', shown(visit, await this.standings.read(visit.actor, id)));
  }

  @Page({ permit: { provider: ['coordinator'] }, sensitive: 'claims' })
  @Get(':id/withdraw')
  async askWithdraw(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.confirmWithdraw(visit, id);
  }

  @Action({ permit: { provider: ['coordinator'] }, sensitive: 'claims' })
  @Post(':id/withdraw')
  async withdraw(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.desk.withdraw(visit.command(), id);
      return seeOther(`/claims/${id}`, 'claims.withdraw.done');
    } catch (error) {
      form.refused(error);
    }
    return this.confirmWithdraw(visit, id, form);
  }

  private async confirmWithdraw(visit: Visit, id: string, form?: Form): Promise<View> {
    const data = shown(visit, await this.standings.read(visit.actor, id));
    return view('delivery/claim-withdraw.njk', data, form && { errors: form.errors });
  }
}

/** A claim with its reasons and flags in the words of the visitor. */
function shown(visit: Visit, { standing, claim, queries }: ClaimInFull) {
  const { t, membership } = visit;
  const isOpen = claim.batchId === null && (claim.state === 'submitted' || claim.state === 'queried');
  return {
    standing,
    claim,
    queries,
    reasons: claim.pricing.reasons.map((reason) => wordReasonIn(t, reason)),
    flags: claim.pricing.flags.map((flag) => wordClaimFlagIn(t, flag)),
    side: membership?.kind,
    mayWithdraw: isOpen && membership?.kind === 'provider' && hasRole(visit, 'coordinator'),
  };
}
