import type { Reader } from '../platform/database.js';
import type { TileAddress, TileHashes } from '../transparency/index.js';

/** The tiles of some logs that were read at once. */
export class LogTiles {
  private readonly hashes: ReadonlyMap<string, Buffer>;

  constructor(rows: readonly { logId: string; level: number; n: bigint; hashes: Buffer }[]) {
    this.hashes = new Map(rows.map(({ logId, level, n, hashes }) => [`${logId}/${level}/${n}`, hashes]));
  }

  /** Of one log; a tile that is not kept, or is narrower than a proof needs, has no hashes to give. */
  of(logId: string): TileHashes {
    return (level, n) => this.hashes.get(`${logId}/${level}/${n}`) ?? Buffer.alloc(0);
  }
}

const TILES = `
select t.log_id as "logId", t.level::int as level, t.n, t.hashes
from unnest($1::uuid[], $2::smallint[], $3::bigint[]) a (log_id, level, n)
join ledger.tile t on t.log_id = a.log_id and t.level = a.level and t.n = a.n`;

/** Reads what proofs need, each tile once, as wide as it is now. */
export async function readTiles(
  reader: Reader,
  wanted: readonly (Pick<TileAddress, 'level' | 'n'> & { readonly logId: string })[],
): Promise<LogTiles> {
  if (wanted.length === 0) return new LogTiles([]);
  const distinct = [...new Map(wanted.map((tile) => [`${tile.logId}/${tile.level}/${tile.n}`, tile])).values()];
  return new LogTiles(
    await reader.query(TILES, [
      distinct.map(({ logId }) => logId),
      distinct.map(({ level }) => level),
      distinct.map(({ n }) => n),
    ]),
  );
}
