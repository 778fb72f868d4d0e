import { readFileSync } from 'node:fs';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const url = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be a URL such as ${example}` }).optional();
const stripeKey = z.string().regex(/^(sk|rk)_(live|test)_/, 'must be a Stripe secret or restricted key');
const webhookSecret = z.string().startsWith('whsec_', 'must be the signing secret of a webhook endpoint: whsec_…');

/** By the commissioner's code. */
const StripeAccounts = z.record(z.string(), z.strictObject({ apiKey: stripeKey, webhookSecret }));

const OidcProvider = z.strictObject({
  issuer: z.url({ protocol: /^https?$/, error: 'must be the issuer, such as https://login.example.org' }),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  acrValues: z.array(z.string().min(1)).min(1).optional(),
  tenant: z.string().min(1).optional(),
});
/** By the organisation's code, after `provider:` or `referrer:` where it is no commissioner. */
const OidcProviders = z.record(
  z.string().regex(/^((commissioner|provider|referrer):)?[A-Z0-9]{2,12}$/, 'is not named by a code of an organisation'),
  OidcProvider,
);
/** How the people of one organisation sign in with that organisation's accounts (OpenID Connect). */
export type OidcProviderConfig = Readonly<z.infer<typeof OidcProvider>>;

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
    'For "migrate" only: a login that may create roles and tables.',
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
    .describe('Only in the sandbox: the instant at which its clock starts.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('How much is logged.'),
});

type Environment = z.infer<typeof Environment>;

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
  const accounts = readKeyedFile('STRIPE_ACCOUNTS_FILE', given, STRIPE_ACCOUNTS, problems);
  const oidcProviders = readKeyedFile('OIDC_PROVIDERS_FILE', given, OIDC_PROVIDERS, problems);
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
    stripe: { apiKey: env.STRIPE_API_KEY, webhookSecret: env.STRIPE_WEBHOOK_SECRET, accounts },
    smtp: env.SMTP_URL === undefined ? undefined : { url: env.SMTP_URL, from: env.MAIL_FROM ?? '' },
    oidcProviders: Object.fromEntries(
      Object.entries(oidcProviders).map(([name, one]) => [name.includes(':') ? name : `commissioner:${name}`, one]),
    ),
    sandbox,
    sandboxClock: env.SANDBOX_CLOCK === undefined ? undefined : new Date(env.SANDBOX_CLOCK),
    sandboxStripeUrl: env.SANDBOX_STRIPE_URL,
    logLevel: env.LOG_LEVEL,
  });
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
  return problems;
}

interface KeyedFile<T> {
  readonly schema: z.ZodType<Record<string, T>>;
  /** What each entry is, and by what it is found. */
  readonly entry: string;
  readonly by: string;
  readonly none: string;
  /** All that an entry may have. */
  readonly fields: string;
}

const STRIPE_ACCOUNTS: KeyedFile<z.infer<typeof StripeAccounts>[string]> = {
  schema: StripeAccounts,
  entry: 'account',
  by: 'commissioner code',
  none: 'names no commissioner',
  fields: 'apiKey and webhookSecret',
};

const OIDC_PROVIDERS: KeyedFile<OidcProviderConfig> = {
  schema: OidcProviders,
  entry: 'provider',
  by: 'organisation code',
  none: 'names no organisation',
  fields: 'issuer, clientId, clientSecret, acrValues and tenant',
};

/** Says what is wrong by the place of the entry in the file: what the file holds may be a secret anywhere in it. */
function readKeyedFile<T>(
  variable: string,
  given: Given,
  { schema, entry, by, none, fields }: KeyedFile<T>,
  problems: string[],
): Record<string, T> {
  const file = given[variable];
  if (file === undefined) return {};
  const refuse = (problem: string) => void problems.push(`${variable}: ${problem}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    refuse(code === undefined ? 'is not well-formed JSON' : `cannot be read: ${code}`);
    return {};
  }
  const parsed = schema.safeParse(content);
  if (parsed.success && Object.keys(parsed.data).length === 0) refuse(none);
  if (parsed.success) return parsed.data;
  const names = Object.keys(content ?? {});
  for (const issue of parsed.error.issues) {
    const [name, field] = issue.path;
    if (name === undefined) refuse(`must be an object by ${by}`);
    else {
      const place = `${entry} ${names.indexOf(String(name)) + 1}:`;
      if (issue.code === 'unrecognized_keys') refuse(`${place} has more than ${fields}`);
      else if (issue.code === 'invalid_key') refuse(`${place} ${issue.issues[0]?.message ?? issue.message}`);
      else refuse(`${place} ${field === undefined ? '' : `${String(field)} `}${issue.message}`);
    }
  }
  return {};
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) deepFreeze(part);
  }
  return Object.freeze(value);
}
