import { type TestDatabase, testDatabase } from './database.js';
import { query } from './embedded-servers.js';

describe('a test database', () => {
  const databases: TestDatabase[] = [];
  afterEach(() => Promise.all(databases.splice(0).map((database) => database.drop())));

  async function open(): Promise<TestDatabase> {
    const database = await testDatabase();
    databases.push(database);
    return database;
  }

  it('is its own, among several made at once', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await query(one.adminUrl, 'create table mine (id int)');
    await expect(query(other.adminUrl, 'select * from mine')).rejects.toThrow('does not exist');
  });

  it('is migrated', async () => {
    const { adminUrl } = await open();
    expect(await query(adminUrl, `select 1 as found from pg_namespace where nspname = 'bullmq'`)).toEqual([
      { found: 1 },
    ]);
  });

  it('takes the application as a login without the rights of the superuser', async () => {
    const { appUrl, name } = await open();
    const sql = `select current_user as "user", current_database() as "database", rolsuper as superuser
      from pg_roles where rolname = current_user`;
    expect(await query(appUrl, sql)).toEqual([{ user: 'wp_app', database: name, superuser: false }]);
  });

  it('is gone once dropped, though sessions are open', async () => {
    const database = await open();
    const session = query(database.adminUrl, 'select pg_sleep(30)').catch((error: Error) => error.message);
    await query(database.adminUrl, 'select 1');
    await database.drop();
    expect(await session).toContain('terminating connection');
    await expect(query(database.adminUrl, 'select 1')).rejects.toThrow('does not exist');
  });
});
