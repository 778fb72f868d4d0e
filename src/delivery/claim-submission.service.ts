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

export interface SubmittedClaim {
  readonly claimId: string;
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
      return { claimId: claim.claimId, claim, price, personId, eventId: newId() };
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

interface Submitted extends SubmittedClaim {
  readonly claim: NewClaim;
  readonly personId: string | null;
  readonly eventId: string;
}

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
    column.uuid('service_id', ({ claim }) => claim.serviceId),
    column.uuid('rate_card_id', ({ price }) => price.rateCardId),
    column.text('fact_kind', ({ claim }) => claim.factKind),
    column.uuid('fact_id', ({ claim }) => claim.factId),
    column.text('charge_kind', ({ claim }) => claim.chargeKind),
    column.uuid('referral_id', ({ claim }) => claim.referralId),
    column.uuid('person_id', ({ personId }) => personId),
    column.uuid('session_id', ({ claim }) => claim.sessionId),
    column.uuid('attendance_id', ({ claim }) => claim.attendanceId),
    column.uuid('paid_to', () => source.paidTo),
    column.uuid('delivered_by', () => source.deliveredBy),
    column.date('served_on', ({ claim }) => claim.servedOn),
    column.timestamptz('served_at', ({ claim }) => claim.servedAt),
    column.date('period_ends_on', ({ claim }) => claim.periodEndsOn),
    column.date('for_period', ({ claim }) => periodOf(claim.servedOn)),
    column.text('state', () => 'submitted'),
    column.bigint('provisional_minor', ({ price }) => price.netMinor),
    column.bigint('indicative_minor', ({ price }) => price.indicativeMinor),
    column.jsonb('pricing', ({ price }) => JSON.stringify(storedPricing(price))),
    column.codes('flags', ({ price }) => flagCodes(price).join(' ')),
    column.text('line_kind', ({ price }) => price.lineKind),
    column.int('units', ({ price }) => price.units),
    column.bigint('expected_minor', ({ claim }) => claim.expectedMinor),
    column.text('your_reference', ({ claim }) => claim.yourReference),
    column.uuid('claim_file_id', () => source.claimFileId),
    column.int('row_number', ({ claim }) => (source.claimFileId === null ? null : claim.row)),
    column.uuid('event_id', ({ eventId }) => eventId),
    column.timestamptz('submitted_at', () => source.submittedAt),
    column.uuid('submitted_by', () => source.submittedBy),
  ];
}

/**
 * The provider's own reference stays out: it is free text, and an event is never erased. Names are in the order in which they
 * are hashed, and amounts are texts, so that nothing is left to do in spelling it.
 */
function submittedEvent(
  { claim, price, eventId }: Submitted,
  actor: Actor,
  setting: ClaimSetting,
  origin: { claimFileId: string | null; paidTo: string; deliveredBy: string; submittedAt: Date },
): NewEvent {
  const priced = pricedData(price);
  return {
    id: eventId,
    type: 'claim.submitted',
    commissionerId: setting.commissionerId,
    subjectId: claim.claimId,
    actor,
    providerId: setting.providerId,
    causeId: claim.causeId,
    occurredAt: origin.submittedAt,
    data: {
      chargeKind: claim.chargeKind,
      ...(origin.claimFileId !== null && { claimFile: { id: origin.claimFileId, row: claim.row } }),
      contractId: setting.contractId,
      deliveredBy: origin.deliveredBy,
      expectedMinor: claim.expectedMinor?.toString() ?? null,
      fact: { id: claim.factId, kind: claim.factKind },
      flags: priced.flags,
      forPeriod: periodOf(claim.servedOn),
      indicativeMinor: priced.indicativeMinor.toString(),
      lineKind: priced.lineKind,
      paidTo: origin.paidTo,
      ...(claim.periodEndsOn !== null && { periodEndsOn: claim.periodEndsOn }),
      provisionalMinor: price.netMinor.toString(),
      quantity: priced.quantity,
      rateCardId: priced.rateCardId,
      reasons: priced.reasons,
      servedOn: claim.servedOn,
      serviceId: claim.serviceId,
      unit: priced.unit,
      unitPriceMinor: priced.unitPriceMinor.toString(),
      units: priced.units,
    },
  };
}
