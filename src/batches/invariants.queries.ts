import { registerInvariant } from '../ledger/index.js';
import { SUMS_OF_CLAIMS } from './batches.queries.js';

/** The sums and the digest of each batch that holds claims, counted again from them. */
const COUNTED = `
counted as (
  select b.commissioner_id, b.id, ${SUMS_OF_CLAIMS}
  from batch b
  left join claim c on c.commissioner_id = b.commissioner_id and c.batch_id = b.id
  left join ledger.event e on e.commissioner_id = c.commissioner_id and e.id = c.event_id
  group by b.commissioner_id, b.id)`;

/** Adds what must be true of batches to what the ledger checks. */
export function registerBatchInvariants(): void {
  registerInvariant({
    sentence: 'The sums and the digest of a batch are those of the claims that it holds.',
    sql: `
with ${COUNTED}
select commissioner_id, id, code from batch b join counted s using (commissioner_id, id)
where case b.state when 'rejected' then s.line_count > 0
  else (b.line_count, b.charge_count, b.total_minor, b.indicative_minor, b.digest)
    is distinct from (s.line_count, s.charge_count, s.total_minor, s.indicative_minor, s.digest) end`,
  });
  registerInvariant({
    sentence:
      'An approved batch is sealed as it is: its event says its sums, its digest, and somebody else than its maker.',
    sql: `
select b.commissioner_id, b.id, b.code from batch b
left join lateral (select convert_from(body, 'UTF8')::jsonb as said from ledger.event e
                   where e.commissioner_id = b.commissioner_id and e.id = b.approved_event_id
                     and e.type = 'batch.approved' and e.subject_id = b.id) e on true
where b.state = 'approved' and (
  (said->'data'->>'digest', said->'data'->>'totalMinor', said->'data'->>'lineCount', said->'actor'->>'memberId')
    is distinct from (encode(b.digest, 'hex'), b.total_minor::text, b.line_count::text, b.decided_by::text)
  or b.decided_by is null or b.decided_by = b.made_by)`,
  });
  registerInvariant({
    sentence: 'The transfers of an approval are the fixed prices of its lines, one for each line that costs something.',
    sql: `
with posted as (
  select b.commissioner_id, b.id as batch_id, t.claim_id, t.amount_minor from batch b
  join ledger.transfer t on t.commissioner_id = b.commissioner_id and t.event_id = b.approved_event_id and t.book = 'money'),
priced as (
  select c.commissioner_id, c.batch_id, c.id as claim_id, c.price_minor as amount_minor from claim c
  join batch b on b.commissioner_id = c.commissioner_id and b.id = c.batch_id
  where b.state = 'approved' and c.price_minor <> 0)
select commissioner_id, batch_id, claim_id, posted.amount_minor as posted, priced.amount_minor as priced
from posted full join priced using (commissioner_id, batch_id, claim_id)
where posted.amount_minor is distinct from priced.amount_minor`,
  });
  registerInvariant({
    sentence: 'No claim is approved twice.',
    sql: `
select t.commissioner_id, t.claim_id, count(*) as times from ledger.transfer t
join ledger.account d on d.commissioner_id = t.commissioner_id and d.id = t.debit_account_id and d.kind = 'activity'
join ledger.account a on a.commissioner_id = t.commissioner_id and a.id = t.credit_account_id and a.kind = 'accrued'
where t.claim_id is not null and t.reverses_id is null and not exists (
  select from ledger.transfer r where r.commissioner_id = t.commissioner_id and r.reverses_id = t.id)
group by 1, 2 having count(*) > 1`,
  });
  registerInvariant({
    sentence: 'What is committed of a budget is what its batches under review have taken.',
    sql: `
select commissioner_id, contract_id, held.minor as held, waiting.minor as waiting from (
  select a.commissioner_id, a.contract_id, b.credits_minor - b.debits_minor as minor from ledger.account a
  join ledger.balance b on b.commissioner_id = a.commissioner_id and b.account_id = a.id where a.kind = 'committed') held
full join (
  select commissioner_id, contract_id, sum(total_minor + vat_minor - uncommitted_minor) as minor from batch
  where state = 'submitted' group by 1, 2) waiting using (commissioner_id, contract_id)
where coalesce(held.minor, 0) <> coalesce(waiting.minor, 0)`,
  });
}
