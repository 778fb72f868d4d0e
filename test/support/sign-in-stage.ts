import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import pino from 'pino';
import { Secret, TOTP } from 'otpauth';
import { ENTITIES } from '../../src/entities.js';
import { LedgerModule } from '../../src/ledger/index.js';
import {
  InvitingService,
  OrganisationsModule,
  type Organisation,
  type OrganisationKind,
} from '../../src/organisations/index.js';
import type { Role } from '../../src/platform/actor.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig, type Config } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { newId } from '../../src/platform/ids.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { newToken, SecretBox } from '../../src/platform/secret-box.js';
import { signingKey } from '../../src/transparency/index.js';
import { JoiningService, SignInModule, type Visitor } from '../../src/sign-in/index.js';
import { testDatabase } from './database.js';
import { SoftwareAuthenticator } from './software-authenticator.js';

const AUTH = { side: 'auth', orgId: null } as const;
/** The parameters of scrypt in these tests: the rules are the same, and a thousand guesses take a second. */
const CHEAP = { N: 2, r: 1, p: 1 };
export const PASSWORD = 'nine brown teapots';

/** Somebody who signs in with a password, and the app that shows their codes. */
export interface PasswordPerson {
  loginId: string;
  memberId: string;
  email: string;
  token: string;
  recoveryCodes: string[];
  /** What their app shows now; each call waits for a code that was not used. */
  code(): string;
}

/** Somebody who signs in with a passkey. */
export interface PasskeyPerson {
  loginId: string;
  memberId: string;
  token: string;
  device: SoftwareAuthenticator;
}

/** Sign-in on a database of its own, without HTTP: its module and what it stands on, with a clock that the test moves. */
export interface SignInStage {
  clock: SandboxClock;
  database: Database;
  admin: pg.Client;
  config: Config;
  origin: string;
  /** The lines of the log, as they were written. */
  log: string[];
  get<T>(service: Type<T>): T;
  /** Moves the clock on. */
  pass(seconds: number): void;
  organisation(kind: OrganisationKind, code: string): Promise<Organisation>;
  /** A link for somebody to join an organisation. */
  invite(organisation: Organisation, email: string, roles: Role[]): Promise<string>;
  withPassword(organisation: Organisation, email: string, roles: Role[]): Promise<PasswordPerson>;
  withPasskey(organisation: Organisation, email: string, roles: Role[]): Promise<PasskeyPerson>;
  close(): Promise<void>;
}

/** A browser that nobody knows yet. */
export function visitor(given: Partial<Visitor> = {}): Visitor {
  return { browserToken: newToken(), ip: '203.0.113.7', correlationId: 'test', device: 'A browser', ...given };
}

export async function openSignInStage(
  options: { environment?: Record<string, string>; now?: string } = {},
): Promise<SignInStage> {
  const database = await testDatabase();
  const origin = 'http://localhost:8080';
  const config = readConfig({ LOG_LEVEL: 'info', DATABASE_URL: database.appUrl, ...options.environment });
  const clock = new SandboxClock(new Date(options.now ?? '2026-10-29T09:00:00Z'));
  const log: string[] = [];
  const runtime = {
    config,
    database: new Database(await connect(database.appUrl, ENTITIES, 8)),
    jobs: { databaseUrl: database.appUrl, redisUrl: undefined, work: false },
    clock,
    log: pino({ level: 'info' }, { write: (line: string) => void log.push(line) }),
    pseudonyms: new Pseudonyms(Buffer.alloc(32, 7)),
    secretBox: new SecretBox(Buffer.alloc(32, 7)),
    checkpoints: { keys: [signingKey(Buffer.alloc(32, 7))], storeDir: undefined },
    sandboxStripe: null,
  };
  @Module({ imports: [PlatformModule.with(runtime), LedgerModule, OrganisationsModule, SignInModule.costing(CHEAP)] })
  class StageModule {}
  const nest = await NestFactory.createApplicationContext(StageModule, { logger: false, abortOnError: false });
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const stage: SignInStage = {
    clock,
    database: runtime.database,
    admin,
    config,
    origin,
    log,
    get: (service) => nest.get(service),
    pass: (seconds) => clock.moveTo(new Date(clock.now().getTime() + seconds * 1000)),
    organisation: (kind, code) => plantOrganisation(admin, kind, code),
    invite: (organisation, email, roles) => invite(stage, organisation, email, roles),
    withPassword: (organisation, email, roles) => joinWithPassword(stage, organisation, email, roles),
    withPasskey: (organisation, email, roles) => joinWithPasskey(stage, organisation, email, roles),
    close: async () => {
      await nest.close();
      await admin.end();
      await database.drop();
    },
  };
  return stage;
}

