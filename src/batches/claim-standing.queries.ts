import type { ClaimFlag } from '../delivery/index.js';
import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { EarningFact } from '../pricing/index.js';
import { lineState, type BatchState, type LineState } from './batch.rules.js';

/** A claim with where it stands, and the names of what it is about. */
export interface ClaimStanding {
  readonly id: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly contractId: string;
  readonly contractCode: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly factKind: EarningFact;
  readonly referralId: string | null;
  /** Of the referral. */
  readonly reference: string | null;
  /** Nothing says any more whom the referral was about. */
  readonly personErased: boolean;
  readonly sessionId: string | null;
  readonly servedOn: IsoDate;
  readonly forPeriod: IsoDate;
  readonly state: LineState;
  readonly batchId: string | null;
  readonly batchCode: string | null;
  /** The final price once a batch holds it, the provisional one before that; net of VAT. */
  readonly priceMinor: Minor;
  readonly isFinal: boolean;
  readonly indicativeMinor: Minor;
  readonly flags: readonly ClaimFlag[];
  readonly yourReference: string | null;
  readonly claimFileId: string | null;
  /** The query that waits for the provider's answer. */
  readonly openQueryId: string | null;
  readonly submittedAt: Date;
}

export interface StandingFilter {
  readonly contractId?: string | undefined;
  /** The first day of a month. */
  readonly period?: IsoDate | undefined;
  readonly state?: LineState | undefined;
  readonly flagged?: boolean | undefined;
  readonly claimFileId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** The last claim of the page before. */
  readonly after?: string | undefined;
}

type Row = Omit<ClaimStanding, 'state'> & {
  readonly claimState: 'submitted' | 'queried' | 'rejected' | 'withdrawn';
  readonly batchState: BatchState | null;
};

/** The same sentence as `lineState`, for the database to filter by. */
const LINE_STATE = `
case when c.state <> 'submitted' or b.state is null or b.state = 'rejected' then c.state
     when b.state = 'approved' then 'approved' else 'in_review' end`;

/** $1 contract, $2 period, $3 state, $4 flagged, $5 claim file, $6 session, $7 ids, $8 after, $9 how many. */
const STANDINGS = `
select c.id, c.commissioner_id as "commissionerId", o.name as "commissionerName", c.provider_id as "providerId",
       p.name as "providerName", c.contract_id as "contractId", k.code as "contractCode", c.service_id as "serviceId",
       s.name as "serviceName", c.fact_kind as "factKind", c.referral_id as "referralId", r.reference,
       r.person_erased_at is not null as "personErased", c.session_id as "sessionId", c.served_on as "servedOn",
       c.for_period as "forPeriod", c.state as "claimState",
       b.state as "batchState", c.batch_id as "batchId", b.code as "batchCode",
       coalesce(c.price_minor, c.provisional_minor) as "priceMinor", c.price_minor is not null as "isFinal",
       c.indicative_minor as "indicativeMinor", c.pricing -> 'flags' as flags, c.your_reference as "yourReference",
       c.claim_file_id as "claimFileId", q.id as "openQueryId", c.submitted_at as "submittedAt"
from claim c
join organisation o on o.id = c.commissioner_id
join organisation p on p.id = c.provider_id
join contract k on k.commissioner_id = c.commissioner_id and k.id = c.contract_id
join service s on s.commissioner_id = c.commissioner_id and s.id = c.service_id
left join referral r on r.commissioner_id = c.commissioner_id and r.id = c.referral_id
left join batch b on b.commissioner_id = c.commissioner_id and b.id = c.batch_id
left join claim_query q on q.commissioner_id = c.commissioner_id and q.claim_id = c.id
  and q.answered_at is null and q.closed_at is null
where ($1::uuid is null or c.contract_id = $1) and ($2::date is null or c.for_period = $2)
  and ($3::text is null or ${LINE_STATE} = $3)
  and ($4::boolean is null or (cardinality(c.flags) > 0) = $4)
  and ($5::uuid is null or c.claim_file_id = $5) and ($6::uuid is null or c.session_id = $6)
  and ($7::uuid[] is null or c.id = any ($7)) and ($8::uuid is null or c.id < $8)
order by c.id desc limit $9`;

/** The latest first. */
export async function findStandings(
  reader: Reader,
  { contractId, period, state, flagged, claimFileId, sessionId, ids, after }: StandingFilter,
  most: number,
): Promise<ClaimStanding[]> {
  const filter = [contractId, period, state, flagged, claimFileId, sessionId, ids, after];
  const rows = await reader.query<Row>(STANDINGS, [...filter.map((value) => value ?? null), most]);
  return rows.map(({ claimState, batchState, ...row }) => ({ ...row, state: lineState(claimState, batchState) }));
}
