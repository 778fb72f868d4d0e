import { CHART } from './accounts.js';

/** A sentence that must be true, and the statement that finds what makes it false: one row for each violation. */
export interface Invariant {
  readonly sentence: string;
  /** Covers every commissioner that the reader sees, and says `commissioner_id` in each row. */
  readonly sql: string;
}

export interface Finding {
  readonly sentence: string;
  readonly violations: readonly Record<string, unknown>[];
}

/** Runs a statement and gives its rows: a Reader's `query`, or a plain client in a test or an audit. */
export type InvariantQuery = (sql: string) => Promise<Record<string, unknown>[]>;

const registered: Invariant[] = [];

/** Adds a sentence of a higher module. A sentence that is known already is replaced. */
export function registerInvariant(invariant: Invariant): void {
  const known = registered.findIndex(({ sentence }) => sentence === invariant.sentence);
  registered.splice(known === -1 ? registered.length : known, 1, invariant);
}

/** Checks every sentence, or those given, one after the other. All is well when no finding has a violation. */
export async function checkInvariants(
  query: InvariantQuery,
  invariants: readonly Invariant[] = [...LEDGER_INVARIANTS, ...registered],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { sentence, sql } of invariants) findings.push({ sentence, violations: await query(sql) });
  return findings;
}

const SIGNED = `case normal when 'D' then debits_minor - credits_minor else credits_minor - debits_minor end`;

/** Each account with what its transfers add up to, counted from the transfers alone. */
const SUMS = `
sums as (
  select a.commissioner_id, a.id, a.code, a.book, a.kind, a.normal, a.strict, a.contract_id, a.currency,
         coalesce(d.minor, 0) as debits, coalesce(c.minor, 0) as credits
  from ledger.account a
  left join (select commissioner_id, debit_account_id as id, sum(amount_minor) as minor from ledger.transfer group by 1, 2) d
    using (commissioner_id, id)
  left join (select commissioner_id, credit_account_id as id, sum(amount_minor) as minor from ledger.transfer group by 1, 2) c
    using (commissioner_id, id))`;

/** What a transfer's leaf is over, as its column is generated: what the column says is not taken for it. */
const LEAF = `sha256(uuid_send(id) || uuid_send(debit_account_id) || uuid_send(credit_account_id) || int8send(amount_minor)
  || int4send(effective_on - date '2000-01-01') || uuid_send(coalesce(claim_id, '00000000-0000-0000-0000-000000000000'))
  || uuid_send(coalesce(reverses_id, '00000000-0000-0000-0000-000000000000')))`;

/** The chart of accounts as the program has it. */
const CHART_ROWS = Object.entries(CHART)
  .map(([kind, { book, normal, strict, keyed }]) => `('${kind}', '${book}', '${normal}'::"char", ${strict}, ${keyed})`)
  .join(', ');

