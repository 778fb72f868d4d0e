import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { parseCheckpoint } from '../transparency/index.js';
import { findNewestNote, findPlatformEntry, readPlatformLogId } from './log-proofs.queries.js';
import { IS_SAME_CLUSTER } from './new-events.queries.js';
import { Sealer } from './sealer.service.js';
import { SEALER } from './sealing.queries.js';

/** A checkpoint as a document prints it: who holds the document can hold the platform to it. */
export interface PrintedCheckpoint {
  /** Of the platform's log. */
  readonly origin: string;
  readonly size: number;
  /** Base64, as the checkpoint itself has it. */
  readonly root: string;
}

/** How much of a journal is booked: the size of its checkpoint, and the snapshot (text of a pg_snapshot) that sees as much. */
export interface BookedSize {
  readonly size: number;
  readonly snapshot: string;
}

/** Of a checkpoint from another cluster no snapshot is known, so that it is passed over. $1 log */
const NEWEST_BOOKED = `
select p.size::float8 as size, p.snapshot::text as snapshot
from ledger.checkpoint p, ledger.seal_cursor c, pg_control_system() s
where p.log_id = $1 and p.epoch = c.epoch and ${IS_SAME_CLUSTER}
order by p.size desc limit 1`;

const SEAL_TRIES = 10;
const SEAL_WAIT_MS = 50;

/** What a document says of the seal of what it tells. */
@Injectable()
export class DocumentSeals {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** The newest signed checkpoint of the platform's log that holds one of the commissioner's; null while there is none. */
  async printed(commissionerId: string): Promise<PrintedCheckpoint | null> {
    return this.database.read(SEALER, async (reader) => {
      const newest = await findNewestNote(reader, await readPlatformLogId(reader));
      const entry = newest && (await findPlatformEntry(reader, commissionerId, newest.size));
      if (!newest || !entry) return null;
      const { origin, size, root } = parseCheckpoint(newest.note.slice(0, newest.note.indexOf('\n\n') + 1));
      return { origin, size, root: root.toString('base64') };
    });
  }

  /**
   * Seals what is committed, and gives the newest checkpoint of the commissioner's log: what is told as it is booked there
   * can be told again to the penny. Null when nothing of it was sealed in this database yet.
   */
  async booked(commissionerId: string): Promise<BookedSize | null> {
    // Another sealer that is at work may have begun before what is to be told was committed: so once more, until none is.
    for (let tries = 0; tries < SEAL_TRIES && (await this.sealer.pass()) === null; tries++) await sleep(SEAL_WAIT_MS);
    const [newest] = await this.database.read(SEALER, (reader) =>
      reader.query<BookedSize>(NEWEST_BOOKED, [commissionerId]),
    );
    return newest ?? null;
  }
}
