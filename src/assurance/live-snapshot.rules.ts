/** A pg_snapshot: transactions below `xmin` are seen, those from `xmax` on are not, and between them all but `running`. */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly running: ReadonlySet<bigint>;
}

/** Reads the text of a pg_snapshot, `xmin:xmax:xip,xip`. Throws SyntaxError for another text. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '', xmax = '', running = ''] = text.split(':');
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(BigInt)),
  };
}

/** Whether a transaction had been committed when the snapshot was taken, as PostgreSQL's pg_visible_in_snapshot says. */
export function isSeen(xid: bigint, { xmin, xmax, running }: Snapshot): boolean {
  if (xid < xmin) return true;
  return xid < xmax && !running.has(xid);
}
