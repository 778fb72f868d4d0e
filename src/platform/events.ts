import type { Tx } from './database.js';
import { afterCommit } from './database.js';

/** What a module tells the modules above it: ids only, so that a job never carries data that could go stale or leak. */
export interface TopicData {
  readonly commissionerId: string;
  readonly id: string;
}

export interface Topic {
  readonly name: string;
}

/** Declares something that happens in a module; higher modules subscribe with a job. */
export function defineTopic(name: string): Topic {
  return { name };
}

const relays = new Set<() => void>();

/** Has a relay of this process woken after each commit that emitted something; call what it gives to end that. */
export function onEmit(wake: () => void): () => void {
  relays.add(wake);
  return () => relays.delete(wake);
}

function wakeRelays(): void {
  for (const wake of relays) wake();
}

/** Puts an event in the outbox, in the transaction that made it true. */
export async function emit(tx: Tx, orgId: string, topic: Topic, data: TopicData | TopicData[]): Promise<void> {
  const all = Array.isArray(data) ? data : [data];
  if (all.length === 0) return;
  await tx.query('insert into outbox (org_id, topic, data) select $1, $2, d from unnest($3::jsonb[]) d', [
    orgId,
    topic.name,
    all.map((one) => JSON.stringify(one)),
  ]);
  afterCommit(wakeRelays);
}
