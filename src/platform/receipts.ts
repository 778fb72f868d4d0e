import { Surrounding } from './surroundings.js';

/** An event as a receipt names it. */
export interface Promised {
  readonly id: string;
  /** SHA-256 of its leaf (RFC 6962 section 2.1). */
  readonly leafHash: Buffer;
}

/** What a command recorded in the log of one commissioner, in this order. */
export interface CommandRecord {
  readonly commissionerId: string;
  /** Of the last of the events. */
  readonly recordedAt: Date;
  readonly events: readonly Promised[];
}

/** Makes what the Receipt header holds; the module that seals does it. */
export abstract class ReceiptMaker {
  /** @param records at least one, with at least one event */
  abstract make(records: readonly CommandRecord[]): string;
}

/** An event that was inserted. */
export type Recorded = Promised & {
  readonly commissionerId: string;
  readonly subjectId: string;
  readonly recordedAt: Date;
};

const work = new Surrounding<Recorded[]>();
const request = new Surrounding<CommandRecord[]>();

/** Notes events that were inserted, where anybody collects them. */
export function noteRecorded(events: readonly Recorded[]): void {
  work.find()?.push(...events);
}

/** Runs `recorder` and gives, beside its answer, what it recorded: true once the transaction commits, and only then. */
export async function collectRecorded<T>(
  recorder: () => Promise<T>,
): Promise<{ answer: T; records: readonly CommandRecord[] }> {
  const { answer, events } = await collectEvents(recorder);
  return { answer, records: recordsOf(events) };
}

/** The same, event by event, for whoever does the work of several commands at once. */
export async function collectEvents<T>(
  recorder: () => Promise<T>,
): Promise<{ answer: T; events: readonly Recorded[] }> {
  const events: Recorded[] = [];
  return { answer: await work.run(events, recorder), events };
}

/** Promises what was recorded to whoever asked for a receipt. Only after the commit. */
export function promiseRecorded(records: readonly CommandRecord[]): void {
  request.find()?.push(...records);
}

/** Runs `handler`, and puts into `promised` what its commands recorded. */
export function collectPromised<T>(promised: CommandRecord[], handler: () => T): T {
  return request.run(promised, handler);
}

/** Events as one command recorded them. */
export function recordsOf(events: readonly Recorded[]): CommandRecord[] {
  const records = new Map<string, { commissionerId: string; recordedAt: Date; events: Promised[] }>();
  for (const event of events) {
    const { commissionerId, recordedAt } = event;
    const record = records.get(commissionerId) ?? { commissionerId, recordedAt, events: [] };
    // As it is: its hash is worked out where somebody asks for it.
    record.events.push(event);
    if (recordedAt > record.recordedAt) record.recordedAt = recordedAt;
    records.set(commissionerId, record);
  }
  return [...records.values()];
}
