import { as, eventsOf, latest, registerStateTable, saidHashOfJson, type StateTable } from '../ledger/index.js';

const DRAFTED = `type = 'invoice.drafted'`;
const ISSUED = `type = 'invoice.issued'`;
const LET = `type in ('invoice.issue_authorised', 'invoice.own_number_given')`;

const said = (name: string, type = 'text') => as(`(t.data->>'${name}')::${type}`);
const whenIssued = (name: string, type = 'text') => as(`(t.issued->>'${name}')::${type}`);

/** `data` is what was said last: of a draft its draft, of an issued document its issue. */
const INVOICES: StateTable = {
  table: 'invoice',
  sentence: 'Every invoice is what its draft, its provider and its issue say.',
  key: ['id'],
  told: `
select commissioner_id, subject_id as id, ${latest('provider_id', DRAFTED)} as provider_id,
       ${latest('occurred_at', DRAFTED)} as drafted_at, ${latest('data', `type in ('invoice.drafted', 'invoice.issued')`)} as data,
       ${latest('data', ISSUED)} as issued, ${latest('event_id', ISSUED)} as issue_event_id,
       ${latest('member_id', LET)} as let_by, ${latest('occurred_at', LET)} as let_at,
       ${latest('data', `type = 'invoice.own_number_given'`)} as own
from (${eventsOf('invoice.drafted', 'invoice.issued', 'invoice.issue_authorised', 'invoice.own_number_given')}) e
group by 1, 2`,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: said('contractId', 'uuid'),
    batch_id: said('batchId', 'uuid'),
    split: said('split'),
    kind: said('kind'),
    state: as(`case when t.issued is null then 'draft' else 'issued' end`),
    number: whenIssued('number'),
    issued_on: whenIssued('issuedOn', 'date'),
    received_on: (column) =>
      `(t.issued is null or t.issued ? 'receivedOn') and s.${column} is distinct from (t.issued->>'receivedOn')::date`,
    due_on: whenIssued('dueOn', 'date'),
    net_minor: said('netMinor', 'bigint'),
    vat_minor: said('vatMinor', 'bigint'),
    gross_minor: said('grossMinor', 'bigint'),
    document: saidHashOfJson('documentSha256'),
    file_id: as(`(t.issued->'file'->>'fileId')::uuid`),
    event_id: as('t.issue_event_id'),
    issue_authorised_by: as('t.let_by'),
    issue_authorised_at: as('t.let_at'),
    own_number: as(`t.own->>'number'`),
    own_issued_on: as(`(t.own->>'issuedOn')::date`),
    created_at: as('t.drafted_at'),
  },
  untold: { waits_for: 'found anew whenever the draft is looked at; it says what is missing, and decides nothing' },
};

const BYTES = 'The bytes of every document have the hash that was kept with them.';

const FILES: StateTable = {
  table: 'document_file',
  sentence: 'Every file of a document is the one whose hash its event holds.',
  key: ['id'],
  told: `
select commissioner_id, coalesce(data->'file'->>'fileId', data->>'fileId')::uuid as id, provider_id,
       case type when 'invoice.issued' then 'invoice' else 'remittance' end as kind, occurred_at,
       decode(coalesce(data->'file'->>'fileSha256', data->>'sha256'), 'hex') as sha256,
       coalesce(data->'file'->>'renderer', data->>'renderer') as renderer
from (${eventsOf('invoice.issued', 'remittance.issued')}) e
where type = 'remittance.issued' or data->'file'->>'fileId' is not null`,
  columns: {
    provider_id: as('t.provider_id'),
    kind: as('t.kind'),
    sha256: as('t.sha256'),
    renderer: (column) => `(t.renderer is not null and s.${column} is distinct from t.renderer)`,
    created_at: as('t.occurred_at'),
  },
  bound: { content: BYTES },
};

const SERIES: StateTable = {
  table: 'invoice_series',
  sentence: 'Every series of numbers has come as far as its last document says.',
  key: ['provider_id', 'kind', 'year'],
  told: `
select commissioner_id, provider_id, data->>'kind' as kind, (data->'series'->>'year')::int as year,
       max((data->'series'->>'count')::int) as last_number, min(data->'series'->>'prefix') as prefix,
       count(distinct data->'series'->>'prefix') as prefixes
from (${eventsOf('invoice.issued')}) e where data->'series' <> 'null' group by 1, 2, 3, 4`,
  columns: {
    prefix: (column) => `(s.${column}, 1) is distinct from (t.prefix, t.prefixes::int)`,
    last_number: as('t.last_number'),
  },
};

/** Adds documents, their bytes and their numbers to what is held to the journal. */
export function registerInvoiceState(): void {
  for (const state of [INVOICES, FILES, SERIES]) registerStateTable(state);
}
