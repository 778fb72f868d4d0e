import { readConfig } from '../platform/config.js';
import { migrate } from '../platform/migrate.js';
import { expectedError } from './expected-error.js';

/** `wellpaid migrate`: the only command that uses the powerful login. */
export async function migrateCommand(): Promise<number> {
  const config = readConfig();
  if (config.databaseAdminUrl === undefined) {
    throw expectedError('migrate needs DATABASE_ADMIN_URL. An embedded database migrates itself at each start.');
  }
  const login = config.databaseUrl === undefined ? undefined : new URL(config.databaseUrl);
  await migrate({
    adminUrl: config.databaseAdminUrl,
    ...(login && { appLogin: { user: login.username, password: decodeURIComponent(login.password) } }),
    log: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write('The database is up to date.\n');
  return 0;
}
