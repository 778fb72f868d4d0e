import type { Actor } from './actor.js';
import type { Database, Tx } from './database.js';
import { defineError } from './errors.js';
import type { CommandRecord } from './receipts.js';

export const otherRequest = defineError({
  code: 'idempotency.other_request',
  kind: 'conflict',
  title: 'This Idempotency-Key was used for a different request.',
  fix: 'Send the first request again unchanged, or use a new key for a new request.',
});

export type KeyClaim =
  | { fresh: true }
  | { fresh: false; status: number; answer: unknown; records: readonly CommandRecord[] };

interface StoredAnswer {
  requestHash: Buffer;
  status: number | null;
  answer: unknown;
  recorded: KeptRecord[] | null;
}

/** A record as it is kept: hashes in hexadecimal digits. */
interface KeptRecord {
  readonly commissionerId: string;
  readonly recordedAt: string;
  readonly events: readonly (readonly [id: string, leafHash: string])[];
}

/**
 * Takes the actor's Idempotency-Key for this transaction. A twin in flight is waited for; a key that was answered gives
 * the first answer. Call it before anything else is written; without a key every request is fresh.
 *
 * @throws idempotency.other_request when the key was used with another method, path or body
 */
export async function claimKey(tx: Tx, actor: Actor): Promise<KeyClaim> {
  if (actor.idempotencyKey === undefined) return { fresh: true };
  const won = await tx.query(
    `insert into idempotency (actor_org_id, key, request_hash) values ($1, $2, $3)
     on conflict do nothing returning key`,
    [actor.orgId, actor.idempotencyKey, actor.requestHash],
  );
  if (won.length > 0) return { fresh: true };
  const [stored] = await tx.query<StoredAnswer>(
    'select request_hash as "requestHash", status, answer, recorded from idempotency where actor_org_id = $1 and key = $2',
    [actor.orgId, actor.idempotencyKey],
  );
  if (!stored || stored.status === null || !actor.requestHash || !stored.requestHash.equals(actor.requestHash)) {
    throw otherRequest();
  }
  const records = (stored.recorded ?? []).map(thawRecord);
  return { fresh: false, status: stored.status, answer: stored.answer, records };
}

/**
 * Takes the keys of several commands at once, in one order for everybody; false when any of them was used before, or is used
 * by two of these. Those without a key count as fresh.
 */
export async function claimKeys(tx: Tx, actors: readonly Actor[]): Promise<boolean> {
  const keyed = actors.filter(({ idempotencyKey }) => idempotencyKey !== undefined);
  if (keyed.length === 0) return true;
  const won = await tx.query(
    `insert into idempotency (actor_org_id, key, request_hash)
     select org, key, hash from unnest($1::uuid[], $2::text[], $3::bytea[]) as t (org, key, hash) order by org, key
     on conflict do nothing returning key`,
    [
      keyed.map(({ orgId }) => orgId),
      keyed.map(({ idempotencyKey }) => idempotencyKey),
      keyed.map(({ requestHash }) => requestHash ?? null),
    ],
  );
  return won.length === keyed.length;
}

/** What a command answered, to be kept with its key. */
export interface KeptAnswer {
  readonly actor: Actor;
  readonly status: number;
  /** Asked only where there is a key to keep it with. */
  readonly answer: () => unknown;
  readonly records: readonly CommandRecord[];
}

/** Keeps answers with their keys, and what was recorded, in the transaction that made them true. */
export async function storeAnswers(tx: Tx, kept: readonly KeptAnswer[]): Promise<void> {
  const keyed = kept.filter(({ actor }) => actor.idempotencyKey !== undefined);
  if (keyed.length === 0) return;
  await tx.execute(
    `update idempotency i set status = t.status, answer = t.answer, recorded = t.recorded
     from unnest($1::uuid[], $2::text[], $3::smallint[], $4::json[], $5::json[]) as t (org, key, status, answer, recorded)
     where i.actor_org_id = t.org and i.key = t.key`,
    [
      keyed.map(({ actor }) => actor.orgId),
      keyed.map(({ actor }) => actor.idempotencyKey),
      keyed.map(({ status }) => status),
      keyed.map(({ answer }) => JSON.stringify(answer() ?? null)),
      keyed.map(({ records }) => JSON.stringify(records.map(freezeRecord))),
    ],
  );
}

function freezeRecord({ commissionerId, recordedAt, events }: CommandRecord): KeptRecord {
  const named = events.map(({ id, leafHash }) => [id, leafHash.toString('hex')] as const);
  return { commissionerId, recordedAt: recordedAt.toISOString(), events: named };
}

function thawRecord({ commissionerId, recordedAt, events }: KeptRecord): CommandRecord {
  const named = events.map(([id, leafHash]) => ({ id, leafHash: Buffer.from(leafHash, 'hex') }));
  return { commissionerId, recordedAt: new Date(recordedAt), events: named };
}

const KEPT_DAYS = 30;
const FORGET_BATCH = 500;

/**
 * Forgets the keys of more than 30 days ago, by the database's own clock and in small transactions, so that nobody waits
 * for it. Gives how many there were; two processes may do it at the same time.
 */
export async function forgetOldKeys(database: Pick<Database, 'transaction'>): Promise<number> {
  let total = 0;
  for (let forgotten = FORGET_BATCH; forgotten === FORGET_BATCH; total += forgotten) {
    forgotten = await database.transaction({ side: 'relay', orgId: null }, (tx) =>
      tx.execute(
        `delete from idempotency where (actor_org_id, key) in (
           select actor_org_id, key from idempotency
           where created_at < now() - make_interval(days => $1) order by created_at limit $2)`,
        [KEPT_DAYS, FORGET_BATCH],
      ),
    );
  }
  return total;
}
