import { readFileSync } from 'node:fs';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const url = (protocol: RegExp, example: string) =>
  z.url({ protocol, error: `must be a URL such as ${example}` }).optional();

const StripeAccounts = z.record(
  z.string(),
  z.strictObject({ apiKey: z.string().regex(/^(sk|rk)_/), webhookSecret: z.string().startsWith('whsec_') }),
);

/** Every setting of the product: its name in the environment, its shape, what it is for. */
const Environment = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  PORT: port.default(8080).describe('Port to listen on; 0 takes a free one.'),
  PUBLIC_URL: url(/^https?$/, 'https://wellpaid.example.org').describe('Where people reach it.'),
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
  STRIPE_API_KEY: z
    .string()
    .regex(/^(sk|rk)_(live|test)_/, 'must be a Stripe secret or restricted key')
    .optional()
    .describe('Stripe key of the one commissioner of this instance.'),
  STRIPE_WEBHOOK_SECRET: z.string().startsWith('whsec_').optional().describe('Signs the webhooks of that account.'),
  STRIPE_ACCOUNTS_FILE: z
    .string()
    .optional()
    .describe('JSON: {"<commissioner code>": {"apiKey": "…", "webhookSecret": "…"}} for several commissioners.'),
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

/**
 * Reads the environment; nothing else in the product does.
 *
 * @throws ConfigError that names every wrong variable at once
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (!parsed.success) throw new ConfigError(problems);
  const env = parsed.data;
  const accounts = readStripeAccounts(env.STRIPE_ACCOUNTS_FILE, problems);
  const sandbox = env.STRIPE_API_KEY === undefined && Object.keys(accounts).length === 0;
  problems.push(...contradictions(env, sandbox));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL?.replace(/\/$/, ''),
    databaseUrl: env.DATABASE_URL,
    databaseAdminUrl: env.DATABASE_ADMIN_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    redisUrl: env.REDIS_URL,
    dataDir: env.WELLPAID_DATA_DIR,
    pseudonymKey: env.PSEUDONYM_KEY,
    stripe: { apiKey: env.STRIPE_API_KEY, webhookSecret: env.STRIPE_WEBHOOK_SECRET, accounts },
    sandbox,
    sandboxClock: env.SANDBOX_CLOCK === undefined ? undefined : new Date(env.SANDBOX_CLOCK),
    sandboxStripeUrl: env.SANDBOX_STRIPE_URL,
    logLevel: env.LOG_LEVEL,
  });
}

function contradictions(env: Environment, sandbox: boolean): string[] {
  const problems: string[] = [];
  if (env.STRIPE_API_KEY !== undefined && env.STRIPE_WEBHOOK_SECRET === undefined) {
    problems.push('STRIPE_WEBHOOK_SECRET: is needed beside STRIPE_API_KEY, or no webhook can be trusted');
  }
  if (env.STRIPE_API_KEY !== undefined && env.STRIPE_ACCOUNTS_FILE !== undefined) {
    problems.push('STRIPE_ACCOUNTS_FILE: cannot stand beside STRIPE_API_KEY, which is for one commissioner');
  }
  if (!sandbox && env.SANDBOX_CLOCK !== undefined) {
    problems.push('SANDBOX_CLOCK: cannot stand beside a Stripe key; money moves on the real day only');
  }
  if (!sandbox && env.SANDBOX_STRIPE_URL !== undefined) {
    problems.push('SANDBOX_STRIPE_URL: cannot stand beside a Stripe key');
  }
  if (env.DATABASE_URL !== undefined && !sandbox && env.PSEUDONYM_KEY === undefined) {
    problems.push('PSEUDONYM_KEY: is needed outside the sandbox, 64 hexadecimal digits: openssl rand -hex 32');
  }
  return problems;
}

function readStripeAccounts(file: string | undefined, problems: string[]): z.infer<typeof StripeAccounts> {
  if (file === undefined) return {};
  try {
    const parsed = StripeAccounts.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data;
    problems.push(`STRIPE_ACCOUNTS_FILE: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    problems.push(`STRIPE_ACCOUNTS_FILE: ${(error as Error).message}`);
  }
  return {};
}
