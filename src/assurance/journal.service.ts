import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import type { JournalQuery } from './assurance.schemas.js';

export interface JournalEvent {
  readonly seq: bigint;
  readonly id: string;
  readonly type: string;
  readonly subjectId: string;
  readonly causeId: string | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly leafHash: string;
  readonly body: Record<string, unknown>;
}

export interface JournalPage {
  readonly items: readonly JournalEvent[];
  readonly next: string | null;
}

/** Amounts are strings in a body, so that JSON's numbers lose nothing. $1 after, $2 type, $3 subject, $4 limit. */
const PAGE = `
select e.seq, e.id, e.type, e.subject_id as "subjectId", e.cause_id as "causeId", e.occurred_at as "occurredAt",
       e.recorded_at as "recordedAt", encode(e.leaf_hash, 'hex') as "leafHash", convert_from(e.body, 'UTF8')::json as body
from ledger.event e
where e.seq > $1 and ($2::text is null or e.type = $2) and ($3::uuid is null or e.subject_id = $3)
order by e.seq limit $4`;

/** The journal as it is stored, to be read event by event. */
@Injectable()
export class JournalService {
  constructor(private readonly database: Database) {}

  /** Events that the actor may see, in the order of the log. */
  page(actor: Actor, { after = '0', limit, type, subject }: JournalQuery): Promise<JournalPage> {
    return this.database.read(actor, async (reader) => {
      const rows = await reader.query<JournalEvent>(PAGE, [after, type ?? null, subject ?? null, limit + 1]);
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? String(items.at(-1)?.seq) : null };
    });
  }
}
