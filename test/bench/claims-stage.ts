import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { ENTITIES } from '../../src/entities.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { Jobs } from '../../src/platform/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { signingKey } from '../../src/transparency/index.js';
import { agreement, type Agreement } from '../support/agreement.js';
import { client } from '../support/api-client.js';
import type { TestApp } from '../support/app.js';
import { commissioner, type Party, registered } from '../support/world.js';
import type { BenchServer } from './server.js';

/** A commissioner, a provider and a contract that is in force for the past year, with people who may be claimed for. */
export interface ClaimsWorld {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly commissionerId: string;
  readonly providerId: string;
  readonly deal: Agreement;
  /** A coordinator's key. */
  readonly key: string;
  /** References of accepted referrals. */
  readonly references: readonly string[];
  /** The first day of the contract, `YYYY-MM-DD`. */
  readonly startsOn: string;
}

const DAY_MS = 86_400_000;
const NOW = new Date();
const isoOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Lays a world in a database of its own; `card` holds the terms of the rate card. */
export async function layWorld(
  server: BenchServer,
  { people, card }: { readonly people: number; readonly card: Record<string, unknown> },
): Promise<ClaimsWorld> {
  const { adminUrl, appUrl } = await server.database();
  const startsOn = isoOf(NOW.getTime() - 364 * DAY_MS);
  const app = await openRoutes(adminUrl, appUrl);
  try {
    const icb = await commissioner(app, 'NELICB');
    const choir = await registered(app, icb, 'provider', 'CHOIR');
    const deal = await agreement(icb, choir, { startsOn, endsOn: isoOf(NOW.getTime() + DAY_MS), card });
    const references = Array.from({ length: people }, (_, index) => `SP-${index + 1}`);
    await refer(app.admin, icb, choir, deal, references, startsOn);
    const { key } = await choir.as('coordinator');
    return { adminUrl, appUrl, commissionerId: icb.id, providerId: choir.id, deal, key, references, startsOn };
  } finally {
    await app.close();
  }
}

/** Accepted referrals of as many people to the contract of a provider. */
export async function refer(
  admin: pg.Client,
  icb: Party,
  choir: Party,
  deal: Agreement,
  references: readonly string[],
  startsOn: string,
): Promise<void> {
  await admin.query(
    `with p as (insert into person (commissioner_id, owner_org_id, reference)
                select $1, $2, r from unnest($5::text[]) r returning id, reference)
     insert into referral (commissioner_id, id, provider_id, actor_org_id, contract_id, service_id, person_id, reference,
                           source, lawful_basis, state, confirmed_at, made_on, respond_by, accepted_on, created_at)
     select $1, gen_random_uuid(), $2, $2, $3, $4, p.id, p.reference, 'nhs', 'public_task', 'accepted', now(),
            $6::date, $6::date, $6::date, now() from p`,
    [icb.id, choir.id, deal.contractId, deal.serviceId, references, startsOn],
  );
  await admin.query('vacuum analyze');
}

/** The product over HTTP on a database, with a clock that stands and nothing in the background: to lay a world through its routes. */
export async function openRoutes(adminUrl: string, appUrl: string, now = NOW.toISOString()): Promise<TestApp> {
  const config = readConfig({ LOG_LEVEL: 'silent', PORT: '0', DATABASE_URL: appUrl });
  const runtime = {
    config,
    database: new Database(await connect(appUrl, ENTITIES, 4)),
    jobs: { databaseUrl: appUrl, redisUrl: undefined, work: false },
    clock: new SandboxClock(new Date(now)),
    log: createLog('silent'),
    pseudonyms: new Pseudonyms(Buffer.alloc(32, 7)),
    secretBox: new SecretBox(Buffer.alloc(32, 7)),
    checkpoints: { keys: [signingKey(Buffer.alloc(32, 7))], storeDir: undefined },
    sandboxStripe: null,
  };
  const nest = await createApp(runtime);
  await nest.listen(0, '127.0.0.1');
  const url = await nest.getUrl();
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  return {
    url,
    nest,
    runtime,
    clock: runtime.clock,
    jobs: nest.get(Jobs),
    database: runtime.database,
    testDatabase: { adminUrl, appUrl, name: '', drop: nothing, copy: () => Promise.reject(new Error('no copy')) },
    admin,
    api: (key) => client(url, key),
    close: async () => {
      await nest.close();
      await admin.end();
    },
  };
}

const nothing = (): Promise<void> => Promise.resolve();

/** The product as a process of its own, as `wellpaid` runs it. `all`: requests, jobs and the sealer. */
export interface RunningProgram {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** What each says once it works; whoever answers requests says where. */
const READY = {
  all: /listens at (http:\/\/\S+?)\.\s/,
  serve: /listens at (http:\/\/\S+?)\.\s/,
  worker: /(runs background jobs)/,
} as const;

export async function startProgram(
  { appUrl }: Pick<ClaimsWorld, 'appUrl'>,
  role: keyof typeof READY = 'all',
): Promise<RunningProgram> {
  const environment = {
    DATABASE_URL: appUrl,
    PORT: '0',
    LOG_LEVEL: 'warn',
    PSEUDONYM_KEY: '07'.repeat(32),
    CHECKPOINT_KEY: '07'.repeat(32),
    SANDBOX_STRIPE_URL: 'http://127.0.0.1:9',
  };
  const child = spawn(process.execPath, ['--max-semi-space-size=16', MAIN, role], {
    env: { PATH: process.env.PATH, HOME: '/', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await saying(child, READY[role]);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

function saying(child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    child.stdout?.on('data', (piece: Buffer) => {
      out += piece.toString();
      const said = ready.exec(out)?.[1];
      if (said !== undefined) resolve(said);
      else if (out.length > 4_096) out = '';
    });
    child.stdout?.on('data', (piece: Buffer) => {
      if (piece.includes('"level"')) process.stderr.write(piece); // warnings, if there are any
    });
    child.once('exit', () => reject(new Error(`The program ended: ${out}`)));
  });
}

/** Processor seconds since its start of a process, or of a PostgreSQL server with all its processes, those that ended too. */
export async function cpuSecondsOfServer(adminUrl: string): Promise<number> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid');
    const postmaster = statOf(rows[0]?.pid ?? 0).parent;
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => statOf(Number(name)))
      .filter(({ parent }) => parent === postmaster);
    const own = statOf(postmaster);
    return own.cpuSeconds + own.endedSeconds + children.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  } finally {
    await admin.end();
  }
}

/** Processor seconds of the backends that serve connections of this `application_name`, by their process ids. */
export async function cpuSecondsOfBackends(admin: pg.Client, name: string): Promise<Map<number, number>> {
  const { rows } = await admin.query<{ pid: number }>('select pid from pg_stat_activity where application_name = $1', [
    name,
  ]);
  return new Map(rows.map(({ pid }) => [pid, statOf(pid).cpuSeconds]));
}

export const cpuSecondsOf = (pid: number): number => statOf(pid).cpuSeconds;

/** The most memory that a process has had in RAM, in MB. */
export function peakMemoryMb(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}

const TICKS = 100;

function statOf(pid: number): { parent: number; cpuSeconds: number; endedSeconds: number } {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return { parent: -1, cpuSeconds: 0, endedSeconds: 0 };
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (place: number) => Number(fields[place]);
  return { parent: at(1), cpuSeconds: (at(11) + at(12)) / TICKS, endedSeconds: (at(13) + at(14)) / TICKS };
}
