import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LedgerService, type NewEvent } from '../ledger/index.js';
import type { CountedLines } from '../pricing/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import type { ClaimPrice } from './claim-charge.rules.js';
import type { Claim } from './claim.entity.js';
import { ClaimPricer } from './claim-pricer.service.js';
import type { RecordedFacts } from './claim-line.rules.js';
import { sendClaims } from './claim-rows.queries.js';
import { flagCodes, pricedData, storedPricing } from './claim-price.rules.js';
import type { ClaimSetting } from './claim-setting.service.js';
import { periodOf } from './claim-window.rules.js';
import type { NewClaim } from './delivery-plan.rules.js';
import type { Outlet } from './held-statements.rules.js';
import type { KeptHistory } from './kept-history.rules.js';
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
  /** What counts before the claims, where the caller has read it. */
  readonly before?: readonly CountedLines[];
  /** What is known of the claims before from other parts of the same file. */
  readonly history?: KeptHistory;
  /** Of what led to the claims, to be recorded ahead of theirs and with them. */
  readonly events?: readonly NewEvent[];
  /** Where to send what is to be stored; the transaction itself, when it is left out. */
  readonly statements?: Outlet;
}

export interface SubmittedClaim {
  readonly claimId: string;
  readonly price: ClaimPrice;
  /** As it is stored. */
  readonly claim: Claim;
}

@Injectable()
export class ClaimSubmission {
  constructor(
    private readonly pricer: ClaimPricer,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /** What counts before claims by these facts: what `submit` needs to know of what is stored. */
  readBefore(
    tx: Tx,
    setting: ClaimSetting,
    { referrals }: Pick<RecordedFacts, 'referrals'>,
    kept?: KeptHistory,
  ): Promise<readonly CountedLines[]> {
    return this.pricer.readBefore(tx, setting, referrals, 'all', kept);
  }

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
    const before = origin.before ?? (await this.readBefore(tx, setting, facts, origin.history));
    const prices = this.pricer.priceBy(setting, claims, facts, before, origin.history);
    const { claimFileId = null, paidTo = providerId, deliveredBy = providerId, statements = tx, events = [] } = origin;
    const submittedAt = this.clock.now();
    const { memberId: submittedBy } = actor;
    const source = {
      commissionerId,
      contractId,
      providerId,
      claimFileId,
      paidTo,
      deliveredBy,
      submittedAt,
      submittedBy,
    };
    const submitted = claims.map((given) => {
      const price = prices.get(given.claimId);
      assert(price, 'every claim has a price');
      const personId = given.referralId === null ? null : (facts.referrals.get(given.referralId)?.personId ?? null);
      return { claimId: given.claimId, given, price, claim: claimOf(given, price, personId, source) };
    });
    sendClaims(
      statements,
      submitted.map(({ claim }) => claim),
    );
    if (origin.statements) await turn(); // a large part leaves meanwhile
    this.ledger.sendAll(statements, [...events, ...submitted.map((one) => submittedEvent(one, actor))]);
    return submitted;
  }
}

interface Submitted extends SubmittedClaim {
  readonly given: NewClaim;
}

/** What the claims of one submission have in common. */
type ClaimSource = Pick<
  Claim,
  | 'commissionerId'
  | 'contractId'
  | 'providerId'
  | 'claimFileId'
  | 'paidTo'
  | 'deliveredBy'
  | 'submittedAt'
  | 'submittedBy'
>;

function claimOf(given: NewClaim, price: ClaimPrice, personId: string | null, source: ClaimSource): Claim {
  const { rateCardId } = price;
  assert(rateCardId !== null, 'a claim that is submitted has a card');
  // Each part by its name: claims come by the million, and an object made of the rest of another is a slow one.
  return {
    commissionerId: source.commissionerId,
    id: given.claimId,
    providerId: source.providerId,
    contractId: source.contractId,
    serviceId: given.serviceId,
    rateCardId,
    factKind: given.factKind,
    factId: given.factId,
    chargeKind: given.chargeKind,
    referralId: given.referralId,
    personId,
    sessionId: given.sessionId,
    attendanceId: given.attendanceId,
    paidTo: source.paidTo,
    deliveredBy: source.deliveredBy,
    servedOn: given.servedOn,
    servedAt: given.servedAt,
    periodEndsOn: given.periodEndsOn,
    forPeriod: periodOf(given.servedOn),
    state: 'submitted',
    provisionalMinor: price.netMinor,
    priceMinor: null,
    indicativeMinor: price.indicativeMinor,
    pricing: storedPricing(price),
    flags: flagCodes(price),
    lineKind: price.lineKind,
    units: price.units,
    expectedMinor: given.expectedMinor,
    yourReference: given.yourReference,
    batchId: null,
    rejectReason: null,
    rejectReasonSalt: null,
    claimFileId: source.claimFileId,
    rowNumber: source.claimFileId === null ? null : given.row,
    eventId: newId(),
    submittedAt: source.submittedAt,
    submittedBy: source.submittedBy,
  };
}

/**
 * The provider's own reference stays out: it is free text, and an event is never erased. Names are in the order in which they
 * are hashed, and amounts are texts, so that nothing is left to do in spelling it.
 */
function submittedEvent({ claim, given, price }: Submitted, actor: Actor): NewEvent {
  const priced = pricedData(price);
  return {
    id: claim.eventId,
    type: 'claim.submitted',
    commissionerId: claim.commissionerId,
    subjectId: claim.id,
    actor,
    providerId: claim.providerId,
    causeId: given.causeId,
    occurredAt: claim.submittedAt,
    data: {
      chargeKind: claim.chargeKind,
      ...(claim.claimFileId !== null && { claimFile: { id: claim.claimFileId, row: given.row } }),
      contractId: claim.contractId,
      deliveredBy: claim.deliveredBy,
      expectedMinor: claim.expectedMinor?.toString() ?? null,
      fact: { id: claim.factId, kind: claim.factKind },
      flags: priced.flags,
      forPeriod: claim.forPeriod,
      indicativeMinor: priced.indicativeMinor.toString(),
      lineKind: priced.lineKind,
      paidTo: claim.paidTo,
      ...(claim.periodEndsOn !== null && { periodEndsOn: claim.periodEndsOn }),
      provisionalMinor: claim.provisionalMinor.toString(),
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
