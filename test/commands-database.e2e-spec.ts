import { client } from './support/api-client.js';
import { makeDataFolder, makeFolder, query, removeFreshFolder, start, undoAll } from './support/embedded-servers.js';
import { processesOf, program, run, SET_UP } from './support/program.js';

const STACK = /^\s+at /m;

describe('a database that an operator brings', () => {
  let admin: string;
  let app: string;
  let folder: string;
  const environment = (more: Record<string, string> = {}) => ({
    WELLPAID_DATA_DIR: folder,
    DATABASE_URL: app,
    ...more,
  });

  beforeAll(async () => {
    folder = makeFolder();
    const server = await start(await makeDataFolder());
    await query(server.url(), 'create database wellpaid');
    admin = server.url('wellpaid');
    const url = new URL(admin);
    url.username = 'wp_app';
    url.password = 'p%20word%2Fcanary'; // a space and a slash, as a URL has them
    app = url.href;
  });
  afterAll(async () => {
    await undoAll();
    await removeFreshFolder();
  });

  it('is refused before it is migrated, in words', async () => {
    const { code, err } = await run(['serve'], environment());
    expect(code).toBe(1);
    expect(err).toContain('The database of DATABASE_URL cannot be used');
    expect(err).not.toMatch(STACK);
    expect(err).not.toContain('canary');
  });

  it('is migrated once, by two that are told to at the same time, and again without effect', async () => {
    const powers = environment({ DATABASE_ADMIN_URL: admin });
    const both = await Promise.all([run(['migrate'], powers), run(['migrate'], powers)]);
    expect(both.map(({ code, err }) => ({ code, err }))).toEqual([
      { code: 0, err: '' },
      { code: 0, err: '' },
    ]);
    expect(both.filter(({ out }) => out.includes('migrated: Platform'))).toHaveLength(1);
    const again = await run(['migrate'], powers);
    expect(again).toMatchObject({ code: 0, out: 'The database is up to date.\n' });
  });

  it('is not served by its superuser, whom migrate leaves alone', async () => {
    const strong = environment({ DATABASE_URL: admin, DATABASE_ADMIN_URL: admin });
    const served = await run(['serve'], strong);
    expect(served.code).toBe(1);
    expect(served.err).toContain('row-level security does not bind');
    expect(served.err).not.toMatch(STACK);
    const migrated = await run(['migrate'], strong);
    expect(migrated.code).toBe(1);
    expect(migrated.err).toContain('must sign in as wp_app');
    expect(await query(admin, `select rolinherit as inherits from pg_roles where rolname = current_user`)).toEqual([
      { inherits: true },
    ]);
  });

  it('is served and worked on by processes of their own, with keys from the command line', async () => {
    const setUp = await run(SET_UP, environment());
    expect(setUp).toMatchObject({ code: 0, err: '' });
    const key = await run(['key', '--organisation', 'NELICB', '--email', 'a.person@example.org'], environment());
    expect(key).toMatchObject({ code: 0, err: '' });

    const served = program(['serve'], environment());
    const worked = program(['worker'], environment());
    const url = await served.listening();
    await worked.says(/runs background jobs/);
    for (const personal of [setUp.out.trim().split('\n').at(-1), key.out.trim()]) {
      expect((await client(url, personal).get('/v1/me')).body).toMatchObject({ organisation: { code: 'NELICB' } });
    }
    for (const { child, ended, err } of [served, worked]) {
      child.kill('SIGTERM');
      expect(await ended()).toBe(0);
      expect(err()).toBe('');
    }
    expect(processesOf(folder)).toEqual([]);
  });

  it.each([
    ['a commissioner whose code is taken', SET_UP, 'code'],
    ['a key of an organisation that there is not', ['key', '--organisation', 'NOBODY', '--email', 'a@example.org'], ''],
    ['a key of a member that there is not', ['key', '--organisation', 'NELICB', '--email', 'nobody@example.org'], ''],
  ])('refuses %s, and the command ends', async (_, arguments_, word) => {
    const { code, out, err } = await run(arguments_, environment());
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^wellpaid: [A-Z]/);
    expect(err).toContain(word);
    expect(err).not.toMatch(STACK);
  });
});
