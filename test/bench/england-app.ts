import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ENTITIES } from '../../src/entities.js';
import { type Organisation, OrganisationsService } from '../../src/organisations/index.js';
import type { Role } from '../../src/platform/actor.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { createLog } from '../../src/platform/log.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { StripeDoubleControl } from '../../src/sandbox/stripe/index.js';
import { signingKey } from '../../src/transparency/index.js';
import { serveRuntime, type TestApp } from '../support/app.js';

/** The product as it serves, works and seals in this process, beside the double of Stripe in another. */
export interface EnglandApp extends TestApp {
  /** Another day, for both. */
  moveTo(instant: Date): Promise<void>;
  stripe(commissioner: string): StripeDoubleControl;
  /** How many errors the product has logged. */
  errors(): number;
  /** Somebody who has this role; one for each organisation. */
  enrol(organisation: Organisation, role: Role): Promise<void>;
  /** A personal key of today, which lasts twelve hours. */
  signIn(code: string, role: Role): Promise<string>;
}

export interface EnglandDatabase {
  /** Of the superuser, who reads the figures and changes nothing. */
  readonly adminUrl: string;
  readonly appUrl: string;
}

const AUTH = { side: 'auth', orgId: null } as const;
/** A payout reaches the bank two days after it was sent. */
const SETTLE_SECONDS = 2 * 86_400;
/** Of everything that is signed or sealed in a box: what runs the verifiers needs it too. */
export const SEED = '07'.repeat(32);

export async function openEngland(database: EnglandDatabase, now: Date): Promise<EnglandApp> {
  const clock = new SandboxClock(now);
  const double = await startDouble(now);
  const config = readConfig({ LOG_LEVEL: 'error', PORT: '0', DATABASE_URL: database.appUrl });
  const seed = Buffer.from(SEED, 'hex');
  const log = new ErrorLog();
  const runtime = {
    config,
    database: new Database(await connect(database.appUrl, ENTITIES, config.databasePoolSize)),
    jobs: { databaseUrl: database.appUrl, redisUrl: undefined, work: true },
    clock,
    log: createLog(config.logLevel, log),
    pseudonyms: new Pseudonyms(seed),
    secretBox: new SecretBox(seed),
    checkpoints: { keys: [signingKey(seed)], storeDir: undefined },
    sandboxStripe: { url: double.url, webhookBase: null as string | null },
  };
  const none = { name: '', drop: nothing, copy: () => Promise.reject(new Error('no copy')) };
  const app = await serveRuntime(runtime, { ...database, ...none });
  const organisations = app.nest.get(OrganisationsService);
  return {
    ...app,
    errors: () => log.count,
    moveTo: async (instant) => {
      clock.moveTo(instant);
      await double.moveTo(instant);
    },
    stripe: (commissioner) => new StripeDoubleControl(double.url, commissioner.toLowerCase()),
    enrol: async (organisation, role) => {
      const person = { displayName: `The ${role} of ${organisation.code}`, email: emailOf(organisation.code, role) };
      await runtime.database.transaction(AUTH, (tx) =>
        organisations.enrol(tx, organisation, { ...person, roles: [role] }),
      );
    },
    signIn: async (code, role) => (await organisations.personalKey(code, emailOf(code, role))).key,
    close: async () => {
      await app.close();
      await double.stop();
    },
  };
}

/** Shows what the product logs, beside what the program prints. */
class ErrorLog {
  count = 0;

  write(line: string): void {
    this.count += 1;
    process.stderr.write(`\n${line}`);
  }
}

const DOUBLE = fileURLToPath(new URL('england-double.js', import.meta.url));

/** What is said to it is answered once it is so. */
async function startDouble(now: Date) {
  const child = fork(DOUBLE, [now.toISOString(), String(SETTLE_SECONDS)], { execArgv: [] });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The double of Stripe has ended.');
  });
  ended.catch(() => undefined);
  const answer = async () => ((await Promise.race([once(child, 'message'), ended])) as [string])[0];
  const url = await answer();
  return {
    url,
    async moveTo(instant: Date): Promise<void> {
      const answered = answer();
      child.send(instant.toISOString());
      await answered;
    },
    async stop(): Promise<void> {
      if (child.connected) child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}

const emailOf = (code: string, role: Role) => `${role}@${code.toLowerCase()}.example`;
const nothing = (): Promise<void> => Promise.resolve();
