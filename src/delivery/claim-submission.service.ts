import { Injectable } from '@nestjs/common';
import { LedgerService, type NewEvent } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import type { ClaimPrice } from './claim-charge.rules.js';
import { ClaimPricer } from './claim-pricer.service.js';
import { pricedData, storedPrice } from './claim-price.rules.js';
import type { ClaimSetting } from './claim-setting.service.js';
import { periodOf } from './claim-window.rules.js';
import { claimsSubmitted } from './delivery.events.js';
import type { NewClaim } from './delivery-plan.rules.js';

/** Where claims come from, and who is behind them where that is not the provider itself. */
export interface ClaimOrigin {
  readonly claimFileId?: string;
  readonly paidTo?: string;
  readonly deliveredBy?: string;
}

export interface SubmittedClaim extends NewClaim {
  readonly price: ClaimPrice;
}

/** $1 commissioner, $2 provider, $3 contract, $4 paid to, $5 delivered by, $6 claim file, $7 now, $8 member, $9 rows. */
const INSERT_CLAIMS = `
insert into claim (commissioner_id, id, provider_id, contract_id, service_id, rate_card_id, fact_kind, fact_id, charge_kind,
                   referral_id, person_id, session_id, attendance_id, paid_to, delivered_by, served_on, served_at,
                   period_ends_on, for_period, state, provisional_minor, indicative_minor, pricing, flags, line_kind, units,
                   expected_minor, your_reference, claim_file_id, row_number, event_id, submitted_at, submitted_by)
select $1, c.id, $2, $3, c.service_id, c.rate_card_id, c.fact_kind, c.fact_id, c.charge_kind, c.referral_id, r.person_id,
       c.session_id, c.attendance_id, $4, $5, c.served_on, c.served_at, c.period_ends_on, c.for_period, 'submitted',
       c.price_minor, c.indicative_minor, c.pricing, c.flags, c.line_kind, c.units, c.expected_minor, c.your_reference, $6,
       case when $6::uuid is not null then c.row_number end, c.event_id, $7, $8
from jsonb_to_recordset($9::jsonb) as c(
  id uuid, service_id uuid, rate_card_id uuid, fact_kind text, fact_id uuid, charge_kind text, referral_id uuid,
  session_id uuid, attendance_id uuid, served_on date, served_at timestamptz, period_ends_on date, for_period date,
  price_minor bigint, indicative_minor bigint, pricing jsonb, flags text[], line_kind text, units integer,
  expected_minor bigint, your_reference text, row_number integer, event_id uuid)
left join referral r on r.commissioner_id = $1 and r.id = c.referral_id`;

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
    origin: ClaimOrigin = {},
  ): Promise<SubmittedClaim[]> {
    if (claims.length === 0) return [];
    const { commissionerId, contractId, providerId } = setting;
    const prices = await this.pricer.price(tx, setting, claims, 'all');
    const submitted = claims.map((claim) => {
      const price = prices.get(claim.claimId);
      assert(price, 'every claim has a price');
      return { ...claim, price, eventId: newId() };
    });
    const { claimFileId = null, paidTo = providerId, deliveredBy = providerId } = origin;
    const submittedAt = this.clock.now();
    await tx.execute(INSERT_CLAIMS, [
      commissionerId,
      providerId,
      contractId,
      paidTo,
      deliveredBy,
      claimFileId,
      submittedAt,
      actor.memberId,
      JSON.stringify(submitted.map(claimRow)),
    ]);
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

type Submitted = SubmittedClaim & { readonly eventId: string };

function claimRow(claim: Submitted): Record<string, unknown> {
  return {
    ...storedPrice(claim.price),
    id: claim.claimId,
    service_id: claim.serviceId,
    fact_kind: claim.factKind,
    fact_id: claim.factId,
    charge_kind: claim.chargeKind,
    referral_id: claim.referralId,
    session_id: claim.sessionId,
    attendance_id: claim.attendanceId,
    served_on: claim.servedOn,
    served_at: claim.servedAt,
    period_ends_on: claim.periodEndsOn,
    for_period: periodOf(claim.servedOn),
    expected_minor: claim.expectedMinor?.toString() ?? null,
    your_reference: claim.yourReference,
    row_number: claim.row,
    event_id: claim.eventId,
  };
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
