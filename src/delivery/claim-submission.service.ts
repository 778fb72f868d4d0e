import { Injectable } from '@nestjs/common';
import { LedgerService, type NewEvent } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { column, insertRows, type BulkColumn } from '../platform/bulk-insert.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import type { ClaimPrice } from './claim-charge.rules.js';
import { ClaimPricer } from './claim-pricer.service.js';
import type { RecordedFacts } from './claim-line.rules.js';
import { flagCodes, pricedData, storedPricing } from './claim-price.rules.js';
import type { ClaimSetting } from './claim-setting.service.js';
import { periodOf } from './claim-window.rules.js';
import { claimsSubmitted } from './delivery.events.js';
import type { NewClaim } from './delivery-plan.rules.js';
import { readFacts } from './recorded-facts.queries.js';

/** Where claims come from, and who is behind them where that is not the provider itself. */
export interface ClaimOrigin {
  readonly claimFileId?: string;
  readonly paidTo?: string;
  readonly deliveredBy?: string;
}

interface SubmissionOptions extends ClaimOrigin {
  /** All that the claims cite, where the caller knows it; else it is read. */
  readonly facts?: RecordedFacts;
}

export interface SubmittedClaim extends NewClaim {
  readonly price: ClaimPrice;
}

@Injectable()
export class ClaimSubmission {
  constructor(
    private readonly pricer: ClaimPricer,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Submits claims of one contract, under its lock: prices them as things stand (provisional: caps, tiers and splits depend
   * on lines still to come), stores them, and records `claim.submitted` for each. Their facts are stored already.
   *
   * @throws claim.fact_claimed when a fact has a claim of this kind that stands
   */
  async submit(
    tx: Tx,
    actor: Actor,
    setting: ClaimSetting,
    claims: readonly NewClaim[],
    origin: SubmissionOptions = {},
  ): Promise<SubmittedClaim[]> {
    if (claims.length === 0) return [];
    const { commissionerId, contractId, providerId } = setting;
    const facts = origin.facts ?? (await readFacts(tx, setting, claims));
    const prices = await this.pricer.priceBy(tx, setting, claims, 'all', facts);
    const submitted = claims.map((claim) => {
      const price = prices.get(claim.claimId);
      assert(price, 'every claim has a price');
      const personId = claim.referralId === null ? null : (facts.referrals.get(claim.referralId)?.personId ?? null);
      return { ...claim, price, personId, eventId: newId() };
    });
    const { claimFileId = null, paidTo = providerId, deliveredBy = providerId } = origin;
    const submittedAt = this.clock.now();
    const source = { ...setting, claimFileId, paidTo, deliveredBy, submittedAt, submittedBy: actor.memberId };
    await insertRows(tx, 'claim', claimColumns(source), submitted);
    await this.ledger.recordAll(
      tx,
      submitted.map((claim) =>
        submittedEvent(claim, actor, setting, { claimFileId, paidTo, deliveredBy, submittedAt }),
      ),
    );
    await emit(tx, actor.orgId, claimsSubmitted, { commissionerId, id: contractId });
    return submitted;
  }
}

type Submitted = SubmittedClaim & { readonly personId: string | null; readonly eventId: string };

/** What the claims of one submission have in common. */
interface ClaimSource extends Pick<ClaimSetting, 'commissionerId' | 'contractId' | 'providerId'> {
  readonly claimFileId: string | null;
  readonly paidTo: string;
  readonly deliveredBy: string;
  readonly submittedAt: Date;
  readonly submittedBy: string | null;
}

function claimColumns(source: ClaimSource): BulkColumn<Submitted>[] {
  return [
    column.uuid('commissioner_id', () => source.commissionerId),
    column.uuid('id', ({ claimId }) => claimId),
    column.uuid('provider_id', () => source.providerId),
    column.uuid('contract_id', () => source.contractId),
    column.uuid('service_id', ({ serviceId }) => serviceId),
    column.uuid('rate_card_id', ({ price }) => price.rateCardId),
    column.text('fact_kind', ({ factKind }) => factKind),
    column.uuid('fact_id', ({ factId }) => factId),
    column.text('charge_kind', ({ chargeKind }) => chargeKind),
    column.uuid('referral_id', ({ referralId }) => referralId),
    column.uuid('person_id', ({ personId }) => personId),
    column.uuid('session_id', ({ sessionId }) => sessionId),
    column.uuid('attendance_id', ({ attendanceId }) => attendanceId),
    column.uuid('paid_to', () => source.paidTo),
    column.uuid('delivered_by', () => source.deliveredBy),
    column.date('served_on', ({ servedOn }) => servedOn),
    column.timestamptz('served_at', ({ servedAt }) => servedAt),
    column.date('period_ends_on', ({ periodEndsOn }) => periodEndsOn),
    column.date('for_period', ({ servedOn }) => periodOf(servedOn)),
    column.text('state', () => 'submitted'),
    column.bigint('provisional_minor', ({ price }) => price.netMinor),
    column.bigint('indicative_minor', ({ price }) => price.indicativeMinor),
    column.jsonb('pricing', ({ price }) => JSON.stringify(storedPricing(price))),
    column.codes('flags', ({ price }) => flagCodes(price).join(' ')),
    column.text('line_kind', ({ price }) => price.lineKind),
    column.int('units', ({ price }) => price.units),
    column.bigint('expected_minor', ({ expectedMinor }) => expectedMinor),
    column.text('your_reference', ({ yourReference }) => yourReference),
    column.uuid('claim_file_id', () => source.claimFileId),
    column.int('row_number', ({ row }) => (source.claimFileId === null ? null : row)),
    column.uuid('event_id', ({ eventId }) => eventId),
    column.timestamptz('submitted_at', () => source.submittedAt),
    column.uuid('submitted_by', () => source.submittedBy),
  ];
}

/** The provider's own reference stays out: it is free text, and an event is never erased. */
function submittedEvent(
  claim: Submitted,
  actor: Actor,
  setting: ClaimSetting,
  origin: { claimFileId: string | null; paidTo: string; deliveredBy: string; submittedAt: Date },
): NewEvent {
  const { price } = claim;
  return {
    id: claim.eventId,
    type: 'claim.submitted',
    commissionerId: setting.commissionerId,
    subjectId: claim.claimId,
    actor,
    providerId: setting.providerId,
    causeId: claim.causeId,
    occurredAt: origin.submittedAt,
    data: {
      contractId: setting.contractId,
      serviceId: claim.serviceId,
      fact: { kind: claim.factKind, id: claim.factId },
      chargeKind: claim.chargeKind,
      servedOn: claim.servedOn,
      forPeriod: periodOf(claim.servedOn),
      ...(claim.periodEndsOn !== null && { periodEndsOn: claim.periodEndsOn }),
      provisionalMinor: price.netMinor,
      expectedMinor: claim.expectedMinor,
      ...pricedData(price),
      paidTo: origin.paidTo,
      deliveredBy: origin.deliveredBy,
      ...(origin.claimFileId !== null && { claimFile: { id: origin.claimFileId, row: claim.row } }),
    },
  };
}
