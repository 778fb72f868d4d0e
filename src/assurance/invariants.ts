import type { Invariant } from '../ledger/index.js';

/** What a kind of account holds for each contract, counted from its transfers; all of them grow on the credit side. */
const held = (kind: string) => `
select a.commissioner_id, a.provider_id, a.contract_id,
       sum(case t.credit_account_id when a.id then t.amount_minor else -t.amount_minor end) as minor
from ledger.account a
join ledger.transfer t on t.commissioner_id = a.commissioner_id and a.id in (t.debit_account_id, t.credit_account_id)
where a.kind = '${kind}' group by 1, 2, 3`;

/** Sentences about several modules at once, which none of them could say alone. */
export const ASSURANCE_INVARIANTS: readonly Invariant[] = [
  {
    sentence: 'Every claim that counts cites an earning fact that is on record, and of its own provider.',
    sql: `
select c.commissioner_id, c.id, c.fact_kind, c.fact_id from claim c
where c.state in ('submitted', 'queried') and c.fact_kind <> 'period' and not exists (
  select from attendance f where c.fact_kind = 'attendance'
    and f.commissioner_id = c.commissioner_id and f.id = c.fact_id and f.provider_id = c.provider_id
  union all
  select from session f where c.fact_kind = 'session'
    and f.commissioner_id = c.commissioner_id and f.id = c.fact_id and f.provider_id = c.provider_id
  union all
  select from referral f where c.fact_kind = 'referral'
    and f.commissioner_id = c.commissioner_id and f.id = c.fact_id and f.provider_id = c.provider_id
  union all
  select from milestone f where c.fact_kind = 'milestone'
    and f.commissioner_id = c.commissioner_id and f.id = c.fact_id and f.provider_id = c.provider_id)`,
  },
  {
    sentence: 'What is accrued is what was approved and is on no issued document.',
    sql: `
select commissioner_id, contract_id, coalesce(h.minor, 0) as in_the_books, coalesce(o.minor, 0) as open
from (${held('accrued')}) h
full join (
  select b.commissioner_id, b.provider_id, b.contract_id, sum(b.total_minor - coalesce(i.net, 0)) as minor from batch b
  left join lateral (select sum(i.net_minor) as net from invoice i where i.commissioner_id = b.commissioner_id
                     and i.batch_id = b.id and i.state = 'issued') i on true
  where b.state = 'approved' group by 1, 2, 3) o using (commissioner_id, provider_id, contract_id)
where coalesce(h.minor, 0) <> coalesce(o.minor, 0)`,
  },
  {
    sentence:
      'What is owed is what issued documents and approved advances come to, less what payouts and recoveries have taken.',
    sql: `
select commissioner_id, contract_id, coalesce(h.minor, 0) as in_the_books, coalesce(o.minor, 0) as open
from (${held('owed')}) h
full join (
  select commissioner_id, provider_id, contract_id, sum(minor) as minor from (
    select commissioner_id, provider_id, contract_id, gross_minor as minor from invoice where state = 'issued'
    union all select commissioner_id, provider_id, contract_id, amount_minor from advance where state = 'approved'
    union all select commissioner_id, provider_id, contract_id, -amount_minor from payout_item where live
    union all select commissioner_id, provider_id, contract_id, -amount_minor from payout_advance where live
    union all select commissioner_id, provider_id, contract_id, -amount_minor from advance_recovery) d
  group by 1, 2, 3) o using (commissioner_id, provider_id, contract_id)
where coalesce(h.minor, 0) <> coalesce(o.minor, 0)`,
  },
  {
    sentence: 'Every penny in a payout is of an issued document, of an approved batch of the same contract.',
    sql: `
select p.commissioner_id, p.payout_id, p.invoice_id from payout_item p
left join invoice i on i.commissioner_id = p.commissioner_id and i.id = p.invoice_id
left join batch b on b.commissioner_id = i.commissioner_id and b.id = i.batch_id
where (i.state, b.state) is distinct from ('issued', 'approved') or p.contract_id is distinct from i.contract_id
   or i.contract_id is distinct from b.contract_id`,
  },
];
