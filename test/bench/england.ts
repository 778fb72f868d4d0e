// npm run bench -- --england [--share 0.01] [--seed 7] [--json] : England's year of social prescribing, once, on this machine.
//
// Everything goes over HTTP through the routes that people and their programs use, with personal and service keys: nothing is laid
// by copies or by SQL. Only commissioners and their people are made by the service behind the operator's commands, and personal keys
// are issued as `wellpaid key` issues them. Referrals are imported and accepted, sessions come in claim files, batches are submitted,
// reviewed and approved, documents are all drawn, payouts go through the double of Stripe with its notices, and the sealer, the
// signer, the sweeper and the other duties run beside it. PostgreSQL waits for the disk at every commit.
import { statfsSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { figuresOf, agrees } from './england-account.js';
import { type EnglandDatabase, openEngland } from './england-app.js';
import { morningOf } from './england-calendar.js';
import { claim, close, endYear, pay, refer } from './england-month.js';
import { ENGLAND, planOf, type YearPlan } from './england-plan.js';
import { prove } from './england-proof.js';
import { type Account, accountInWords, faultsOf } from './england-report.js';
import { Stage } from './england-stage.js';
import { databaseBytes, gigabytes, largestTables, StoppedByHand, walBytes, Watch } from './england-watch.js';
import { layEngland } from './england-world.js';
import { startBenchServer } from './server.js';

export interface EnglandOptions {
  readonly share: number;
  readonly seed: number;
  /** Fewer than twelve, for a test. */
  readonly months?: number;
  /** Where to say how far it is; nowhere when null. */
  readonly progress: NodeJS.WriteStream | null;
  /** Called once all is paid, before the account is drawn up: by a test, to change something. */
  readonly beforeAccount?: (stage: Stage) => Promise<void>;
  /** Given the way to have it end early. */
  readonly onBegin?: (stop: () => void) => void;
}

/** Bytes of the database for each person at a session: 7,470 were measured at a share of 0.01, and a fifth is added. */
const DISK_BYTES_EACH = 9_000;
/** The server's own files, write-ahead log that it keeps, and a bundle at a time. */
const DISK_BYTES_LEAST = 3e9;
/** What a shell makes of SIGINT. */
const INTERRUPTED = 130;
const SAME_INTERRUPT_MS = 1_000;
const SET_UP_IN = { month: -1, day: 24 } as const;

/** Does the year and draws up its account. @throws StoppedByHand */
export async function doYear(database: EnglandDatabase, options: EnglandOptions): Promise<Account> {
  const plan = planOf(options.share, options.seed, options.months);
  const app = await openEngland(database, morningOf(SET_UP_IN.month, SET_UP_IN.day));
  try {
    const watch = new Watch(app.admin, database.adminUrl, plan.expected, options.progress);
    options.onBegin?.(() => watch.stop());
    const stage = await layStage(plan, app, watch);
    const before = [await databaseBytes(app.admin), await walBytes(app.admin)] as const;
    await doMonths(stage);
    await options.beforeAccount?.(stage);
    const figures = await figuresOf(stage);
    const proof = stage.wrong.length === 0 && figures.every(agrees) ? await prove(stage, database) : null;
    watch.end();
    const bytes = await databaseBytes(app.admin);
    return {
      share: plan.share,
      seed: plan.seed,
      seconds: watch.seconds,
      wrong: stage.wrong,
      figures,
      works: watch.all,
      proof,
      machine: {
        cores: cpus().length,
        cpu: cpus()[0]?.model ?? 'unknown',
        node: process.version,
        memoryMb: process.resourceUsage().maxRSS / 1024,
        databaseBytes: bytes,
        walBytes: (await walBytes(app.admin)) - before[1],
        largest: await largestTables(app.admin),
        bytesPerSession: (bytes - before[0]) / Number(stage.tally.claims),
      },
    };
  } finally {
    await app.close();
  }
}

async function layStage(plan: YearPlan, app: Awaited<ReturnType<typeof openEngland>>, watch: Watch): Promise<Stage> {
  const desks = await watch.measure(
    'organisations, contracts and accounts set up',
    'providers',
    () => layEngland(app, plan, watch),
    () => plan.providers.length,
  );
  return new Stage(plan, app, desks, watch);
}

/** A month at a time, until one is wrong: then what follows would only hide where it began. */
async function doMonths(stage: Stage): Promise<void> {
  stage.watch.beginYear();
  try {
    await refer(stage, 0);
    for (let month = 0; month < stage.plan.months && stage.wrong.length === 0; month++) {
      await claim(stage, month);
      await close(stage, month);
      if (stage.wrong.length > 0) return;
      if (month + 1 < stage.plan.months) await refer(stage, month + 1);
      await pay(stage, month);
    }
    await endYear(stage);
  } catch (error) {
    if (error instanceof StoppedByHand) throw error;
    stage.wrong.push(`It broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const HELP = `npm run bench -- --england [options]
  England's year of social prescribing, ${ENGLAND.sessions.toLocaleString('en-GB')} people at sessions, done once from the referral to the bank,
  with an account of what was done, how long it took, and what proves it. Ends with 1 when a figure is not that of the tally.

  --share 0.01   a part of it: fewer commissioners and providers, each as large as in the whole (1 unless given)
  --seed 7       what is left to chance (1 unless given)
  --json         the account for programs

  The database lies below ${tmpdir()} (TMPDIR) and is removed in the end. Ctrl-C stops it.`;

/** The program; gives its exit code. */
export async function england(values: {
  share?: string;
  seed?: string;
  json?: boolean;
  help?: boolean;
}): Promise<number> {
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const [share, seed] = [Number(values.share ?? 1), Number(values.seed ?? 1)];
  const problem = problemOf(share, seed);
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const onBegin = stopOnInterrupt();
  const server = await startBenchServer();
  try {
    const options = { share, seed, progress: process.stderr, onBegin };
    const account = await doYear(await server.database(), options);
    console.log(values.json === true ? JSON.stringify(account, asText, 2) : accountInWords(account));
    return faultsOf(account).length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof StoppedByHand)) throw error;
    console.error('Stopped by hand: there is no account, and nothing is kept.');
    return INTERRUPTED;
  } finally {
    await server.stop();
  }
}

/**
 * Ctrl-C ends it in good order, and once more at once. One that npm passes on is the same as the one before. Gives where the way to
 * stop is to be brought.
 */
function stopOnInterrupt(): (how: () => void) => void {
  let stop: () => void = () => undefined;
  let askedAt: number | undefined;
  process.on('SIGINT', () => {
    const now = performance.now();
    if (askedAt !== undefined && now - askedAt > SAME_INTERRUPT_MS) process.exit(INTERRUPTED);
    if (askedAt !== undefined) return;
    askedAt = now;
    const folder = path.join(tmpdir(), 'wellpaid-bench-*');
    console.error(
      `\nStopping: what is under way ends first. Ctrl-C again leaves at once, and leaves ${folder} behind.`,
    );
    stop();
  });
  return (how) => {
    stop = how;
    if (askedAt !== undefined) stop();
  };
}

/** Why it cannot be begun, in words. */
export function problemOf(share: number, seed: number, freeBytes = freeBytesOf(tmpdir())): string | undefined {
  if (!(share > 0 && share <= 1)) return '--share is a number above 0, and 1 at the most, such as 0.01.';
  if (!Number.isSafeInteger(seed) || seed < 0) return '--seed is a whole number, such as 7.';
  const needed = DISK_BYTES_LEAST + ENGLAND.sessions * share * DISK_BYTES_EACH;
  if (freeBytes >= needed) return undefined;
  return `It needs ${gigabytes(needed)} of disk below ${tmpdir()}, where ${gigabytes(freeBytes)} are free: make room, set TMPDIR to another disk, or give a smaller --share.`;
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** As JSON writes it, but for what JSON has no spelling of. */
function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
