import { column, insertRows, type BulkColumn } from '../platform/bulk-insert.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { DocumentFile } from './document-file.entity.js';
import type { Invoice } from './invoice.entity.js';
import type { InvoiceWait } from './issue.rules.js';

const LOCK = `
select id, state, issue_authorised_at as "issueAuthorisedAt", own_number as "ownNumber" from invoice
where commissioner_id = $1 and id = any ($2::uuid[]) order by id for update`;

export type LockedInvoice = Pick<Invoice, 'id' | 'state' | 'issueAuthorisedAt' | 'ownNumber'>;

/** Locks documents until `tx` ends, in the order of their ids, and says how they stand now. */
export async function lockInvoices(
  tx: Tx,
  commissionerId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LockedInvoice>> {
  const rows = await tx.query<LockedInvoice>(LOCK, [commissionerId, ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

const WAIT = `
update invoice i set waits_for = t.waits_for from unnest($2::uuid[], $3::text[]) as t (id, waits_for)
where i.commissioner_id = $1 and i.id = t.id and i.waits_for is distinct from t.waits_for`;

/** Says of drafts what keeps them from being issued. */
export async function keepWaits(
  tx: Tx,
  commissionerId: string,
  waiting: readonly { readonly id: string; readonly waitsFor: InvoiceWait }[],
): Promise<void> {
  if (waiting.length === 0) return;
  await tx.execute(WAIT, [commissionerId, waiting.map(({ id }) => id), waiting.map(({ waitsFor }) => waitsFor)]);
}

const FILE_COLUMNS: readonly BulkColumn<DocumentFile>[] = [
  column.uuid('commissioner_id', ({ commissionerId }) => commissionerId),
  column.uuid('id', ({ id }) => id),
  column.uuid('provider_id', ({ providerId }) => providerId),
  column.text('kind', ({ kind }) => kind),
  column.bytea('content', ({ content }) => content),
  column.bytea('sha256', ({ sha256 }) => sha256),
  column.text('renderer', ({ renderer }) => renderer),
  column.timestamptz('created_at', ({ createdAt }) => createdAt),
];

export async function insertFiles(tx: Tx, files: readonly DocumentFile[]): Promise<void> {
  await insertRows(tx, 'document_file', FILE_COLUMNS, files);
}

/** What a draft becomes. */
export interface IssuedRow {
  readonly id: string;
  readonly number: string;
  readonly issuedOn: string;
  readonly receivedOn: string | null;
  readonly dueOn: string | null;
  /** JSON. */
  readonly document: string;
  readonly fileId: string | null;
  readonly eventId: string;
}

const ISSUE = `
update invoice i set state = 'issued', waits_for = null, number = t.number, issued_on = t.issued_on, received_on = t.received_on,
                     due_on = t.due_on, document = t.document::jsonb, file_id = t.file_id, event_id = t.event_id
from unnest($2::uuid[], $3::text[], $4::date[], $5::date[], $6::date[], $7::text[], $8::uuid[], $9::uuid[])
  as t (id, number, issued_on, received_on, due_on, document, file_id, event_id)
where i.commissioner_id = $1 and i.id = t.id and i.state = 'draft'`;

export async function issueInvoices(tx: Tx, commissionerId: string, rows: readonly IssuedRow[]): Promise<void> {
  const changed = await tx.execute(ISSUE, [
    commissionerId,
    rows.map(({ id }) => id),
    rows.map(({ number }) => number),
    rows.map(({ issuedOn }) => issuedOn),
    rows.map(({ receivedOn }) => receivedOn),
    rows.map(({ dueOn }) => dueOn),
    rows.map(({ document }) => document),
    rows.map(({ fileId }) => fileId),
    rows.map(({ eventId }) => eventId),
  ]);
  assert(changed === rows.length, 'a draft is issued once, under its lock');
}
