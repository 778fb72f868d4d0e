import { assert } from '../platform/errors.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { CursorQuery } from '../platform/read-ahead.js';
import type { AccountKind } from '../ledger/index.js';
import type { BookedSize } from '../sealing/index.js';
import type { UnpaidInvoice } from './statement.document.js';
import { STATEMENT_ACCOUNTS, type CrossingTransfer, type DayOfLines, type DayRange } from './statement-lines.rules.js';

/** Whose accounts: of one provider, of one contract, or all of the commissioner. */
export interface StatementScope {
  readonly commissionerId: string;
  readonly providerId: string | null;
  readonly contractId: string | null;
}

/** What is fixed before the first line is written: everything after counts only what this snapshot saw. */
export interface PinnedScope extends StatementScope {
  readonly accountIds: readonly string[];
  /** Text of a `pg_snapshot`. */
  readonly bookedIn: string;
  /** Of the checkpoint whose snapshot that is; null when nothing was sealed yet. */
  readonly bookedSize: number | null;
}

export interface ContractRow {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly providerId: string;
  readonly providerCode: string;
  readonly providerName: string;
}

/** In minor units, each on the account's normal side. */
export type KindBalances = Readonly<Partial<Record<AccountKind, bigint>>>;

export interface AccountOfLine {
  readonly kind: AccountKind;
  readonly contractId: string | null;
}

/** A transfer as it is read: its accounts by their ids. */
export interface TransferRow extends Omit<CrossingTransfer, 'contractId' | 'insideKind' | 'outsideKind'> {
  readonly insideId: string;
  readonly outsideId: string;
}

export type StatementAccounts = ReadonlyMap<string, AccountOfLine>;

const CONTRACTS = `
select c.id, c.code, c.title, c.provider_id as "providerId", o.code as "providerCode", o.name as "providerName"
from contract c join organisation o on o.id = c.provider_id
where c.commissioner_id = $1 and ($2::uuid is null or c.provider_id = $2) and ($3::uuid is null or c.id = $3)
order by c.code`;

const PIN = `
select coalesce($5::pg_snapshot, pg_current_snapshot())::text as "bookedIn",
       array(select a.id from ledger.account a
             where a.commissioner_id = $1 and a.kind = any ($4) and ($2::uuid is null or a.provider_id = $2)
               and ($3::uuid is null or a.contract_id = $3)) as "accountIds"`;

/** By kind, at the end of day $5 and at the end of day $6, in one reading of the transfers for each side. $4 kinds, $7 snapshot. */
const BALANCES = `
with mine as materialized (
  select a.id, a.kind, a.normal from ledger.account a
  where a.commissioner_id = $1 and a.kind = any ($4) and ($2::uuid is null or a.provider_id = $2)
    and ($3::uuid is null or a.contract_id = $3)),
side as (
  select t.debit_account_id as account_id, sum(t.amount_minor) filter (where t.effective_on <= $5) as opening,
         sum(t.amount_minor) as closing
  from ledger.transfer t
  where t.commissioner_id = $1 and t.debit_account_id = any (array(select id from mine)) and t.effective_on <= $6
    and pg_visible_in_snapshot(t.xid, $7::pg_snapshot)
  group by 1
  union all
  select t.credit_account_id, -sum(t.amount_minor) filter (where t.effective_on <= $5), -sum(t.amount_minor)
  from ledger.transfer t
  where t.commissioner_id = $1 and t.credit_account_id = any (array(select id from mine)) and t.effective_on <= $6
    and pg_visible_in_snapshot(t.xid, $7::pg_snapshot)
  group by 1)
select mine.kind,
       coalesce(sum(case mine.normal when 'D' then side.opening else -side.opening end), 0)::bigint as opening,
       sum(case mine.normal when 'D' then side.closing else -side.closing end)::bigint as closing
from side join mine on mine.id = side.account_id
group by mine.kind`;

/**
 * Transfers with one side among the accounts $2, on the days $3 to $4, booked in $5. Two branches of one index condition
 * each: a line between two of the accounts moves nothing that a statement shows.
 */
const CROSSING = `
crossing as (
  select t.id, t.event_id, t.effective_on, t.amount_minor as effect, t.credit_account_id as inside_id,
         t.debit_account_id as outside_id, t.reverses_id
  from ledger.transfer t
  where t.commissioner_id = $1 and t.credit_account_id = any ($2::uuid[]) and t.debit_account_id <> all ($2::uuid[])
    and t.effective_on between $3 and $4 and pg_visible_in_snapshot(t.xid, $5::pg_snapshot)
  union all
  select t.id, t.event_id, t.effective_on, -t.amount_minor, t.debit_account_id, t.credit_account_id, t.reverses_id
  from ledger.transfer t
  where t.commissioner_id = $1 and t.debit_account_id = any ($2::uuid[]) and t.credit_account_id <> all ($2::uuid[])
    and t.effective_on between $3 and $4 and pg_visible_in_snapshot(t.xid, $5::pg_snapshot))`;

