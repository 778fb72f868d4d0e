import 'reflect-metadata';
import pg from 'pg';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { findMissingMigrations } from './migrate.js';
import { PreparingClient } from './preparing-client.js';

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;
const DATE_ARRAY = 1182;
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY: number = 1009;

const textArray = pg.types.getTypeParser(TEXT_ARRAY, 'text') as (text: string) => (string | null)[];

/**
 * Our own parsers, for our own pool only: int8 as bigint and numeric as text (never a float), date as text (never a
 * local midnight); arrays of them alike.
 */
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, BigInt],
  [INT8_ARRAY, (text) => textArray(text).map((one) => (one === null ? null : BigInt(one)))],
  [DATE, (text) => text],
  [DATE_ARRAY, textArray],
  [NUMERIC_ARRAY, textArray],
]);

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const own = format === 'binary' ? undefined : PARSERS.get(oid);
    return own ?? pg.types.getTypeParser(oid, format);
  },
};

/**
 * A connected DataSource for the application. `url` names the login role, which owns nothing.
 *
 * @throws Error, `expected` because an operator can mend it, when the database cannot be reached, was not migrated to
 *   this version, or is not to be used by this login
 */
export async function connect(
  url: string,
  entities: EntityTarget<ObjectLiteral>[],
  poolSize: number,
): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: entities as never[],
    synchronize: false,
    poolSize,
    applicationName: 'wellpaid',
    extra: {
      types,
      Client: PreparingClient,
      pipeline: true,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      idle_in_transaction_session_timeout: 60_000,
    },
  });
  try {
    await dataSource.initialize();
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    throw unusable(`The database of DATABASE_URL cannot be used: ${message || code}`);
  }
  try {
    await refuseTooMuchPower(dataSource);
    await refuseOtherVersion(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** The person at the terminal can mend it: shown as its message, without a stack. */
function unusable(message: string): Error {
  return Object.assign(new Error(message), { expected: true });
}

/** Row-level security binds nobody who is superuser or bypasses it, nor who may become an owner or write the ledger. */
async function refuseTooMuchPower(dataSource: DataSource): Promise<void> {
  const [login] = await dataSource.query(
    `select rolname as name, rolsuper or rolbypassrls as "aboveSecurity",
            exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where pg_has_role(r.oid, c.relowner, 'member') and n.nspname in ('public', 'ledger'))
            or exists (select from pg_roles o where o.rolname in ('wp_owner', 'wp_ledger')
                       and pg_has_role(r.oid, o.oid, 'member')) as "ownsTables"
     from pg_roles r where rolname = current_user`,
  );
  if (!login.aboveSecurity && !login.ownsTables) return;
  throw unusable(
    `DATABASE_URL signs in as "${login.name}", which row-level security does not bind. ` +
      'Use the login role wp_app there, and give the powerful login in DATABASE_ADMIN_URL to "wellpaid migrate" only.',
  );
}

/** Later migrations are no reason to refuse: while a new version is rolled out, this one goes on. */
async function refuseOtherVersion(dataSource: DataSource): Promise<void> {
  const ran: { name: string }[] = await dataSource.query('select name from migrations').catch(() => []);
  const missing = findMissingMigrations(ran.map(({ name }) => name));
  if (missing.length === 0) return;
  throw unusable(
    `The database is not at this version: ${missing.join(', ')} did not run. Run "wellpaid migrate" first.`,
  );
}
