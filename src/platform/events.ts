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

let wakeRelay: () => void = () => undefined;

/** The relay of this process, if it runs one, is woken after each commit that emitted something. */
export function onEmit(wake: () => void): void {
  wakeRelay = wake;
}

const wake = () => wakeRelay();

/** Puts an event in the outbox, in the transaction that made it true. */
export async function emit(tx: Tx, orgId: string, topic: Topic, data: TopicData | TopicData[]): Promise<void> {
  const all = Array.isArray(data) ? data : [data];
  if (all.length === 0) return;
  await tx.query('insert into outbox (org_id, topic, data) select $1, $2, d from unnest($3::jsonb[]) d', [
    orgId,
    topic.name,
    all.map((one) => JSON.stringify(one)),
  ]);
  afterCommit(wake);
}
