import { registerInvariant } from '../ledger/index.js';

/** Adds what must be true of documents to what the ledger checks. */
export function registerInvoiceInvariants(): void {
  registerInvariant({
    sentence: 'What an issued document made owed is its gross: net and VAT, once.',
    sql: `
select i.commissioner_id, i.id, i.number, i.gross_minor, p.net_minor as posted_net, p.vat_minor as posted_vat from invoice i
left join lateral (
  select coalesce(sum(t.amount_minor) filter (where d.kind = 'accrued'), 0) as net_minor,
         coalesce(sum(t.amount_minor) filter (where d.kind in ('vat_input', 'activity')), 0) as vat_minor
  from ledger.transfer t
  join ledger.account d on d.commissioner_id = t.commissioner_id and d.id = t.debit_account_id
  join ledger.account c on c.commissioner_id = t.commissioner_id and c.id = t.credit_account_id and c.kind = 'owed'
  where t.commissioner_id = i.commissioner_id and t.event_id = i.event_id) p on true
where i.state = 'issued' and (p.net_minor, p.vat_minor) is distinct from (i.net_minor::numeric, i.vat_minor::numeric)`,
  });
  registerInvariant({
    sentence: 'The documents of an approved batch come to its net total.',
    sql: `
select b.commissioner_id, b.id, b.code, b.total_minor, sum(i.net_minor) as documents from batch b
join invoice i on i.commissioner_id = b.commissioner_id and i.batch_id = b.id
group by b.commissioner_id, b.id having sum(i.net_minor) <> b.total_minor or bool_or(b.state <> 'approved')`,
  });
  registerInvariant({
    sentence: 'An issued document is what its event says: number, totals, and the hash of its bytes.',
    sql: `
select i.commissioner_id, i.id, i.number from invoice i
left join document_file f on f.commissioner_id = i.commissioner_id and f.id = i.file_id
left join lateral (select convert_from(body, 'UTF8')::jsonb->'data' as said from ledger.event e
                   where e.commissioner_id = i.commissioner_id and e.id = i.event_id
                     and e.type = 'invoice.issued' and e.subject_id = i.id) e on true
where i.state = 'issued' and (
  (said->>'number', said->>'netMinor', said->>'vatMinor', said->>'grossMinor', said->'file'->>'fileSha256')
    is distinct from (i.number, i.net_minor::text, i.vat_minor::text, i.gross_minor::text, encode(f.sha256, 'hex'))
  or (i.document->>'number', i.document->'totals'->>'netMinor', i.document->'totals'->>'vatMinor')
    is distinct from (i.number, i.net_minor::text, i.vat_minor::text))`,
  });
  registerInvariant({
    sentence: 'The bytes of every document have the hash that was kept with them.',
    sql: `select commissioner_id, id from document_file where sha256(content) is distinct from sha256`,
  });
  registerInvariant({
    sentence: 'The numbers of a series run from 1 without a gap.',
    sql: `
select s.commissioner_id, s.prefix, s.year, s.last_number, n.count, n.lowest, n.highest from invoice_series s
left join lateral (
  select count(distinct n)::int as count, min(n) as lowest, max(n) as highest from (
    select substr(i.number, length(s.prefix) + 5)::int as n from invoice i
    where i.commissioner_id = s.commissioner_id and i.provider_id = s.provider_id and i.kind = s.kind
      and i.state = 'issued' and i.number like s.prefix || s.year || '%') taken) n on true
where n.count <> s.last_number or (s.last_number > 0 and (n.lowest <> 1 or n.highest <> s.last_number))`,
  });
}
