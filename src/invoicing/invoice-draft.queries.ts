import { column, insertRows, type BulkColumn } from '../platform/bulk-insert.js';
import type { Reader, Tx } from '../platform/database.js';
import type { Invoice } from './invoice.entity.js';

/** A draft as it is stored first. */
export interface DraftRow extends Pick<
  Invoice,
  | 'commissionerId'
  | 'id'
  | 'providerId'
  | 'contractId'
  | 'batchId'
  | 'split'
  | 'kind'
  | 'netMinor'
  | 'vatMinor'
  | 'grossMinor'
  | 'createdAt'
> {
  /** JSON. */
  readonly document: string;
}

const COLUMNS: readonly BulkColumn<DraftRow>[] = [
  column.uuid('commissioner_id', ({ commissionerId }) => commissionerId),
  column.uuid('id', ({ id }) => id),
  column.uuid('provider_id', ({ providerId }) => providerId),
  column.uuid('contract_id', ({ contractId }) => contractId),
  column.uuid('batch_id', ({ batchId }) => batchId),
  column.text('split', ({ split }) => split),
  column.text('kind', ({ kind }) => kind),
  column.text('state', () => 'draft'),
  column.bigint('net_minor', ({ netMinor }) => netMinor),
  column.bigint('vat_minor', ({ vatMinor }) => vatMinor),
  column.bigint('gross_minor', ({ grossMinor }) => grossMinor),
  column.jsonb('document', ({ document }) => document),
  column.timestamptz('created_at', ({ createdAt }) => createdAt),
];

export async function insertDrafts(tx: Tx, drafts: readonly DraftRow[]): Promise<void> {
  await insertRows(tx, 'invoice', COLUMNS, drafts);
}

/** Those of the batches that have a document. */
export async function findWithDocument(
  reader: Reader,
  commissionerId: string,
  batchIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await reader.query<{ id: string }>(
    'select distinct batch_id as id from invoice where commissioner_id = $1 and batch_id = any ($2::uuid[])',
    [commissionerId, batchIds],
  );
  return new Set(rows.map(({ id }) => id));
}

const UNFINISHED = `
select b.id from batch b
where b.commissioner_id = $1 and b.id = any ($2::uuid[]) and b.state = 'approved' and b.charge_count > 0
  and not exists (select from invoice i where i.commissioner_id = b.commissioner_id and i.batch_id = b.id
                  having count(*) > 0 and bool_and(i.state = 'issued'))
order by b.id`;

/** Those of the batches that are approved and charge something, and have no document or one that is not issued. */
export async function findUnfinished(
  reader: Reader,
  commissionerId: string,
  batchIds: readonly string[],
): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(UNFINISHED, [commissionerId, batchIds]);
  return rows.map(({ id }) => id);
}

/** $1 commissioner, $2 batches, $3 how many more, $4 the first of the batches. */
const DUE_BESIDE = `
select b.id from batch b
where b.commissioner_id = $1 and b.state = 'approved' and b.id > $4 and b.charge_count > 0
  and not (b.id = any ($2::uuid[]))
  and not exists (select from invoice i where i.commissioner_id = b.commissioner_id and i.batch_id = b.id)
order by b.id limit $3`;

/** Approved batches without a document that come after any of these: work for which there is a bell of its own, too. */
export async function findDueBeside(
  reader: Reader,
  commissionerId: string,
  batchIds: readonly string[],
  most: number,
): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(DUE_BESIDE, [commissionerId, batchIds, most, batchIds.toSorted()[0]]);
  return rows.map(({ id }) => id);
}
