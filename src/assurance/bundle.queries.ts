import type { BundleAccount, BundleTransfer, SealedSize } from '../audit/index.js';
import type { Reader } from '../platform/database.js';

/** The accounts of a commissioner, in order of their ids. */
export function readAccounts(reader: Reader, commissionerId: string): Promise<BundleAccount[]> {
  return reader.query<BundleAccount>(
    `select id, kind, provider_id as "providerId", contract_id as "contractId", currency::text as currency
     from ledger.account where commissioner_id = $1 order by id`,
    [commissionerId],
  );
}

/** The events of a hash tile of level 0, in the order of the log, so many of them; fewer when the tile does not say. */
export async function readEventIds(reader: Reader, logId: string, n: number, count: number): Promise<string[]> {
  const [tile] = await reader.query<{ ids: string[] | null }>(
    `select event_ids[1:$3] as ids from ledger.tile where log_id = $1 and level = 0 and n = $2`,
    [logId, n, count],
  );
  return tile?.ids ?? [];
}

/** The bodies of events, in the order given, byte for byte; null of an event that is not there. */
export async function readBodies(
  reader: Reader,
  commissionerId: string,
  eventIds: readonly string[],
): Promise<(Buffer | null)[]> {
  const rows = await reader.query<{ body: Buffer | null }>(
    `select e.body from unnest($2::uuid[]) with ordinality as log (id, place)
     left join ledger.event e on e.commissioner_id = $1 and e.id = log.id order by log.place`,
    [commissionerId, eventIds],
  );
  return rows.map(({ body }) => body);
}

/** $1 commissioner, $2 events, $3 the index of the first. */
const MOVED = `
from unnest($2::uuid[]) with ordinality as log (id, place)
join ledger.transfer t on t.commissioner_id = $1 and t.event_id = log.id`;

const INDEX = '($3::bigint + log.place - 1)';

/** What the lines of a segment's transfers have together: their length follows from it. */
export interface LineSums {
  readonly count: number;
  readonly amountDigits: number;
  readonly indexDigits: number;
  readonly claims: number;
  readonly reversals: number;
}

export async function readLineSums(
  reader: Reader,
  commissionerId: string,
  eventIds: readonly string[],
  first: number,
): Promise<LineSums> {
  const [sums] = await reader.query<LineSums>(
    `select count(*)::int as count, coalesce(sum(length(t.amount_minor::text)), 0)::float8 as "amountDigits",
            coalesce(sum(length(${INDEX}::text)), 0)::float8 as "indexDigits",
            count(t.claim_id)::int as claims, count(t.reverses_id)::int as reversals ${MOVED}`,
    [commissionerId, eventIds, first],
  );
  return sums ?? { count: 0, amountDigits: 0, indexDigits: 0, claims: 0, reversals: 0 };
}

/** A page of a segment's transfers in the order of a bundle, behind the last one of the page before. */
export function readTransfers(
  reader: Reader,
  commissionerId: string,
  events: { readonly ids: readonly string[]; readonly first: number },
  last: BundleTransfer | undefined,
  limit: number,
): Promise<BundleTransfer[]> {
  return reader.query<BundleTransfer>(
    `select ${INDEX}::float8 as "eventIndex", t.id, t.debit_account_id as debit, t.credit_account_id as credit,
            t.amount_minor::text as "amountMinor", t.effective_on::text as "effectiveOn", t.claim_id as "claimId",
            t.reverses_id as "reversesId" ${MOVED}
     where $4::bigint is null or (${INDEX}, t.id) > ($4::bigint, $5::uuid)
     order by log.place, t.id limit $6`,
    [commissionerId, events.ids, events.first, last?.eventIndex ?? null, last?.id ?? null, limit],
  );
}

/** The checkpoints between two sizes, both included. A note that was signed under an earlier name of the log is left out. */
export function readSealedSizes(
  reader: Reader,
  logId: string,
  origin: string,
  sizes: { readonly first: number; readonly last: number },
): Promise<SealedSize[]> {
  return reader.query<SealedSize>(
    `select size::float8 as size, encode(root, 'base64') as root,
            to_char(sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "sealedAt",
            case when starts_with(note, $2) then note end as note
     from ledger.checkpoint where log_id = $1 and size between $3 and $4 order by size`,
    [logId, `${origin}\n`, sizes.first, sizes.last],
  );
}

/** The first hashes of a tile, so many of them; fewer when there are not so many. */
export async function readTile(
  reader: Reader,
  logId: string,
  { level, n, width }: { readonly level: number; readonly n: number; readonly width: number },
): Promise<Buffer> {
  const [tile] = await reader.query<{ hashes: Buffer }>(
    `select substring(hashes for 32 * $4::int) as hashes from ledger.tile where log_id = $1 and level = $2 and n = $3`,
    [logId, level, n, width],
  );
  return tile?.hashes ?? Buffer.alloc(0);
}