/** A provider or a referrer is registered by a commissioner of its own. */
async function plantOrganisation(admin: pg.Client, kind: OrganisationKind, code: string): Promise<Organisation> {
  const registrar = kind === 'commissioner' ? null : await plantOrganisation(admin, 'commissioner', `OF${code}`);
  const organisation = {
    id: newId(),
    kind,
    code,
    name: `${code} of the test`,
    legalForm: 'charity' as const,
    odsCode: null,
    charityNumber: null,
    companyNumber: null,
    gln: null,
    address: ['1 High Street'],
    postcode: 'E1 6AN',
    registeredBy: registrar?.id ?? null,
    createdAt: new Date(),
  };
  const { id, name, legalForm, address, postcode, createdAt, registeredBy } = organisation;
  await admin.query(
    `insert into organisation (id, kind, code, name, legal_form, address, postcode, created_at, registered_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, kind, code, name, legalForm, address, postcode, createdAt, registeredBy],
  );
  return organisation;
}

async function invite(stage: SignInStage, { id, kind }: Organisation, email: string, roles: Role[]): Promise<string> {
  const actor = {
    kind: 'person',
    side: kind,
    orgId: id,
    memberId: newId(),
    keyId: null,
    roles: ['admin'],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: 'test',
  } as const;
  return (await stage.get(InvitingService).invite(actor, { email, roles })).token;
}

async function joinWithPassword(
  stage: SignInStage,
  organisation: Organisation,
  email: string,
  roles: Role[],
): Promise<PasswordPerson> {
  const joining = stage.get(JoiningService);
  const browser = visitor();
  const link = await stage.invite(organisation, email, roles);
  const { enrolment, secret } = await joining.offerPassword(browser, link);
  const code = appOf(stage, secret);
  const newcomer = { displayName: email };
  const password = { password: PASSWORD, enrolment, code: code() };
  const opened = await joining.withPassword(browser, link, newcomer, password);
  return { ...opened, memberId: await memberOf(stage, opened.loginId), email, code };
}

/** What the app of this secret shows; the clock moves on to a step whose code it has not shown. */
export function appOf(stage: Pick<SignInStage, 'clock' | 'pass'>, secret: string): () => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replace(/ /g, '')), issuer: 'Wellpaid' });
  let shown = -1;
  return () => {
    const now = () => TOTP.counter({ timestamp: stage.clock.now().getTime() });
    if (now() <= shown) stage.pass(30 * (shown - now() + 1));
    shown = now();
    return totp.generate({ timestamp: stage.clock.now().getTime() });
  };
}

async function joinWithPasskey(
  stage: SignInStage,
  organisation: Organisation,
  email: string,
  roles: Role[],
): Promise<PasskeyPerson> {
  const joining = stage.get(JoiningService);
  const browser = visitor();
  const device = new SoftwareAuthenticator(stage.origin);
  const link = await stage.invite(organisation, email, roles);
  const options = await joining.offerPasskey(browser, link, { displayName: email });
  const opened = await joining.withPasskey(browser, link, 'Phone', device.create(options));
  return { ...opened, memberId: await memberOf(stage, opened.loginId), device };
}

function memberOf(stage: SignInStage, loginId: string): Promise<string> {
  return stage.database.read(AUTH, async (reader) => {
    const [row] = await reader.query<{ id: string }>('select id from member where login_id = $1', [loginId]);
    return row?.id ?? '';
  });
}
