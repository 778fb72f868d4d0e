import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { ENTITIES } from '../../src/entities.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { Jobs } from '../../src/platform/jobs.js';
import { createLog } from '../../src/platform/log.js';
import type { Runtime } from '../../src/platform/platform.module.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { StripeDoubleControl } from '../../src/sandbox/stripe/index.js';
import { signingKey } from '../../src/transparency/index.js';
import { agreement, type Agreement } from '../support/agreement.js';
import { client } from '../support/api-client.js';
import type { TestApp } from '../support/app.js';
import { commissioner, registered, type Party, type Person } from '../support/world.js';
import type { Cluster } from './cluster.js';
import { type Fleet, LOG_NAME, SEED_32 } from './instances.js';

export interface Charity {
  readonly party: Party;
  readonly contract: Agreement;
  readonly coordinator: Person;
}

/** A commissioner that has money, and charities that are ready to be paid by it. */
export interface Town {
  readonly icb: Party;
  readonly charities: readonly Charity[];
  readonly contractManager: Person;
  readonly approver: Person;
  readonly finance: Person;
  readonly stripe: StripeDoubleControl;
  /** Beside the processes that are injured: what checks are made with. */
  readonly nest: NestFastifyApplication;
  close(): Promise<void>;
}

const CODE = 'TOWN';
const FUNDS_MINOR = 100_000_000n;

export async function buildTown(cluster: Cluster, fleet: Fleet, charityCount: number): Promise<Town> {
  const app = await openApp(cluster, fleet);
  const icb = await commissioner(app, CODE);
  const [contractManager, approver, finance] = await Promise.all([
    icb.as('contract_manager'),
    icb.as('approver'),
    icb.as('finance'),
  ]);
  const stripe = new StripeDoubleControl(fleet.doubleUrl, CODE.toLowerCase());
  const charities: Charity[] = [];
  for (let n = 1; n <= charityCount; n++) {
    const party = await registered(app, icb, 'provider', `CHAR${n}`);
    const contract = await agreement(icb, party, { budgetMinor: '100000000' });
    const coordinator = await party.as('coordinator');
    const { api } = await party.as('treasurer');
    const { body } = await api.post<{ onboarding: { url: string } }>('/v1/payout-accounts', {
      commissionerId: icb.id,
      rail: 'stripe',
      contactEmail: 'money@charity.example',
    });
    await stripe.followLink(body.onboarding.url);
    charities.push({ party, contract, coordinator });
  }
  await stripe.receiveFunds(FUNDS_MINOR);
  await finance.api.post('/v1/funds/refresh');
  await untilReady(cluster, charityCount);
  // The people of the story stay signed in, however far clocks jump.
  await cluster.query(`update api_key set expires_at = '2027-12-31'`);
  return { icb, charities, contractManager, approver, finance, stripe, nest: app.nest, close: () => app.nest.close() };
}

async function untilReady(cluster: Cluster, charityCount: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const [row] = await cluster.query<{ accounts: number; funded: boolean }>(
      `select (select count(*)::int from payout_account where state = 'active') as accounts,
              exists (select from funding) as funded`,
    );
    if (row?.accounts === charityCount && row.funded) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The charities could not be made ready to be paid');
}

async function openApp(cluster: Cluster, fleet: Fleet): Promise<TestApp> {
  const databaseUrl = cluster.appUrl();
  const config = readConfig({ LOG_LEVEL: 'silent', PORT: '0', DATABASE_URL: databaseUrl, LOG_NAME });
  const clock = new SandboxClock(fleet.now());
  const key = Buffer.from(SEED_32, 'hex');
  const runtime: Runtime = {
    config,
    database: new Database(await connect(databaseUrl, ENTITIES, 4)),
    jobs: { databaseUrl, redisUrl: undefined, work: false },
    clock,
    log: createLog('silent'),
    pseudonyms: new Pseudonyms(key),
    secretBox: new SecretBox(key),
    checkpoints: { keys: [signingKey(key)], storeDir: fleet.storeDir },
    sandboxStripe: { url: fleet.doubleUrl, webhookBase: null },
  };
  const nest = await createApp(runtime);
  const url = `http://127.0.0.1:${fleet.servers[0]?.port}`;
  return {
    url,
    nest,
    runtime,
    clock,
    jobs: nest.get(Jobs),
    database: runtime.database,
    testDatabase: { adminUrl: cluster.adminUrl, appUrl: databaseUrl, name: 'wellpaid', copy: never, drop: never },
    admin: new pg.Client(cluster.adminUrl), // nothing here asks it
    api: (token) => client(url, token),
    close: () => nest.close(),
  };
}

const never = (): Promise<never> => Promise.reject(new Error('Not here'));
