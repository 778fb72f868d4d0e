import { Controller, Get, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { JournalService } from '../../assurance/index.js';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { PAYOUT_STATES, PayoutsService, RemittancesService } from '../../payouts/index.js';
import { addressOf } from '../page/address.rules.js';
import { download, view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { payoutTimeline, standingOf } from './payout-words.rules.js';
import { DocumentAddress, PayoutsAddress } from './treasury.schemas.js';

type Id = z.infer<typeof IdParameter>;

const READS = { permit: { provider: 'any', commissioner: 'any' } } as const;
const PAGE_ROWS = 50;
const EVENTS_MAX = 100;

/** Payments, for those who get them and those who make them. */
@Controller('payouts')
export class PayoutPages {
  constructor(
    private readonly payouts: PayoutsService,
    private readonly remittances: RemittancesService,
    private readonly journal: JournalService,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page(READS)
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: PayoutsAddress }) { state, after }: PayoutsAddress,
  ): Promise<PageAnswer> {
    const query = { state, after, order: 'latest', limit: PAGE_ROWS } as const;
    const { items, next } = await this.payouts.list(visit.actor, query);
    const isProvider = visit.membership?.kind === 'provider';
    const others = items.map(({ commissionerId, providerId }) => (isProvider ? commissionerId : providerId));
    const names = await this.organisations.names(visit.actor, others);
    return view(
      'treasury/payouts.njk',
      {
        items: items.map((payout, index) => ({ payout, other: names.get(others[index] ?? '') ?? '' })),
        states: PAYOUT_STATES,
        isProvider,
        seesRuns: seesRuns(visit),
        isFiltered: state !== undefined,
        first: after === undefined ? undefined : addressOf('/payouts', { state }),
        next: next === null ? undefined : addressOf('/payouts', { state, after: next }),
      },
      { values: { state } },
    );
  }

  @Page(READS)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { payout, items, advances, attempts, choices } = await this.payouts.read(visit.actor, id);
    const { items: events } = await this.journal.page(visit.actor, { subject: id, limit: EVENTS_MAX });
    const parties = [payout.commissionerId, payout.providerId];
    return view('treasury/payout.njk', {
      payout,
      items,
      advances,
      attempts,
      choices,
      standing: standingOf(visit.t, payout),
      happened: payoutTimeline(visit.t, events),
      names: Object.fromEntries(await this.organisations.names(visit.actor, parties)),
      isProvider: visit.membership?.kind === 'provider',
      seesRuns: seesRuns(visit),
      mayPay: visit.membership?.kind === 'commissioner' && hasRole(visit, 'finance'),
    });
  }

  @Page(READS)
  @Get(':id/remittance.pdf')
  async remittance(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: DocumentAddress }) { keep }: DocumentAddress,
  ): Promise<PageAnswer> {
    const { name, bytes } = await this.remittances.readPdf(visit.actor, id);
    return download(name, 'application/pdf', bytes, keep === undefined);
  }
}

/** Whether the pages of paying are open to the visitor. */
function seesRuns(visit: Visit): boolean {
  return visit.membership?.kind === 'commissioner' && hasRole(visit, 'finance', 'auditor');
}
