import type { Reader } from '../platform/database.js';
import type { Selection } from './dashboards.queries.js';

/** What became of referrals that were made on some days. Each figure counts among those made. */
export interface ReferralOutcomes {
  readonly madeCount: number;
  readonly acceptedCount: number;
  readonly declinedCount: number;
  /** With somebody who came at least once. */
  readonly attendedCount: number;
  /** Closed as completed. */
  readonly completedCount: number;
  /** Different people among them. */
  readonly peopleCount: number;
}

export interface OutcomesOfParty extends ReferralOutcomes {
  /** Null where no referring organisation made them: they are the commissioner's or the provider's own. */
  readonly organisationId: string | null;
  readonly code: string | null;
  readonly name: string | null;
}

export interface ReferralFigures {
  readonly total: ReferralOutcomes;
  /** By name. */
  readonly byProvider: readonly OutcomesOfParty[];
  /** By name, those without a referring organisation last. */
  readonly byReferrer: readonly OutcomesOfParty[];
}

/** Once for all, for each provider and for each referrer. $1 first and $2 last day, $3 provider, $4 contract. */
const OUTCOMES = `
with made as (
  select r.provider_id, r.referrer_id, r.person_id, r.state, r.accepted_on, r.close_reason,
         exists (select from attendance a where a.commissioner_id = r.commissioner_id and a.referral_id = r.id
                   and a.outcome = 'attended') as attended
  from referral r
  where r.made_on between $1 and $2 and ($3::uuid is null or r.provider_id = $3)
    and ($4::uuid is null or r.contract_id = $4)),
counted as (
  select case when grouping(provider_id) = 0 then 'provider' when grouping(referrer_id) = 0 then 'referrer' else 'all' end
           as by,
         coalesce(provider_id, referrer_id) as organisation_id,
         count(*)::int as made, (count(*) filter (where accepted_on is not null))::int as accepted,
         (count(*) filter (where state = 'declined'))::int as declined,
         (count(*) filter (where attended))::int as attended,
         (count(*) filter (where state = 'closed' and close_reason = 'completed'))::int as completed,
         count(distinct person_id)::int as people
  from made group by grouping sets ((), (provider_id), (referrer_id)))
select c.by, c.organisation_id as "organisationId", o.code, o.name, c.made as "madeCount", c.accepted as "acceptedCount",
       c.declined as "declinedCount", c.attended as "attendedCount", c.completed as "completedCount",
       c.people as "peopleCount"
from counted c left join organisation o on o.id = c.organisation_id
order by o.name nulls last, c.organisation_id`;

const NONE: ReferralOutcomes = {
  madeCount: 0,
  acceptedCount: 0,
  declinedCount: 0,
  attendedCount: 0,
  completedCount: 0,
  peopleCount: 0,
};

export async function readReferralFigures(
  reader: Reader,
  { from, to, providerId, contractId }: Selection,
): Promise<ReferralFigures> {
  type Row = OutcomesOfParty & { readonly by: 'all' | 'provider' | 'referrer' };
  const rows = await reader.query<Row>(OUTCOMES, [from, to, providerId, contractId]);
  const by = (wanted: Row['by']) => rows.filter((row) => row.by === wanted).map(({ by: _by, ...figures }) => figures);
  const [all] = by('all');
  const {
    organisationId: _none,
    code: _code,
    name: _name,
    ...total
  } = all ?? { ...NONE, organisationId: null, code: null, name: null };
  return { total, byProvider: by('provider'), byReferrer: by('referrer') };
}

/** Work that was recognised at an indicative value and is paid nothing, of the days of service. */
export interface RecognisedActivity {
  readonly contractId: string;
  readonly claimCount: number;
  readonly indicativeMinor: bigint;
}

/** $1 first and $2 last day of service, $3 provider, $4 contract. */
const RECOGNISED = `
select contract_id as "contractId", count(*)::int as "claimCount", sum(indicative_minor)::bigint as "indicativeMinor"
from claim
where indicative_minor > 0 and state in ('submitted', 'queried') and served_on between $1 and $2
  and ($3::uuid is null or provider_id = $3) and ($4::uuid is null or contract_id = $4)
group by 1`;

export function readRecognised(
  reader: Reader,
  { from, to, providerId, contractId }: Selection,
): Promise<RecognisedActivity[]> {
  return reader.query<RecognisedActivity>(RECOGNISED, [from, to, providerId, contractId]);
}

/** What batches under review cost beyond the budget, now. $1 provider, $2 contract. */
const BEYOND_BUDGET = `
select contract_id as "contractId", sum(uncommitted_minor)::bigint as "beyondBudgetMinor"
from batch
where state = 'submitted' and uncommitted_minor > 0 and ($1::uuid is null or provider_id = $1)
  and ($2::uuid is null or contract_id = $2)
group by 1`;

export function readBeyondBudget(
  reader: Reader,
  { providerId, contractId }: Selection,
): Promise<{ readonly contractId: string; readonly beyondBudgetMinor: bigint }[]> {
  return reader.query(BEYOND_BUDGET, [providerId, contractId]);
}