/** As the body spells an instant. */
const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The ledger's own, in the order in which they are read: what was stored is whole, then what it adds up to. */
export const LEDGER_INVARIANTS: readonly Invariant[] = [
  {
    sentence: 'Every column of an event is what its hashed body says.',
    sql: `
with spelled as (
  select e.*, b.said from ledger.event e
  cross join lateral (select convert_from(e.body, 'UTF8')::jsonb as said offset 0) b)
select commissioner_id, id, type from spelled
where (commissioner_id::text, id::text, type, subject_id::text, actor_org_id::text, provider_id::text, referrer_id::text,
       cause_id::text, ${instant('occurred_at')}, ${instant('recorded_at')})
  is distinct from (said->>'commissionerId', said->>'id', said->>'type', said->>'subjectId', said->'actor'->>'orgId',
       said->>'providerId', said->>'referrerId', said->>'causeId', said->>'occurredAt', said->>'recordedAt')
  or leaf_hash is distinct from sha256('\\x00'::bytea || body)`,
  },
  {
    sentence: 'An event stands after the event that caused it.',
    sql: `
select e.commissioner_id, e.id, e.type, e.cause_id from ledger.event e
left join ledger.event cause on cause.commissioner_id = e.commissioner_id and cause.id = e.cause_id
where e.cause_id is not null and (cause.seq is null or cause.seq >= e.seq)`,
  },
  {
    sentence: 'The transfers of an event are those that its hashed body binds: their number, their sum, their hash.',
    sql: `
with said as (
  select commissioner_id, id as event_id, convert_from(body, 'UTF8')::jsonb->'transfers' as digest from ledger.event),
moved as (
  select commissioner_id, event_id, jsonb_build_object('count', count(*), 'totalMinor', sum(amount_minor)::text,
         'sha256', encode(sha256(string_agg(${LEAF}, ''::bytea order by id)), 'hex')) as digest,
         bool_and(leaf is not distinct from ${LEAF}) as is_whole
  from ledger.transfer group by 1, 2)
select commissioner_id, event_id, said.digest as said, moved.digest as moved
from said full join moved using (commissioner_id, event_id)
where said.digest is distinct from moved.digest or not is_whole`,
  },
  {
    sentence: 'An event and its transfers were written by one transaction.',
    sql: `
select t.commissioner_id, t.id, t.event_id from ledger.transfer t
join ledger.event e on e.commissioner_id = t.commissioner_id and e.id = t.event_id where t.xid is distinct from e.xid`,
  },
  {
    sentence: 'A reversal moves back exactly what one transfer moved, and nothing reverses a reversal.',
    sql: `
select t.commissioner_id, t.id, t.reverses_id from ledger.transfer t
left join ledger.transfer r on r.commissioner_id = t.commissioner_id and r.id = t.reverses_id
where t.reverses_id is not null and (r.reverses_id is not null or
  (r.debit_account_id, r.credit_account_id, r.amount_minor, r.claim_id)
    is distinct from (t.credit_account_id, t.debit_account_id, t.amount_minor, t.claim_id))`,
  },
  {
    sentence: 'A transfer concerns the provider of its accounts, and never two.',
    sql: `
select t.commissioner_id, t.id, t.provider_id from ledger.transfer t
join ledger.account d on d.commissioner_id = t.commissioner_id and d.id = t.debit_account_id
join ledger.account c on c.commissioner_id = t.commissioner_id and c.id = t.credit_account_id
where d.provider_id <> c.provider_id or t.provider_id is distinct from coalesce(d.provider_id, c.provider_id)`,
  },
  {
    sentence: 'Every account is of the chart, and was opened by a transfer.',
    sql: `
with chart (kind, book, normal, strict, keyed) as (values ${CHART_ROWS})
select a.commissioner_id, a.id, a.code, a.kind from ledger.account a
left join chart c using (kind, book, normal, strict, keyed)
where c.kind is null or a.currency is distinct from 'GBP'
  or a.id is distinct from ledger.account_id(a.commissioner_id, a.provider_id, a.contract_id, a.currency::text, a.kind)
  or a.code is distinct from a.kind || coalesce(':' || a.provider_id || ':' || a.contract_id, '') or not exists (
  select from ledger.transfer t
  where t.commissioner_id = a.commissioner_id and a.id in (t.debit_account_id, t.credit_account_id))
union all
select app.org(), null, c.kind, c.kind from ledger.chart c full join chart p using (kind, book, normal, strict, keyed)
where c.kind is null or p.kind is null`,
  },
  {
    sentence: 'A transfer joins two accounts of its own book and currency.',
    sql: `
select t.commissioner_id, t.id, t.event_id from ledger.transfer t
left join ledger.account d on d.commissioner_id = t.commissioner_id and d.id = t.debit_account_id
left join ledger.account c on c.commissioner_id = t.commissioner_id and c.id = t.credit_account_id
where (t.book, t.currency, t.book, t.currency) is distinct from (d.book, d.currency, c.book, c.currency)`,
  },
  {
    sentence: 'Every strict account has a balance row of its own provider, and no other account has one.',
    sql: `
select c.commissioner_id, coalesce(a.id, b.account_id) as account_id, a.code from ledger.account a
full join ledger.balance b on b.commissioner_id = a.commissioner_id and b.account_id = a.id
cross join lateral (select coalesce(a.commissioner_id, b.commissioner_id)) c (commissioner_id)
where a.strict is distinct from (b.account_id is not null)
   or (b.account_id is not null and (a.normal, a.provider_id, true) is distinct from (b.normal, b.provider_id, b.strict))`,
  },
  {
    sentence: 'Every strict balance is the sum of its transfers.',
    sql: `
with ${SUMS}
select s.commissioner_id, s.code, b.debits_minor, b.credits_minor, s.debits, s.credits from sums s
join ledger.balance b on b.commissioner_id = s.commissioner_id and b.account_id = s.id
where (b.debits_minor, b.credits_minor) is distinct from (s.debits, s.credits)`,
  },
  {
    sentence:
      'No strict balance is below zero, but where a fact took it there; that fact is named for as long as it is.',
    sql: `
select commissioner_id, account_id, debits_minor, credits_minor, breached_by from ledger.balance b
where (${SIGNED} < 0) is distinct from (breached_by is not null)
   or (breached_by is not null and not exists (
     select from ledger.transfer t where t.commissioner_id = b.commissioner_id and t.event_id = b.breached_by
       and b.account_id = case b.normal when 'D' then t.credit_account_id else t.debit_account_id end))`,
  },
  {
    sentence: 'In each book the balances of all accounts, debit less credit, come to nothing.',
    sql: `
with ${SUMS}
select s.commissioner_id, s.book, s.currency,
       sum(coalesce(b.debits_minor - b.credits_minor, s.debits - s.credits)) as off_by
from sums s left join ledger.balance b on b.commissioner_id = s.commissioner_id and b.account_id = s.id
group by 1, 2, 3 having sum(coalesce(b.debits_minor - b.credits_minor, s.debits - s.credits)) <> 0`,
  },
  {
    sentence: 'What a contract authorises is what is left of its budget, committed and spent, together.',
    sql: `
with ${SUMS}
select s.commissioner_id, s.contract_id,
       sum(s.debits - s.credits) filter (where s.kind = 'authorised') as authorised,
       sum(b.credits_minor - b.debits_minor) as budget_committed_spent
from sums s left join ledger.balance b on b.commissioner_id = s.commissioner_id and b.account_id = s.id
where s.book = 'budget' group by 1, 2
having coalesce(sum(s.debits - s.credits) filter (where s.kind = 'authorised'), 0)
  <> coalesce(sum(b.credits_minor - b.debits_minor), 0)`,
  },
];
