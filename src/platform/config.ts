import { z } from 'zod';
import {
  OIDC_PROVIDERS,
  type OidcProviderConfig,
  readKeyedFile,
  STRIPE_ACCOUNTS,
  stripeKey,
  webhookSecret,
} from './config-files.js';
import { parseVerifierKey } from '../transparency/index.js';

export type { OidcProviderConfig } from './config-files.js';

const port = z.coerce.number().int().min(0).max(65_535);
const url = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be a URL such as ${example}` }).optional();

function isWitnessKey(vkey: string): boolean {
  try {
    return parseVerifierKey(vkey).type === 'cosignature/v1';
  } catch {
    return false;
  }
}

/** Every setting of the product: its name in the environment, its shape, what it is for. */
const Environment = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  PORT: port.default(8080).describe('Port to listen on; 0 takes a free one.'),
  PUBLIC_URL: url(/^https?$/, 'https://wellpaid.example.org').describe(
    'Where people reach it; passkeys are bound to its name, and with https cookies travel encrypted only.',
  ),
  PROXY_HOPS: z.coerce
    .number()
    .int()
    .min(0)
    .max(8)
    .default(0)
    .describe('How many proxies stand in front and add to X-Forwarded-For; that header counts for nothing with 0.'),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://wp_app:secret@db:5432/wellpaid').describe(
    'Login role wp_app. Without it an embedded PostgreSQL is started.',
  ),
  DATABASE_ADMIN_URL: url(/^postgres(ql)?$/, 'postgres://postgres:secret@db:5432/wellpaid').describe(
    'For "migrate", and for "drill" on a restored copy: a login that may create roles and tables.',
  ),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('Connections for requests and jobs.'),
  REDIS_URL: url(/^rediss?$/, 'redis://queue:6379').describe('Jobs on Redis. Without it they are on PostgreSQL.'),
  WELLPAID_DATA_DIR: z.string().min(1).optional().describe('Folder of the embedded database and the sandbox.'),
  PSEUDONYM_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits, for example from: openssl rand -hex 32')
    .optional()
    .describe('Key of the pseudonyms of NHS numbers. Made once and kept in the data folder in the sandbox.'),
  CHECKPOINT_KEY: z
    .string()
    .regex(
      /^[0-9a-f]{64}(,[0-9a-f]{64})*$/i,
      'must be 64 hexadecimal digits, for example from: openssl rand -hex 32; or a new key and the old, with a comma',
    )
    .optional()
    .describe(
      'Seed of the Ed25519 key that signs checkpoints and receipts; while it is changed: new,old. Made once and kept in ' +
        'the data folder in the sandbox.',
    ),
  LOG_NAME: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/, 'must be a name such as wellpaid.example.org')
    .optional()
    .describe(
      'What the names of the logs and of their keys begin with, for ever. Without it the host of PUBLIC_URL, else ' +
        'wellpaid.localhost.',
    ),
  CHECKPOINT_STORE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder outside the database, the same for all processes, in which checkpoints are published: of two copies of a ' +
        'database one alone goes on. Beside an embedded database it is in the data folder.',
    ),
  WITNESS_URL: url(/^https?$/, 'https://witness.example.org/prefix').describe(
    'A witness (C2SP tlog-witness) that cosigns the checkpoints of the platform.',
  ),
  WITNESS_KEY: z
    .string()
    .refine(isWitnessKey, 'must be the key of an Ed25519 witness: name+hash+base64')
    .optional()
    .describe('The key that the witness cosigns with, as it prints it.'),
  STRIPE_API_KEY: stripeKey.optional().describe('Stripe key of the one commissioner of this instance.'),
  STRIPE_WEBHOOK_SECRET: webhookSecret.optional().describe('Signs the webhooks of that account.'),
  STRIPE_ACCOUNTS_FILE: z
    .string()
    .optional()
    .describe('JSON: {"<commissioner code>": {"apiKey": "…", "webhookSecret": "…"}} for several commissioners.'),
  SMTP_URL: url(/^smtps?$/, 'smtps://user:secret@mail.example.org').describe(
    'Mail server for notices. Without it they are kept, and in the sandbox shown on its outbox page.',
  ),
  MAIL_FROM: z
    .string()
    .regex(/^(?:[^<>@"\r\n]+ <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'must be an address, or Name <address>')
    .optional()
    .describe('Address that notices come from, such as Wellpaid <notices@example.org>.'),
  OIDC_PROVIDERS_FILE: z
    .string()
    .optional()
    .describe(
      'JSON: {"<organisation code>": {"issuer": "…", "clientId": "…", "clientSecret": "…"}} where people sign in with ' +
        'accounts of their organisation; also "acrValues", a list, and "tenant".',
    ),
  SANDBOX_STRIPE_URL: url(/^https?$/, 'http://stripe-double:12111').describe(
    'Only in the sandbox: a Stripe double that several processes share. Without it each starts its own.',
  ),
  SANDBOX_CLOCK: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Only in the sandbox: the instant that its clock shows when the process begins.'),
  METRICS_PORT: port
    .optional()
    .describe('Port of the figures for Prometheus, at /metrics; 0 takes a free one. Without it there are none.'),
  METRICS_HOST: z.string().default('127.0.0.1').describe('Address of that port. Keep it away from the public.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('How much is logged.'),
});

type Environment = z.infer<typeof Environment>;

/** How logs are called, signed and published. */
export interface SealingConfig {
  /** Seeds of Ed25519 keys as hexadecimal digits, the newest first; none where one is made and kept. */
  readonly keys: readonly string[];
  readonly logName: string;
  readonly storeDir: string | undefined;
  readonly witness: { readonly url: string; readonly key: string } | undefined;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly proxyHops: number;
  readonly databaseUrl: string | undefined;
  readonly databaseAdminUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly redisUrl: string | undefined;
  readonly dataDir: string | undefined;
  readonly pseudonymKey: string | undefined;
  readonly sealing: SealingConfig;
  readonly stripe: {
    readonly apiKey: string | undefined;
    readonly webhookSecret: string | undefined;
    /** By the commissioner's code. */
    readonly accounts: Readonly<Record<string, { apiKey: string; webhookSecret: string }>>;
  };
  /** Where notices are handed over to be mailed, and the address that they come from. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  /** By `<kind>:<code>` of the organisation. */
  readonly oidcProviders: Readonly<Record<string, OidcProviderConfig>>;
  /** No Stripe key is set: no money moves, and every page and document says so. */
  readonly sandbox: boolean;
  readonly sandboxClock: Date | undefined;
  readonly sandboxStripeUrl: string | undefined;
  /** Where Prometheus finds this process; undefined when it is not to. */
  readonly metrics: { readonly port: number; readonly host: string } | undefined;
  readonly logLevel: Environment['LOG_LEVEL'];
}

/** What is wrong with the environment: every wrong variable, with what it must be; never its value. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** A setting as the documentation shows it. */
export interface Setting {
  readonly name: string;
  readonly default: string;
  readonly purpose: string;
}

/** Every setting, in the order in which the documentation has them. */
export function listSettings(): Setting[] {
  return Object.entries(Environment.shape).map(([name, shape]) => ({
    name,
    default: shape instanceof z.ZodDefault ? String(shape.def.defaultValue) : '',
    purpose: shape.description ?? '',
  }));
}

type Given = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment; nothing else in the product does. A variable that is empty counts as not set.
 *
 * @throws ConfigError that names every wrong variable at once
 */
export function readConfig(environment: Given = process.env): Config {
  const given: Given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = Environment.safeParse(given);
  const problems = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const accounts = readKeyedFile('STRIPE_ACCOUNTS_FILE', given['STRIPE_ACCOUNTS_FILE'], STRIPE_ACCOUNTS, problems);
  const oidcProviders = readKeyedFile('OIDC_PROVIDERS_FILE', given['OIDC_PROVIDERS_FILE'], OIDC_PROVIDERS, problems);
  const sandbox = given.STRIPE_API_KEY === undefined && given.STRIPE_ACCOUNTS_FILE === undefined;
  problems.push(...contradictions(given, sandbox));
  if (!sandbox && Object.values(oidcProviders).some(({ issuer }) => !issuer.startsWith('https:'))) {
    problems.push('OIDC_PROVIDERS_FILE: an issuer without https is for the sandbox');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const env = parsed.data;
  return deepFreeze({
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL?.replace(/\/$/, ''),
    proxyHops: env.PROXY_HOPS,
    databaseUrl: env.DATABASE_URL,
    databaseAdminUrl: env.DATABASE_ADMIN_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    redisUrl: env.REDIS_URL,
    dataDir: env.WELLPAID_DATA_DIR,
    pseudonymKey: env.PSEUDONYM_KEY,
    sealing: sealingOf(env),
    stripe: { apiKey: env.STRIPE_API_KEY, webhookSecret: env.STRIPE_WEBHOOK_SECRET, accounts },
    smtp: env.SMTP_URL === undefined ? undefined : { url: env.SMTP_URL, from: env.MAIL_FROM ?? '' },
    oidcProviders: Object.fromEntries(
      Object.entries(oidcProviders).map(([name, one]) => [name.includes(':') ? name : `commissioner:${name}`, one]),
    ),
    sandbox,
    sandboxClock: env.SANDBOX_CLOCK === undefined ? undefined : new Date(env.SANDBOX_CLOCK),
    sandboxStripeUrl: env.SANDBOX_STRIPE_URL,
    metrics: env.METRICS_PORT === undefined ? undefined : { port: env.METRICS_PORT, host: env.METRICS_HOST },
    logLevel: env.LOG_LEVEL,
  });
}

function sealingOf(env: Environment): SealingConfig {
  const { CHECKPOINT_KEY: keys, LOG_NAME: name, PUBLIC_URL: site, WITNESS_URL: witness, WITNESS_KEY: key } = env;
  return {
    keys: keys?.toLowerCase().split(',') ?? [],
    logName: name ?? (site === undefined ? 'wellpaid.localhost' : new URL(site).host),
    storeDir: env.CHECKPOINT_STORE_DIR,
    witness: witness === undefined ? undefined : { url: witness.replace(/\/$/, ''), key: key ?? '' },
  };
}

function contradictions(given: Given, sandbox: boolean): string[] {
  const problems: string[] = [];
  if (given.STRIPE_API_KEY !== undefined && given.STRIPE_WEBHOOK_SECRET === undefined) {
    problems.push('STRIPE_WEBHOOK_SECRET: is needed beside STRIPE_API_KEY, or no webhook can be trusted');
  }
  if (given.STRIPE_API_KEY === undefined && given.STRIPE_WEBHOOK_SECRET !== undefined) {
    problems.push('STRIPE_API_KEY: is needed beside STRIPE_WEBHOOK_SECRET, or this would be a sandbox');
  }
  if (given.STRIPE_API_KEY !== undefined && given.STRIPE_ACCOUNTS_FILE !== undefined) {
    problems.push('STRIPE_ACCOUNTS_FILE: cannot stand beside STRIPE_API_KEY, which is for one commissioner');
  }
  if (given.SMTP_URL !== undefined && given.MAIL_FROM === undefined) {
    problems.push('MAIL_FROM: is needed beside SMTP_URL');
  }
  if (given.SMTP_URL !== undefined && given.PUBLIC_URL === undefined) {
    problems.push('PUBLIC_URL: is needed beside SMTP_URL, or the links in mails lead nowhere');
  }
  if (!sandbox && given.SANDBOX_CLOCK !== undefined) {
    problems.push('SANDBOX_CLOCK: cannot stand beside a Stripe key; money moves on the real day only');
  }
  if (!sandbox && given.SANDBOX_STRIPE_URL !== undefined) {
    problems.push('SANDBOX_STRIPE_URL: cannot stand beside a Stripe key');
  }
  if (given.DATABASE_URL !== undefined && !sandbox && given.PSEUDONYM_KEY === undefined) {
    problems.push('PSEUDONYM_KEY: is needed outside the sandbox, 64 hexadecimal digits: openssl rand -hex 32');
  }
  if (given.DATABASE_URL !== undefined && !sandbox && given.CHECKPOINT_KEY === undefined) {
    problems.push('CHECKPOINT_KEY: is needed outside the sandbox, 64 hexadecimal digits: openssl rand -hex 32');
  }
  if ((given.WITNESS_URL === undefined) !== (given.WITNESS_KEY === undefined)) {
    const [missing, present] =
      given.WITNESS_URL === undefined ? ['WITNESS_URL', 'WITNESS_KEY'] : ['WITNESS_KEY', 'WITNESS_URL'];
    problems.push(`${missing}: is needed beside ${present}`);
  }
  return problems;
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) deepFreeze(part);
  }
  return Object.freeze(value);
}
