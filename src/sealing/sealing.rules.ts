/** How often a commissioner's head becomes a leaf of the platform's log, at most: its checkpoint is what witnesses see. */
export const ANCHOR_EVERY_MS = 60_000;

/** How often a worker looks whether there is anything to seal: an event that comes after quiet waits no longer. */
export const LOOK_EVERY_MS = 500;

/** How often a journal that never rests is sealed. A pass has a price of its own, whatever is new. */
export const PASS_EVERY_MS = 1_000;

/**
 * How long a worker rests after a pass; it looks at each beat of a clock that is a little early or late.
 *
 * @param sealed the events of the pass
 */
export function restAfterMs(sealed: number): number {
  return sealed === 0 ? 0 : PASS_EVERY_MS - LOOK_EVERY_MS / 2;
}

/** In which history of which database cluster something was seen, and how far that had come. */
export interface Identity {
  readonly systemIdentifier: string;
  readonly timeline: string;
  /** The first transaction that was still to come. */
  readonly xmax: string;
}

/**
 * What has changed since the last pass: in the same `history` the difference of two snapshots says what is new; in another
 * `cluster` transaction ids say nothing, and on another `timeline` this may be an older copy of what was published. Clusters
 * that were copied from one have its identifier; one that is not as far as the last pass was is not where that was made.
 */
export function changeOf(last: Identity, now: Identity): 'none' | 'timeline' | 'cluster' {
  if (last.systemIdentifier !== now.systemIdentifier || BigInt(last.xmax) > BigInt(now.xmax)) return 'cluster';
  return last.timeline === now.timeline ? 'none' : 'timeline';
}

/** More transactions than begin while a pass looks at what is new. */
const OVERLAPPING_MOST = 10_000n;

/**
 * A snapshot that names every transaction which had begun when it was taken. PostgreSQL's own names those below its `xmax`, which
 * comes after the last transaction that had *ended*: one with a later id may have taken a number already, and whoever checks the
 * order of events has to know that it may come late. What is seen by both is the same.
 *
 * @param own the id of the transaction that took it, given to it afterwards: all that had begun before have smaller ones
 */
export function untilOwn(snapshot: string, own: bigint): string {
  const [xmin = '', end = '', running = ''] = snapshot.split(':');
  const xmax = BigInt(end);
  if (own <= xmax || own - xmax > OVERLAPPING_MOST) return snapshot;
  const begun = Array.from({ length: Number(own - xmax) }, (_, after) => (xmax + BigInt(after)).toString());
  return `${xmin}:${own}:${[...(running === '' ? [] : [running]), ...begun].join(',')}`;
}

/** Whether a head that has moved on is anchored again, when it was anchored last before an instant, or never. */
export function isDue(anchoredAt: Date | null, anchoredBefore: Date): boolean {
  return anchoredAt === null || anchoredAt <= anchoredBefore;
}

/** The name of a log: the first line of its checkpoints (C2SP tlog-checkpoint), and of the key that signs them. */
export function originOf(logName: string, logId: string): string {
  return `${logName}/${logId}`;
}
