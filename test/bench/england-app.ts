import pg from 'pg';
import { createApp } from '../../src/app.js';
import { ENTITIES } from '../../src/entities.js';
import { type Organisation, OrganisationsService } from '../../src/organisations/index.js';
import type { Role } from '../../src/platform/actor.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { Jobs } from '../../src/platform/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { startStripeDouble, StripeDoubleControl } from '../../src/sandbox/stripe/index.js';
import { signingKey } from '../../src/transparency/index.js';
import { client } from '../support/api-client.js';
import type { TestApp } from '../support/app.js';

/** The product as it serves, works and seals, on a clock that is moved from month to month, beside the double of Stripe. */
export interface EnglandApp extends TestApp {
  stripe(commissioner: string): StripeDoubleControl;
  /** Somebody who has this role; one for each organisation. */
  enrol(organisation: Organisation, role: Role): Promise<void>;
  /** A personal key of today, which lasts twelve hours. */
  signIn(code: string, role: Role): Promise<string>;
}

export interface EnglandDatabase {
  /** Of the superuser, who only reads. */
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
  const double = await startStripeDouble({ now: () => clock.now(), settleAfterSeconds: SETTLE_SECONDS });
  const config = readConfig({ LOG_LEVEL: 'error', PORT: '0', DATABASE_URL: database.appUrl });
  const seed = Buffer.from(SEED, 'hex');
  const runtime = {
    config,
    database: new Database(await connect(database.appUrl, ENTITIES, config.databasePoolSize)),
    jobs: { databaseUrl: database.appUrl, redisUrl: undefined, work: true },
    clock,
    log: createLog(config.logLevel),
    pseudonyms: new Pseudonyms(seed),
    secretBox: new SecretBox(seed),
    checkpoints: { keys: [signingKey(seed)], storeDir: undefined },
    sandboxStripe: { url: double.url, webhookBase: null as string | null },
  };
  const nest = await createApp(runtime);
  await nest.listen(0, '127.0.0.1');
  const url = await nest.getUrl();
  runtime.sandboxStripe.webhookBase = url;
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const organisations = nest.get(OrganisationsService);
  return {
    url,
    nest,
    runtime,
    clock,
    jobs: nest.get(Jobs),
    database: runtime.database,
    testDatabase: { ...database, name: '', drop: nothing, copy: () => Promise.reject(new Error('no copy')) },
    admin,
    api: (key) => client(url, key),
    stripe: (commissioner) => new StripeDoubleControl(double.url, commissioner.toLowerCase()),
    enrol: async (organisation, role) => {
      const person = { displayName: `The ${role} of ${organisation.code}`, email: emailOf(organisation.code, role) };
      await runtime.database.transaction(AUTH, (tx) =>
        organisations.enrol(tx, organisation, { ...person, roles: [role] }),
      );
    },
    signIn: async (code, role) => (await organisations.personalKey(code, emailOf(code, role))).key,
    close: async () => {
      await nest.close();
      await double.close();
      await admin.end();
    },
  };
}

const emailOf = (code: string, role: Role) => `${role}@${code.toLowerCase()}.example`;
const nothing = (): Promise<void> => Promise.resolve();
