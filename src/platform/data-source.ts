import 'reflect-metadata';
import pg from 'pg';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';

const INT8 = 20;
const DATE = 1082;

/** Our own parsers, for our own pool only: int8 as bigint (never a float), date as text (never a local midnight). */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      if (oid === INT8) return BigInt;
      if (oid === DATE) return (text: string) => text;
    }
    return pg.types.getTypeParser(oid, format);
  },
};

/** A connected DataSource for the application. `url` names the login role, which owns nothing. */
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
    extra: { types, connectionTimeoutMillis: 10_000, keepAlive: true, idle_in_transaction_session_timeout: 60_000 },
  });
  await dataSource.initialize();
  await refuseTooMuchPower(dataSource);
  return dataSource;
}

/** Row-level security binds nobody who is superuser, bypasses it, or owns the tables. */
async function refuseTooMuchPower(dataSource: DataSource): Promise<void> {
  const [login] = await dataSource.query(
    `select rolname as name, rolsuper or rolbypassrls as "aboveSecurity",
            exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.relowner = r.oid and n.nspname in ('public', 'ledger')) as "ownsTables"
     from pg_roles r where rolname = current_user`,
  );
  if (!login.aboveSecurity && !login.ownsTables) return;
  await dataSource.destroy();
  throw new Error(
    `DATABASE_URL signs in as "${login.name}", which row-level security does not bind. ` +
      'Use the login role wp_app there, and give the powerful login in DATABASE_ADMIN_URL to "wellpaid migrate" only.',
  );
}