const DAYS = `
with ${CROSSING}
select effective_on as day, count(*)::int as count, sum(effect)::bigint as effect from crossing group by 1 order by 1`;

/**
 * Transfers in the order of a statement, after the first $6 of them. Events and documents are looked up for all lines at
 * once: PostgreSQL goes through an index once for a list of ids, and from its root for each row of a join.
 */
const TRANSFERS = `
with ${CROSSING},
line as materialized (select * from crossing),
fact as materialized (
  select e.id, e.seq, e.subject_id from ledger.event e
  where e.commissioner_id = $1 and e.id = any (array(select event_id from line))),
charge as materialized (
  select i.id, i.number, i.kind = 'grant_notice' as is_grant from invoice i
  where i.commissioner_id = $1 and i.id = any (array(select subject_id from fact))),
payment as materialized (
  select p.id, p.reference from payout p
  where p.commissioner_id = $1 and p.id = any (array(select subject_id from fact)))
select line.effective_on as "effectiveOn", line.event_id as "eventId", line.inside_id as "insideId",
       line.outside_id as "outsideId", line.effect as "effectMinor", line.reverses_id is not null as "isReversal",
       case when coalesce(charge.number, payment.reference) is null then fact.subject_id end as "subjectId",
       coalesce(charge.is_grant, false) as "isGrant", charge.number, payment.reference as "paymentReference"
from line join fact on fact.id = line.event_id
left join charge on charge.id = fact.subject_id
left join payment on payment.id = fact.subject_id
order by line.effective_on, fact.seq, line.id
offset $6::bigint`;

/** So many lines are put in order, and so many invoices are told apart, in memory. */
const WORK_MEMORY = '16MB';

/**
 * Nobody knows beforehand how many of the ids are there, and going through all documents for each line is what a guess too
 * low would cost.
 */
const PLANNER = { enable_nestloop: 'off', work_mem: WORK_MEMORY };

/**
 * The accounts that a transfer of the scope can touch. A provider does not see those that all providers share, but their
 * ids follow from what they are; and what one contract owes may move to another of the same provider.
 */
const ACCOUNTS = `
select a.id, a.kind, a.contract_id as "contractId" from ledger.account a
where a.commissioner_id = $1 and a.keyed and ($2::uuid is null or a.provider_id = $2)
union all
select ledger.account_id($1, null, null, 'GBP', kind), kind, null from ledger.chart where not keyed`;

/**
 * What was unpaid of the invoices, and not taken back for advances, by the day on which they are due, at the end of day $4.
 * An invoice is there from the day on which it was added to what is owed. A payout counts as paid when, by that day, more of
 * it had reached the bank than had come back.
 */
const UNPAID = `
with arrived as (
  select e.subject_id as payout_id
  from (
    select event_id, amount_minor as minor from ledger.transfer t
    where t.commissioner_id = $1 and t.debit_account_id = any ($6::uuid[]) and t.effective_on <= $4
      and pg_visible_in_snapshot(t.xid, $5::pg_snapshot)
    union all
    select event_id, -amount_minor from ledger.transfer t
    where t.commissioner_id = $1 and t.credit_account_id = any ($6::uuid[]) and t.effective_on <= $4
      and pg_visible_in_snapshot(t.xid, $5::pg_snapshot)) t
  join ledger.event e on e.commissioner_id = $1 and e.id = t.event_id
  group by e.subject_id having sum(t.minor) > 0),
settled as (
  select s.invoice_id, sum(s.amount_minor) as minor
  from (
    select pi.invoice_id, pi.amount_minor
    from arrived join payout_item pi on pi.commissioner_id = $1 and pi.payout_id = arrived.payout_id
    union all
    select r.invoice_id, r.amount_minor from advance_recovery r
    where r.commissioner_id = $1 and ($2::uuid is null or r.provider_id = $2)
      and ($3::uuid is null or r.contract_id = $3) and exists (
        select from ledger.transfer t where t.commissioner_id = $1 and t.event_id = r.event_id and t.effective_on <= $4
          and pg_visible_in_snapshot(t.xid, $5::pg_snapshot))) s
  group by s.invoice_id)
select coalesce(i.due_on, i.issued_on) as "dueOn", sum(i.gross_minor - coalesce(s.minor, 0))::bigint as "openMinor"
from invoice i left join settled s on s.invoice_id = i.id
where i.commissioner_id = $1 and i.state = 'issued' and exists (
    select from ledger.transfer t where t.commissioner_id = $1 and t.event_id = i.event_id
      and t.credit_account_id = any ($6::uuid[]) and t.effective_on <= $4
      and pg_visible_in_snapshot(t.xid, $5::pg_snapshot))
  and ($2::uuid is null or i.provider_id = $2) and ($3::uuid is null or i.contract_id = $3)
group by 1 order by 1`;

