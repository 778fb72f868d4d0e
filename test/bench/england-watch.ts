import { statSync } from 'node:fs';
import type pg from 'pg';
import { cpuSecondsOfServer } from './claims-stage.js';
import { short } from './row.js';

/** A kind of work: how much of it was done, how long it took, and what it cost of the processors. */
export interface Work {
  readonly name: string;
  readonly unit: string;
  readonly count: number;
  readonly seconds: number;
  /** Of this process: the program, and with it whoever sends to it. */
  readonly programSeconds: number;
  readonly serverSeconds: number;
  /** Each time that it was done: what grows with the year shows in the last of them. */
  readonly parts: readonly { readonly count: number; readonly seconds: number }[];
}

export class StoppedByHand extends Error {}

const SAY_EVERY_MS = 1_000;
const SAY_LINES_EVERY_MS = 30_000;
const SIZE_EVERY_MS = 15_000;

/** Looks at the clock, the processors and the database while the year is done, and says how far it is. */
export class Watch {
  private readonly works = new Map<string, Work>();
  private readonly began = performance.now();
  private yearBegan = 0;
  private rowsDone = 0;
  private doing = '';
  private saidAt = 0;
  private sizedAt = -SIZE_EVERY_MS;
  private sizeBytes = 0;
  private isStopped = false;

  constructor(
    private readonly admin: pg.Client,
    private readonly adminUrl: string,
    private readonly rowsExpected: number,
    private readonly out: NodeJS.WriteStream | null,
  ) {}

  /** From now on nothing new is begun. */
  stop(): void {
    this.isStopped = true;
  }

  /** @throws StoppedByHand */
  goOn(): void {
    if (this.isStopped) throw new StoppedByHand();
  }

  beginYear(): void {
    this.yearBegan = performance.now();
  }

  get seconds(): number {
    return (performance.now() - this.began) / 1_000;
  }

  get all(): readonly Work[] {
    return [...this.works.values()];
  }

  /** Does a piece of work that counts as one of its kind; `work` gives how much it was. */
  async time(name: string, unit: string, work: () => Promise<number>): Promise<void> {
    await this.measure(name, unit, work, (count) => count);
  }

  /** The same for work that gives something else. */
  async measure<T>(name: string, unit: string, work: () => Promise<T>, countOf: (done: T) => number): Promise<T> {
    this.doing = name;
    const [began, cpu, server] = [performance.now(), process.cpuUsage(), await cpuSecondsOfServer(this.adminUrl)];
    const done = await work();
    const [count, seconds] = [countOf(done), (performance.now() - began) / 1_000];
    const { user, system } = process.cpuUsage(cpu);
    const before = this.works.get(name) ?? { count: 0, seconds: 0, programSeconds: 0, serverSeconds: 0, parts: [] };
    this.works.set(name, {
      name,
      unit,
      count: before.count + count,
      seconds: before.seconds + seconds,
      programSeconds: before.programSeconds + (user + system) / 1e6,
      serverSeconds: before.serverSeconds + (await cpuSecondsOfServer(this.adminUrl)) - server,
      parts: [...before.parts, { count, seconds }],
    });
    return done;
  }

  rows(more: number): void {
    this.rowsDone += more;
  }

  /** On one line of a terminal, which the next one replaces; elsewhere a line now and then. */
  async say(where: string): Promise<void> {
    const now = performance.now();
    if (!this.out || now - this.saidAt < (this.out.isTTY ? SAY_EVERY_MS : SAY_LINES_EVERY_MS)) return;
    this.saidAt = now;
    if (now - this.sizedAt > SIZE_EVERY_MS) {
      this.sizedAt = now;
      this.sizeBytes = await databaseBytes(this.admin);
    }
    const parts = [`${where}: ${this.doing}`, ...this.progress(now), `database ${gigabytes(this.sizeBytes)}`];
    const line = [...parts, `memory ${short(process.memoryUsage.rss() / 1e6)} MB`].join(' · ');
    this.out.write(this.out.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  /** Leaves the line as it is found. */
  end(): void {
    if (this.out?.isTTY) this.out.write('\r\u001b[K');
  }

  private progress(now: number): string[] {
    const { rowsDone, rowsExpected } = this;
    const seconds = (now - this.yearBegan) / 1_000;
    if (rowsDone === 0 || this.yearBegan === 0) return [];
    const left = (seconds * Math.max(0, rowsExpected - rowsDone)) / rowsDone;
    return [
      `${rowsDone.toLocaleString('en-GB')} of ${rowsExpected.toLocaleString('en-GB')} claims`,
      `${short(rowsDone / seconds)} a second, with all that follows`,
      `${durationOf(left)} left`,
    ];
  }
}

export function durationOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function gigabytes(bytes: number): string {
  return `${short(bytes / 1e9)} GB`;
}

export async function databaseBytes(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  return Number(rows[0]?.bytes ?? 0);
}

/** Bytes of WAL that were ever written. */
export async function walBytes(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ bytes: string }>(`select pg_current_wal_lsn() - '0/0'::pg_lsn as bytes`);
  return Number(rows[0]?.bytes ?? 0);
}

export interface TableSize {
  readonly name: string;
  readonly bytes: number;
  /** Of all, what indexes take. */
  readonly indexBytes: number;
}

export async function largestTables(admin: pg.Client): Promise<TableSize[]> {
  const { rows } = await admin.query<{ name: string; bytes: string; indexes: string }>(
    `select c.oid::regclass::text as name, pg_total_relation_size(c.oid) as bytes, pg_indexes_size(c.oid) as indexes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'ledger') order by 2 desc limit 10`,
  );
  return rows.map(({ name, bytes, indexes }) => ({ name, bytes: Number(bytes), indexBytes: Number(indexes) }));
}

export const fileBytes = (path: string): number => statSync(path).size;
