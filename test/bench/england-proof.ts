import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { LiveVerdict } from '../../src/assurance/index.js';
import type { BundleVerdict } from '../../src/audit/index.js';
import { type EnglandDatabase, SEED } from './england-app.js';
import { YEAR } from './england-calendar.js';
import { inTurns } from './england-hands.js';
import type { Stage } from './england-stage.js';
import { fileBytes, type Watch } from './england-watch.js';
import { analyse } from './server.js';

/** What the product's own verifiers and statements say of the year. */
export interface Proof {
  readonly live: { readonly outcome: string; readonly events: number; readonly broken: readonly string[] };
  readonly bundles: readonly ProvedBundle[];
  readonly statements: { readonly count: number; readonly lines: number; readonly wrong: readonly string[] };
}

interface ProvedBundle {
  readonly commissioner: string;
  readonly outcome: string;
  readonly events: number;
  readonly bytes: number;
  readonly root: string;
}

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const BUNDLES = 3;
const STATEMENTS_AT_ONCE = 2;
const OUTPUT_MOST = 64_000_000;

export const isProved = ({ live, bundles, statements }: Proof): boolean =>
  live.outcome === 'proved' && bundles.every(({ outcome }) => outcome === 'proved') && statements.wrong.length === 0;

/** Statements are exported, some books are taken away and verified without the instance, then all is verified where it lies. */
export async function prove(stage: Stage, database: EnglandDatabase): Promise<Proof> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wellpaid-england-'));
  try {
    await stage.watch.time('tables analysed, as the server does by itself in time', 'database', async () => {
      await analyse(database.adminUrl);
      return 1;
    });
    const statements = await exportStatements(stage);
    await stage.watch.time('waited for the last seal of a month', 'logs', () => stage.seal());
    const bundles: ProvedBundle[] = [];
    for (const { code, auditorKey } of stage.desks.slice(0, BUNDLES)) {
      const file = path.join(folder, `${code}.tar`);
      await stage.watch.time('bundles exported', 'MB', () => takeAway(stage, auditorKey, file));
      bundles.push(await verifyOffline(stage, code, file));
      rmSync(file);
    }
    return { live: await verifyLive(stage, database, folder), bundles, statements };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The year of each commissioner and of each provider. All is paid, so each closes at nothing, and every document and payout is a line
 * of both.
 */
async function exportStatements({ app, desks, watch, batches, payouts }: Stage): Promise<Proof['statements']> {
  const to = app.clock.today();
  const wanted = desks.flatMap(({ code, party, finance, providers }) => [
    { code, api: finance, party: 'commissioner', id: party.id },
    ...providers.map(({ plan, program, contractId }) => ({
      code: plan.code,
      api: program,
      party: 'contract',
      id: contractId,
    })),
  ]);
  const wrong: string[] = [];
  let lines = 0;
  await watch.time('statements as CSV', 'statements', async () => {
    await inTurns(STATEMENTS_AT_ONCE, wanted, async ({ code, api, party, id }) => {
      watch.goOn();
      const { text } = await api.get(`/v1/statements?party=${party}&id=${id}&from=${YEAR.from}&to=${to}&format=csv`);
      const rows = text.split('\r\n');
      const closing = rows.findIndex((row) => row.includes('Closing balance'));
      if (!/,0\.00,/.test(rows[closing] ?? '')) wrong.push(`${code}: ${rows[closing] ?? 'no closing balance'}`);
      lines += closing - 2;
      await watch.say('After the year');
    });
    return wanted.length;
  });
  const wantedLines = 2 * (batches + payouts);
  if (lines !== wantedLines) wrong.push(`there are ${lines} lines in all, and not ${wantedLines}`);
  return { count: wanted.length, lines, wrong };
}

async function takeAway({ app }: Stage, key: string, file: string): Promise<number> {
  const response = await fetch(`${app.url}/v1/audit/bundle`, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok || !response.body) throw new Error(`The bundle answered ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  return fileBytes(file) / 1e6;
}

async function verifyOffline({ watch }: Stage, commissioner: string, file: string): Promise<ProvedBundle> {
  const verify = async () => (await verdictOf(watch, ['verify', file], {})) as Partial<BundleVerdict>;
  const verdict = await watch.measure(
    'bundles verified offline',
    'events',
    verify,
    ({ counts }) => counts?.events ?? 0,
  );
  const { outcome = 'unreadable', counts, log } = verdict;
  return { commissioner, outcome, events: counts?.events ?? 0, bytes: fileBytes(file), root: log?.root ?? '' };
}

async function verifyLive({ watch }: Stage, { appUrl }: EnglandDatabase, folder: string): Promise<Proof['live']> {
  const environment = { WELLPAID_DATA_DIR: folder, DATABASE_URL: appUrl, CHECKPOINT_KEY: SEED, PSEUDONYM_KEY: SEED };
  const verify = async () => (await verdictOf(watch, ['verify', '--live'], environment)) as Partial<LiveVerdict>;
  const verdict = await watch.measure('all verified where it lies', 'events', verify, eventsOf);
  const { outcome = 'unreadable', logs = [], broken = [] } = verdict;
  const findings = logs.flatMap((log) => log.findings.map(({ code, what }) => `${log.origin}: ${code}, ${what}`));
  const untrue = broken.map(({ sentence, violations }) => `${sentence} Not true ${violations} times.`);
  return { outcome, events: eventsOf(verdict), broken: [...findings, ...untrue] };
}

/** Of the commissioners; the last log is the platform's. */
const eventsOf = ({ logs = [] }: Partial<LiveVerdict>): number =>
  logs.slice(0, -1).reduce((sum, { size }) => sum + size, 0);

/**
 * What a program of its own prints; exit code 1 says that something is not proved, and it has printed what.
 *
 * @throws StoppedByHand when Ctrl-C, which reaches it too, has ended it
 */
async function verdictOf(
  watch: Watch,
  words: readonly string[],
  environment: Record<string, string>,
): Promise<unknown> {
  const env = { PATH: process.env.PATH, HOME: '/', LOG_LEVEL: 'silent', ...environment };
  const printed = await new Promise<string>((resolve) => {
    const options = { env, maxBuffer: OUTPUT_MOST };
    execFile(process.execPath, [MAIN, ...words, '--json'], options, (_, stdout, stderr) => resolve(stdout || stderr));
  });
  watch.goOn();
  if (!printed.startsWith('{')) throw new Error(`wellpaid ${words.join(' ')}: ${printed}`);
  return JSON.parse(printed);
}