/** As claims stand now; a batch counts as approved from the day of its approval on. $4 first day, $5 last day. */
const CLAIMED = `
select coalesce(sum(coalesce(c.price_minor, c.provisional_minor)) filter (where not coalesce(b.state = 'approved'
         and (b.decided_at at time zone 'Europe/London')::date <= $5, false)
         and (c.submitted_at at time zone 'Europe/London')::date <= $5), 0)::bigint as "claimedNotApprovedMinor",
       coalesce(sum(c.indicative_minor) filter (where c.served_on between $4 and $5), 0)::bigint as "recognisedMinor"
from claim c left join batch b on b.commissioner_id = c.commissioner_id and b.id = c.batch_id
where c.commissioner_id = $1 and ($2::uuid is null or c.provider_id = $2) and ($3::uuid is null or c.contract_id = $3)
  and c.state not in ('rejected', 'withdrawn')`;

const scopeOf = ({ commissionerId, providerId, contractId }: StatementScope) => [
  commissionerId,
  providerId,
  contractId,
];

export function readContracts(reader: Reader, scope: StatementScope): Promise<ContractRow[]> {
  return reader.query<ContractRow>(CONTRACTS, scopeOf(scope));
}

/** Pins a statement to what a checkpoint has booked; to what is booked now, when there is none. */
export async function pin(reader: Reader, scope: StatementScope, booked: BookedSize | null): Promise<PinnedScope> {
  const [row] = await reader.query<Pick<PinnedScope, 'accountIds' | 'bookedIn'>>(PIN, [
    ...scopeOf(scope),
    STATEMENT_ACCOUNTS,
    booked?.snapshot ?? null,
  ]);
  assert(row, 'a snapshot is always there');
  return { ...scope, ...row, bookedSize: booked?.size ?? null };
}

/** At the end of the day before the period, and of its last day. */
export async function readBalances(
  reader: Reader,
  scope: PinnedScope,
  kinds: readonly AccountKind[],
  { before, to }: { readonly before: IsoDate; readonly to: IsoDate },
): Promise<{ opening: KindBalances; closing: KindBalances }> {
  const rows = await reader.query<{ kind: AccountKind; opening: bigint; closing: bigint }>(BALANCES, [
    ...scopeOf(scope),
    kinds,
    before,
    to,
    scope.bookedIn,
  ]);
  return {
    opening: Object.fromEntries(rows.map(({ kind, opening }) => [kind, opening])),
    closing: Object.fromEntries(rows.map(({ kind, closing }) => [kind, closing])),
  };
}

const crossingOf = ({ commissionerId, accountIds, bookedIn }: PinnedScope, { from, to }: DayRange) => [
  commissionerId,
  accountIds,
  from,
  to,
  bookedIn,
];

/** Each day that has lines, with what they come to. */
export function readDays(
  reader: Reader,
  scope: PinnedScope,
  period: DayRange,
): Promise<(DayOfLines & { effect: bigint })[]> {
  return reader.query(DAYS, crossingOf(scope, period));
}

/** The accounts on either side of a line, by their ids. */
export async function readAccounts(reader: Reader, scope: StatementScope): Promise<StatementAccounts> {
  const rows = await reader.query<{ id: string } & AccountOfLine>(ACCOUNTS, [scope.commissionerId, scope.providerId]);
  return new Map(rows.map(({ id, kind, contractId }) => [id, { kind, contractId }]));
}

/** What reads the lines of some days, in their order, after so many of them: what is pinned is the same each time. */
export function transfersAfter(scope: PinnedScope, days: DayRange, count: number): Omit<CursorQuery, 'pageMax'> {
  return { sql: TRANSFERS, parameters: [...crossingOf(scope, days), count], planner: PLANNER };
}

export async function readUnpaid(reader: Reader, scope: PinnedScope, day: IsoDate): Promise<UnpaidInvoice[]> {
  // Workers would put all invoices in order for one another, and be four times as long.
  await reader.query(
    "select set_config('work_mem', $1, true), set_config('max_parallel_workers_per_gather', '0', true)",
    [WORK_MEMORY],
  );
  return reader.query(UNPAID, [...scopeOf(scope), day, scope.bookedIn, scope.accountIds]);
}

export async function readClaimed(
  reader: Reader,
  scope: StatementScope,
  { from, to }: DayRange,
): Promise<{ claimedNotApprovedMinor: bigint; recognisedMinor: bigint }> {
  const [row] = await reader.query<{ claimedNotApprovedMinor: bigint; recognisedMinor: bigint }>(CLAIMED, [
    ...scopeOf(scope),
    from,
    to,
  ]);
  assert(row, 'a sum is always there');
  return row;
}
