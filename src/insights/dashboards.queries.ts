import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { ClaimedMoney, Flow } from './dashboard.rules.js';

/** Which of what the reader sees: of one provider, of one contract, or all; and the days, both included. */
export interface Selection {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly providerId: string | null;
  readonly contractId: string | null;
}

const valuesOf = ({ from, to, providerId, contractId }: Selection) => [from, to, providerId, contractId];

const SELECTED = '($3::uuid is null or provider_id = $3) and ($4::uuid is null or contract_id = $4)';

/**
 * Both sides of each transfer of the accounts of a stage, added up by what is on the other side. A provider does not see the
 * accounts that all share, and need not: only what is owed is told apart.
 */
const FLOWS = `
with own as (
  select commissioner_id, id, kind from ledger.account
  where kind in ('committed', 'accrued', 'owed', 'in_transit') and ${SELECTED}),
moved as (
  select own.kind, 'in' as direction, t.debit_account_id as other_id, t.amount_minor as minor, t.effective_on
  from own join ledger.transfer t on t.commissioner_id = own.commissioner_id and t.credit_account_id = own.id
  where t.effective_on <= $2
  union all
  select own.kind, 'out', t.credit_account_id, t.amount_minor, t.effective_on
  from own join ledger.transfer t on t.commissioner_id = own.commissioner_id and t.debit_account_id = own.id
  where t.effective_on <= $2)
select m.kind, m.direction, o.kind is not null as "withOwed",
       coalesce(sum(m.minor) filter (where m.effective_on < $1), 0)::bigint as "beforeMinor",
       coalesce(sum(m.minor) filter (where m.effective_on >= $1), 0)::bigint as "withinMinor"
from moved m left join own o on o.id = m.other_id and o.kind = 'owed'
group by 1, 2, 3`;

export function readFlows(reader: Reader, selection: Selection): Promise<Flow[]> {
  return reader.query<Flow>(FLOWS, valuesOf(selection));
}

/** As claims stand now. */
const CLAIMED = `
select coalesce(sum(coalesce(price_minor, provisional_minor))
         filter (where (submitted_at at time zone 'Europe/London')::date >= $1), 0)::bigint as "submittedMinor",
       coalesce(sum(provisional_minor) filter (where batch_id is null), 0)::bigint as "waitingMinor"
from claim
where state in ('submitted', 'queried') and (submitted_at at time zone 'Europe/London')::date <= $2 and ${SELECTED}`;

export async function readClaimed(reader: Reader, selection: Selection): Promise<ClaimedMoney> {
  const [row] = await reader.query<ClaimedMoney>(CLAIMED, valuesOf(selection));
  assert(row, 'a sum is always there');
  return row;
}

/** How long it took from a session to the money for it, of one month of service. */
export interface DaysToPaid {
  /** The first day of the month. */
  readonly month: IsoDate;
  /** Claims for sessions that cost something. */
  readonly claimCount: number;
  readonly paidCount: number;
  /** Days from the session until half of those that are paid were; null while none is. */
  readonly medianDays: number | null;
  /** Until nine in ten of them were. */
  readonly p90Days: number | null;
}

/**
 * A claim is paid when every document of its batch is: on the day on which the last of them reached the bank, or was taken
 * back whole for advances. The median and
 * the ninetieth percentile are of days that occurred.
 */
const DAYS_TO_PAID = `
with paid as materialized (
  select i.commissioner_id, i.batch_id,
         max(coalesce(p.outside_paid_on, (coalesce(p.settled_at, r.last_at) at time zone 'Europe/London')::date)) as paid_on
  from invoice i
  left join payout_item pi on pi.commissioner_id = i.commissioner_id and pi.invoice_id = i.id and pi.live
  left join payout p on p.commissioner_id = pi.commissioner_id and p.id = pi.payout_id and p.state = 'paid'
  left join lateral (select sum(r.amount_minor) as minor, max(r.recovered_at) as last_at from advance_recovery r
                     where r.commissioner_id = i.commissioner_id and r.invoice_id = i.id) r on true
  where i.gross_minor > 0
  group by 1, 2 having bool_and(p.id is not null or r.minor = i.gross_minor))
select c.for_period as month, count(*)::int as "claimCount", count(paid.paid_on)::int as "paidCount",
       percentile_disc(0.5) within group (order by paid.paid_on - c.served_on) as "medianDays",
       percentile_disc(0.9) within group (order by paid.paid_on - c.served_on) as "p90Days"
from claim c left join paid on paid.commissioner_id = c.commissioner_id and paid.batch_id = c.batch_id
where c.session_id is not null and c.state in ('submitted', 'queried')
  and coalesce(c.price_minor, c.provisional_minor) > 0
  and c.for_period between date_trunc('month', $1::date) and $2
  and ($3::uuid is null or c.provider_id = $3) and ($4::uuid is null or c.contract_id = $4)
group by 1 order by 1`;

export function readDaysToPaid(reader: Reader, selection: Selection): Promise<DaysToPaid[]> {
  return reader.query<DaysToPaid>(DAYS_TO_PAID, valuesOf(selection));
}

export interface BudgetAccounts {
  readonly contractId: string;
  readonly authorisedMinor: bigint;
  readonly leftMinor: bigint;
  readonly committedMinor: bigint;
  readonly spentMinor: bigint;
}

/** At the end of a day, or with null as they are now, which is what limits decisions. $1 day, $2 provider, $3 contract. */
const BUDGETS = `
select a.contract_id as "contractId",
       coalesce(sum(m.minor) filter (where a.kind = 'authorised'), 0)::bigint as "authorisedMinor",
       coalesce(sum(m.minor) filter (where a.kind = 'budget'), 0)::bigint as "leftMinor",
       coalesce(sum(m.minor) filter (where a.kind = 'committed'), 0)::bigint as "committedMinor",
       coalesce(sum(m.minor) filter (where a.kind = 'spent'), 0)::bigint as "spentMinor"
from ledger.account a, lateral (select ledger.balance_minor(a, $1::date, null) as minor) m
where a.book = 'budget' and ($2::uuid is null or a.provider_id = $2) and ($3::uuid is null or a.contract_id = $3)
group by 1`;

export function readBudgetsAt(
  reader: Reader,
  day: IsoDate | null,
  { providerId, contractId }: Selection,
): Promise<BudgetAccounts[]> {
  return reader.query<BudgetAccounts>(BUDGETS, [day, providerId, contractId]);
}

export interface SpentInMonth {
  readonly contractId: string;
  readonly month: IsoDate;
  readonly minor: bigint;
}

/** $1 last day, $2 provider, $3 contract. */
const SPENT = `
with own as (
  select commissioner_id, id, contract_id from ledger.account
  where kind = 'spent' and ($2::uuid is null or provider_id = $2) and ($3::uuid is null or contract_id = $3)),
moved as (
  select own.contract_id, t.effective_on, t.amount_minor as minor
  from own join ledger.transfer t on t.commissioner_id = own.commissioner_id and t.credit_account_id = own.id
  union all
  select own.contract_id, t.effective_on, -t.amount_minor
  from own join ledger.transfer t on t.commissioner_id = own.commissioner_id and t.debit_account_id = own.id)
select contract_id as "contractId", date_trunc('month', effective_on)::date as month, sum(minor)::bigint as minor
from moved where effective_on <= $1 group by 1, 2 order by 1, 2`;

export function readSpent(reader: Reader, { to, providerId, contractId }: Selection): Promise<SpentInMonth[]> {
  return reader.query<SpentInMonth>(SPENT, [to, providerId, contractId]);
}
