import type { LogKeys } from '../../src/sealing/index.js';
import { formatCheckpoint, Frontier, leafHash, TileEdge } from '../../src/transparency/index.js';
import type { Superuser } from './superuser.js';

interface Leaf {
  readonly id: string | null;
  readonly seq: string | null;
  readonly hash: Buffer;
}

/** Rebuilds a log over what the tables hold now, as the sealer would have made it: with the signing key, or without. */
export class Forger {
  constructor(
    private readonly superuser: Superuser,
    private readonly keys: LogKeys,
    private readonly commissionerId: string,
  ) {}

  /** The events of the log, in its order. */
  async order(): Promise<string[]> {
    const rows = await this.superuser.query<{ ids: string[] }>(
      'select event_ids as ids from ledger.tile where log_id = $1 and level = 0 order by n',
      [this.commissionerId],
    );
    return rows.flatMap(({ ids }) => ids);
  }

  /** Makes tiles, head and roots of these events, in this order; and signs them anew, where the key is in hand. */
  async reseal(order: readonly string[], isKeyStolen: boolean): Promise<void> {
    const { superuser, commissionerId } = this;
    await superuser.execute(
      `update ledger.event set leaf_hash = sha256('\\x00'::bytea || body) where commissioner_id = $1`,
      [commissionerId],
    );
    const rows = await superuser.query<{ id: string; seq: string; hash: Buffer }>(
      'select id, seq, leaf_hash as hash from ledger.event where commissioner_id = $1 and id = any ($2)',
      [commissionerId, order],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    const leaves = order.flatMap((id) => byId.get(id) ?? []);
    const roots = await this.rebuild(commissionerId, leaves);
    await this.checkpoints(commissionerId, roots, isKeyStolen);
    await this.platform(roots, isKeyStolen);
  }

  private async rebuild(logId: string, leaves: readonly Leaf[]): Promise<Buffer[]> {
    const { superuser } = this;
    const frontier = Frontier.empty();
    const [edge, roots] = [new TileEdge(frontier, []), [frontier.root()]];
    for (const { hash } of leaves) {
      edge.append(hash);
      roots.push(frontier.root());
    }
    await superuser.execute('delete from ledger.tile where log_id = $1', [logId]);
    for (const { level, n, width, hashes } of edge.changed()) {
      const own = level === 0 ? leaves.slice(n * 256, n * 256 + width) : [];
      const ids = own.flatMap(({ id }) => id ?? []);
      const seqs = own.flatMap(({ seq }) => (seq === null ? [] : [BigInt(seq)])).sort((a, b) => Number(a - b));
      await superuser.execute(
        `insert into ledger.tile (log_id, level, n, width, hashes, event_ids, min_seq, max_seq)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [logId, level, n, width, hashes, ids.length > 0 ? ids : null, seqs[0]?.toString(), seqs.at(-1)?.toString()],
      );
    }
    await superuser.execute('update ledger.log_head set size = $2, frontier = $3 where log_id = $1', [
      logId,
      frontier.size,
      frontier.bytes(),
    ]);
    return roots;
  }

  /** Those of sizes that there still are; the last is of all of it. */
  private async checkpoints(logId: string, roots: readonly Buffer[], isKeyStolen: boolean): Promise<void> {
    const { superuser } = this;
    const size = roots.length - 1;
    await superuser.execute(
      `delete from ledger.checkpoint c where log_id = $1 and size > $2 and exists (
         select from ledger.checkpoint o where o.log_id = $1 and o.size < c.size and o.size >= $2)`,
      [logId, size],
    );
    await superuser.execute(
      `update ledger.checkpoint set size = $2 where log_id = $1
       and size = (select max(size) from ledger.checkpoint where log_id = $1) and size <> $2`,
      [logId, size],
    );
    const kept = await superuser.query<{ size: string }>('select size from ledger.checkpoint where log_id = $1', [
      logId,
    ]);
    const origin = this.keys.originOf(logId);
    const sizes = kept.map(({ size: at }) => Number(at));
    const rootOf = (at: number) => roots[at] ?? Buffer.alloc(32);
    const noteOf = (at: number) => this.keys.sign(origin, formatCheckpoint({ origin, size: at, root: rootOf(at) }));
    await superuser.execute(
      `update ledger.checkpoint c set root = n.root, note = case when c.note is not null then coalesce(n.note, c.note) end
       from unnest($2::bigint[], $3::bytea[], $4::text[]) n (size, root, note) where c.log_id = $1 and c.size = n.size`,
      [logId, sizes, sizes.map(rootOf), sizes.map((at) => (isKeyStolen ? noteOf(at) : null))],
    );
  }

  private async platform(roots: readonly Buffer[], isKeyStolen: boolean): Promise<void> {
    const { superuser, commissionerId } = this;
    const [cursor] = await superuser.query<{ id: string }>('select platform_log_id as id from ledger.seal_cursor');
    const logId = cursor?.id ?? '';
    const origin = this.keys.originOf(commissionerId);
    const own = await superuser.query<{ n: string; size: string }>(
      'select n, size from ledger.platform_entry where commissioner_id = $1',
      [commissionerId],
    );
    for (const { n, size } of own) {
      const at = Math.min(Number(size), roots.length - 1);
      const entry = formatCheckpoint({ origin, size: at, root: roots[at] ?? Buffer.alloc(32) });
      await superuser.execute('update ledger.platform_entry set size = $2, entry = $3 where n = $1', [
        n,
        at,
        Buffer.from(entry),
      ]);
    }
    await superuser.execute(
      `update ledger.log_head h set anchored_size = (select max(size) from ledger.platform_entry where commissioner_id = h.log_id)
       where log_id = $1`,
      [commissionerId],
    );
    const entries = await superuser.query<{ entry: Buffer }>('select entry from ledger.platform_entry order by n');
    const leaves = entries.map(({ entry }) => ({ id: null, seq: null, hash: leafHash(entry) }));
    await this.checkpoints(logId, await this.rebuild(logId, leaves), isKeyStolen);
  }
}
