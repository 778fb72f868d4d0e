import { readConfig } from '../platform/config.js';
import { APP_LOGIN, migrate } from '../platform/migrate.js';
import { expectedError } from './expected-error.js';

/** `wellpaid migrate`: the only command that uses the powerful login. */
export async function migrateCommand(): Promise<number> {
  const config = readConfig();
  if (config.databaseAdminUrl === undefined) {
    throw expectedError('migrate needs DATABASE_ADMIN_URL. An embedded database migrates itself at each start.');
  }
  const appLogin = config.databaseUrl === undefined ? undefined : readAppLogin(config.databaseUrl);
  await migrate({
    adminUrl: config.databaseAdminUrl,
    ...(appLogin && { appLogin }),
    log: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write('The database is up to date.\n');
  return 0;
}

/** The password that DATABASE_URL signs in with. Any other role is left alone: it would lose what it inherits. */
function readAppLogin(databaseUrl: string): { user: string; password: string } | undefined {
  const { username, password } = new URL(databaseUrl);
  const user = decodeURIComponent(username);
  if (user !== APP_LOGIN)
    throw expectedError(`DATABASE_URL must sign in as ${APP_LOGIN}, the role that migrate makes.`);
  return password === '' ? undefined : { user, password: decodeURIComponent(password) };
}
