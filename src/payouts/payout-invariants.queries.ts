import type { Invariant } from '../ledger/index.js';

/** The balance of an account kind for each provider and contract, counted from the transfers. */
const balances = (kind: string, normal: 'D' | 'C') => `
select a.commissioner_id, a.provider_id, a.contract_id,
       sum(case when (t.debit_account_id = a.id) = ${normal === 'D'} then t.amount_minor else -t.amount_minor end) as minor
from ledger.account a join ledger.transfer t
  on t.commissioner_id = a.commissioner_id and a.id in (t.debit_account_id, t.credit_account_id)
where a.kind = '${kind}' group by 1, 2, 3`;

/** Whatever a payout pays. */
const ITEMS = `(
  select commissioner_id, payout_id, provider_id, contract_id, amount_minor, live, invoice_id as of_id from payout_item
  union all
  select commissioner_id, payout_id, provider_id, contract_id, amount_minor, live, advance_id from payout_advance)`;

/** What payouts in some condition are of, for each provider and contract. */
const shares = (condition: string) => `
select i.commissioner_id, i.provider_id, i.contract_id, sum(i.amount_minor) as minor
from ${ITEMS} i join payout p on p.commissioner_id = i.commissioner_id and p.id = i.payout_id
where ${condition} group by 1, 2, 3`;

const differing = (kind: string, normal: 'D' | 'C', condition: string) => `
select commissioner_id, provider_id, contract_id, coalesce(b.minor, 0) as in_the_books, coalesce(s.minor, 0) as in_payouts
from (${balances(kind, normal)}) b full join (${shares(condition)}) s using (commissioner_id, provider_id, contract_id)
where coalesce(b.minor, 0) <> coalesce(s.minor, 0)`;

/** Sentences about payouts that must be true at any moment between two transactions. */
export const PAYOUT_INVARIANTS: readonly Invariant[] = [
  {
    sentence: 'No more is in payouts that count than an invoice is for.',
    sql: `
select v.commissioner_id, v.id, v.gross_minor, sum(i.amount_minor) as in_payouts
from (select commissioner_id, invoice_id, amount_minor from payout_item where live
      union all select commissioner_id, invoice_id, amount_minor from advance_recovery) i
join invoice v on v.commissioner_id = i.commissioner_id and v.id = i.invoice_id
group by 1, 2, 3 having sum(i.amount_minor) > v.gross_minor`,
  },
  {
    sentence: 'A payout is of exactly its items.',
    sql: `
select p.commissioner_id, p.id, p.amount_minor, coalesce(sum(i.amount_minor), 0) as items
from payout p left join ${ITEMS} i on i.commissioner_id = p.commissioner_id and i.payout_id = p.id
group by 1, 2, 3 having p.amount_minor <> coalesce(sum(i.amount_minor), 0)`,
  },
  {
    sentence: 'The items of a payout count, unless it never left or came back.',
    sql: `
select p.commissioner_id, p.id, p.state, i.of_id, i.live from payout p
join ${ITEMS} i on i.commissioner_id = p.commissioner_id and i.payout_id = p.id
where i.live is distinct from (p.state not in ('cancelled', 'returned'))`,
  },
  {
    sentence: 'What is in transit is what payouts under way are of; nothing is left of those that have ended.',
    sql: differing('in_transit', 'C', `p.state in ('requested', 'unknown', 'sent', 'failed')`),
  },
  {
    sentence: 'What is on the rail is what was sent, and is neither paid nor returned.',
    sql: differing('rail', 'D', `p.state in ('sent', 'failed') or (p.state = 'unknown' and p.transfer_id is not null)`),
  },
  {
    sentence: 'What is reserved is what payouts on the platform are of that the platform has not taken.',
    sql: `
select commissioner_id, coalesce(b.minor, 0) as in_the_books, coalesce(p.minor, 0) as in_payouts
from (
  select a.commissioner_id, sum(case when t.debit_account_id = a.id then t.amount_minor else -t.amount_minor end) as minor
  from ledger.account a join ledger.transfer t
    on t.commissioner_id = a.commissioner_id and a.id in (t.debit_account_id, t.credit_account_id)
  where a.kind = 'funds_reserved' group by 1) b
full join (
  select commissioner_id, sum(amount_minor) as minor from payout
  where rail = 'stripe' and (state = 'requested' or (state = 'unknown' and transfer_id is null)) group by 1) p
using (commissioner_id)
where coalesce(b.minor, 0) <> coalesce(p.minor, 0)`,
  },
  {
    sentence: 'No provider was paid more on a contract than was invoiced and advanced.',
    sql: `
select commissioner_id, provider_id, contract_id, p.minor as paid, coalesce(v.minor, 0) as invoiced
from (${shares(`p.state = 'paid'`)}) p
left join (select commissioner_id, provider_id, contract_id, sum(minor) as minor from (
             select commissioner_id, provider_id, contract_id, gross_minor as minor from invoice where state = 'issued'
             union all
             select commissioner_id, provider_id, contract_id, amount_minor from advance where state = 'approved'
             union all
             select commissioner_id, provider_id, contract_id, -amount_minor from advance_recovery) o
           group by 1, 2, 3) v using (commissioner_id, provider_id, contract_id)
where p.minor > coalesce(v.minor, 0)`,
  },
  {
    sentence:
      'Every payout was asked for by an event that reserved exactly its amount, and is on record as it now stands.',
    sql: `
select p.commissioner_id, p.id, p.state from payout p
left join ledger.event e on e.commissioner_id = p.commissioner_id and e.id = p.event_id and e.subject_id = p.id
cross join lateral (
  select coalesce(sum(t.amount_minor), 0) as minor from ledger.transfer t
  join ledger.account a on a.commissioner_id = t.commissioner_id and a.id = t.credit_account_id and a.kind = 'in_transit'
  where t.commissioner_id = p.commissioner_id and t.event_id = p.event_id) r
where e.type is distinct from 'payout.requested' or r.minor <> p.amount_minor
   or (p.state = 'paid' and not exists (
     select from ledger.event paid where paid.commissioner_id = p.commissioner_id and paid.subject_id = p.id
       and paid.type = 'payout.paid'))`,
  },
];
