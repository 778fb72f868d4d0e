import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Charge } from './claim-charge.rules.js';
import type { PriceColumns } from './claim-price.rules.js';

const CHARGE = `
c.id as "claimId", c.service_id as "serviceId", c.charge_kind as "chargeKind", c.fact_kind as "factKind", c.fact_id as "factId",
c.referral_id as "referralId", c.session_id as "sessionId", c.attendance_id as "attendanceId", c.served_on as "servedOn",
c.served_at as "servedAt", c.period_ends_on as "periodEndsOn", c.expected_minor as "expectedMinor",
(c.submitted_at at time zone 'Europe/London')::date as "submittedOn", c.for_period as "forPeriod", c.paid_to as "paidTo",
c.delivered_by as "deliveredBy"`;

export interface OpenRow extends Charge {
  readonly forPeriod: IsoDate;
  readonly paidTo: string;
  readonly deliveredBy: string;
  readonly provisionalMinor: Minor;
}

/** $1 commissioner, $2 contract, $3 the first day of the last period. */
export const OPEN_CLAIMS = `
select ${CHARGE}, c.provisional_minor as "provisionalMinor"
from claim c
where c.commissioner_id = $1 and c.contract_id = $2 and c.state = 'submitted' and c.batch_id is null and c.for_period <= $3
order by c.served_at, c.id`;

export interface BatchedRow extends OpenRow, PriceColumns {
  readonly eventId: string;
  readonly contractId: string;
  readonly providerId: string;
  readonly priceMinor: Minor;
  readonly yourReference: string | null;
}

/** $1 batch. */
export const OF_BATCH = `
select ${CHARGE}, c.provisional_minor as "provisionalMinor", c.event_id as "eventId", c.contract_id as "contractId",
       c.provider_id as "providerId", c.price_minor as "priceMinor", c.your_reference as "yourReference",
       c.rate_card_id as "rateCardId", c.pricing, c.indicative_minor as "indicativeMinor", c.line_kind as "lineKind", c.units
from claim c where c.batch_id = $1
order by c.served_at, c.id`;

/** Claims that no document tells apart, with how many they are. */
export interface AlikeRow extends PriceColumns {
  readonly batchId: string;
  readonly serviceId: string;
  readonly servedOn: IsoDate;
  readonly forPeriod: IsoDate;
  readonly priceMinor: Minor;
  readonly claimCount: number;
}

/** $1 batches. */
export const ALIKE_OF_BATCHES = `
select c.batch_id as "batchId", c.service_id as "serviceId", c.served_on as "servedOn", c.for_period as "forPeriod",
       c.price_minor as "priceMinor", c.rate_card_id as "rateCardId", c.pricing, c.indicative_minor as "indicativeMinor",
       c.line_kind as "lineKind", c.units, count(*)::int as "claimCount"
from claim c where c.batch_id = any ($1::uuid[])
group by c.batch_id, c.service_id, c.served_on, c.for_period, c.price_minor, c.rate_card_id, c.pricing, c.indicative_minor,
         c.line_kind, c.units`;

/** $1 commissioner, $2 batch, $3 rows of StoredPrice with id. A claim without a card keeps the one that it was submitted by. */
export const FIX_PRICES = `
update claim c
set batch_id = $2, price_minor = p.price_minor, indicative_minor = p.indicative_minor, pricing = p.pricing, flags = p.flags,
    line_kind = p.line_kind, units = p.units, rate_card_id = coalesce(p.rate_card_id, c.rate_card_id)
from jsonb_to_recordset($3::jsonb) as p(id uuid, rate_card_id uuid, price_minor bigint, indicative_minor bigint, pricing jsonb,
                                        flags text[], line_kind text, units integer)
where c.commissioner_id = $1 and c.id = p.id and c.state = 'submitted' and c.batch_id is null`;

/** $1 commissioner, $2 claim ids, $3 submitted or queried. */
export const RELEASE = `
update claim set batch_id = null, price_minor = null, state = $3
where commissioner_id = $1 and id = any ($2::uuid[]) and state = 'submitted' and batch_id is not null
returning id`;

/**
 * A claim outside of a batch has the price that its events give it: that of its submission, or of the batch that it left to
 * be asked about. $1 commissioner, $2 claim ids.
 */
export const PRICE_BY_EVENTS = `
update claim c set rate_card_id = (p.priced->>'rateCardId')::uuid, indicative_minor = (p.priced->>'indicativeMinor')::bigint,
  pricing = jsonb_build_object('quantity', p.priced->'quantity', 'unit', p.priced->'unit', 'flags', p.priced->'flags',
              'unitPriceMinor', p.priced->'unitPriceMinor', 'reasons', p.priced->'reasons'),
  flags = (select coalesce(array_agg(f.code order by f.place), '{}')
           from (select f->>'code' as code, min(place) as place
                 from jsonb_array_elements(p.priced->'flags') with ordinality e (f, place) group by 1) f),
  line_kind = p.priced->>'lineKind', units = (p.priced->>'units')::int
from (
  select distinct on (e.subject_id) e.subject_id as id, coalesce(b.said->'priced', b.said) as priced
  from ledger.event e
  cross join lateral (select convert_from(e.body, 'UTF8')::jsonb->'data' as said offset 0) b
  where e.commissioner_id = $1 and e.subject_id = any ($2::uuid[])
    and (e.type = 'claim.submitted' or e.type = 'claim.queried' and b.said ? 'priced')
  order by e.subject_id, e.seq desc) p
where c.commissioner_id = $1 and c.id = p.id and p.priced ? 'lineKind'`;

/** What a claim is priced by, as an event says it. $1 commissioner, $2 claim. */
export const PRICED = `
select rate_card_id as "rateCardId", pricing, indicative_minor as "indicativeMinor", line_kind as "lineKind", units
from claim where commissioner_id = $1 and id = $2`;

/** $1 commissioner, $2 claim, $3 reason, $4 its salt. */
export const REJECT = `
update claim set batch_id = null, price_minor = null, state = 'rejected', reject_reason = $3,
  reject_reason_salt = $4
where commissioner_id = $1 and id = $2 and state in ('submitted', 'queried')`;

/** $1 commissioner, $2 claim ids. */
export const REOPEN = `
update claim set state = 'submitted', reject_reason = null, reject_reason_salt = null
where commissioner_id = $1 and id = any ($2::uuid[]) and state in ('queried', 'rejected')
returning id`;
