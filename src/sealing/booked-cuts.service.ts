import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { findCheckpointSnapshot, readCutByIndex, SEALER } from './sealing.queries.js';
import { checkpointUnknown } from './sealing.errors.js';

/**
 * Which transfers were booked when a log had a certain size: those that `snapshot` (text of a pg_snapshot) sees, and whose
 * event does not stand after `throughSeq` and is none of `exceptIds`; a `throughSeq` of null is no limit.
 */
export interface BookedCut {
  readonly snapshot: string;
  readonly throughSeq: bigint | null;
  readonly exceptIds: readonly string[];
}

/**
 * The condition of SQL under which a row of `ledger.transfer` is within a cut, whose parameters begin at number `first`. It
 * is true of every row where there is no cut.
 */
export function isBooked(transfer: string, first: number): string {
  const [snapshot, throughSeq, exceptIds] = [first, first + 1, first + 2].map((number) => `$${number}`);
  return `(${snapshot}::pg_snapshot is null or pg_visible_in_snapshot(${transfer}.xid, ${snapshot}::pg_snapshot))
    and (${throughSeq}::bigint is null or exists (
      select from ledger.event booked where booked.commissioner_id = ${transfer}.commissioner_id
        and booked.id = ${transfer}.event_id and booked.seq <= ${throughSeq} and booked.id <> all (${exceptIds}::uuid[])))`;
}

/** What `isBooked` asks for. */
export function cutParameters(cut: BookedCut | null): unknown[] {
  return [cut?.snapshot ?? null, cut?.throughSeq?.toString() ?? null, cut?.exceptIds ?? []];
}

/** The booked axis: a time stamp is not reproducible, since late commits change it, but the size of a log is. */
@Injectable()
export class BookedCuts {
  constructor(private readonly database: Database) {}

  /**
   * What a commissioner's checkpoint of this size had booked. The snapshot that the pass saw says it, within the cluster in
   * which it was taken; of a checkpoint that came from another cluster the leaves say it, which costs as much as the log is
   * long.
   *
   * @throws checkpoint.unknown
   */
  async get(commissionerId: string, size: number): Promise<BookedCut> {
    return this.database.read(SEALER, async (reader) => {
      const checkpoint = await findCheckpointSnapshot(reader, commissionerId, size);
      if (!checkpoint) throw checkpointUnknown({ size });
      const { snapshot } = checkpoint;
      return snapshot === null
        ? readCutByIndex(reader, commissionerId, size)
        : { snapshot, throughSeq: null, exceptIds: [] };
    });
  }
}
