import { cpSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { migrateCommand } from '../src/commands/migrate.command.js';
import { keyCommand, setUpCommand } from '../src/commands/set-up.command.js';
import { client } from './support/api-client.js';
import { kill, makeFolder, undoAll, until } from './support/embedded-servers.js';
import { processesOf, program, run, SET_UP } from './support/program.js';

const STACK = /^\s+at /m;

/** An instance of the test's own: everything of it is in its folder, which is empty or a copy. */
const folderOf = (copied?: string) => {
  const folder = makeFolder();
  if (copied !== undefined) cpSync(copied, folder, { recursive: true });
  return { folder, environment: { WELLPAID_DATA_DIR: folder } };
};
const postgresOf = (folder: string) =>
  Number(readFileSync(path.join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);

describe('an instance on one machine', () => {
  let prepared: string;
  let setUp: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    const { folder, environment } = folderOf();
    setUp = await run(SET_UP, environment);
    prepared = `${folder}-prepared`;
    cpSync(folder, prepared, { recursive: true });
    await undoAll();
  });
  afterAll(() => rmSync(prepared, { recursive: true }));
  afterEach(undoAll);

  it('starts in an empty folder, which is its own, and ends without leaving anything', async () => {
    const { folder, environment } = folderOf();
    const instance = program([], environment);
    const url = await instance.listening();
    expect(instance.out()).toContain('Sandbox: no money moves.');
    expect((await client(url).get('/ready')).body).toEqual({ status: 'ok' });
    expect(processesOf(folder).length).toBeGreaterThan(2); // the server of the database and its own, and the double

    const second = await run([], environment);
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toContain(`is already in use by process ${instance.child.pid}`);
    expect(second.err).toContain('WELLPAID_DATA_DIR');
    expect(second.err).not.toMatch(STACK);

    instance.child.kill('SIGTERM');
    expect(await instance.ended()).toBe(0);
    expect(instance.err()).toBe('');
    expect(processesOf(folder)).toEqual([]);
  });

  it('keeps its data over kill -9, after which nothing of it runs on, and ends well by Ctrl-C', async () => {
    const { folder, environment } = folderOf(prepared);
    expect(setUp).toMatchObject({ code: 0, err: '' });
    const key = setUp.out.trim().split('\n').at(-1) ?? '';
    const first = program(['all'], environment);
    const me = async (url: string) => (await client(url, key).get('/v1/me')).body;
    const before = await me(await first.listening());
    expect(before).toMatchObject({ organisation: { code: 'NELICB' }, sandbox: true });
    await kill(first.child, 'SIGKILL');
    await until(() => processesOf(folder).length === 0);

    const second = program(['all'], environment);
    expect(await me(await second.listening())).toEqual(before);
    process.kill(-(second.child.pid ?? 0), 'SIGINT');
    expect(await second.ended()).toBe(0);
    expect(second.err()).toBe('');
    expect(processesOf(folder)).toEqual([]);
  });

  it('stands beside another one in another folder', async () => {
    const [one, two] = [folderOf(prepared), folderOf(prepared)];
    const [first, second] = [program([], one.environment), program([], two.environment)];
    const urls = await Promise.all([first.listening(), second.listening()]);
    expect(new Set(urls).size).toBe(2);
    for (const url of urls) expect((await client(url).get('/ready')).status).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.ended()).toBe(0);
    expect((await client(urls[1] ?? '').get('/ready')).status).toBe(200);
    second.child.kill('SIGTERM');
    expect(await second.ended()).toBe(0);
    expect([...processesOf(one.folder), ...processesOf(two.folder)]).toEqual([]);
  });

  it('ends when its database does, and says so', async () => {
    const { folder, environment } = folderOf(prepared);
    const instance = program([], environment);
    await instance.listening();
    process.kill(postgresOf(folder), 'SIGKILL');
    expect(await instance.ended()).toBe(1);
    expect(instance.err()).toContain('The embedded database has ended.');
    await until(() => processesOf(folder).length === 0);
  });

  it('says that its port is taken, and leaves nothing', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as net.AddressInfo;
    const { folder, environment } = folderOf(prepared);
    const { code, err } = await run([], { ...environment, PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(err).toContain(`Cannot listen at 127.0.0.1:${port}`);
    expect(err).not.toMatch(STACK);
    expect(processesOf(folder)).toEqual([]);
  });
});

describe('a wrong call', () => {
  afterEach(undoAll);

  it('of a command that there is not lists those that there are', async () => {
    const { code, out, err } = await run(['frobnicate'], {});
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('there is no command "frobnicate"');
    for (const name of ['all', 'serve', 'worker', 'migrate', 'setup', 'key'])
      expect(err).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('with a wrong configuration names all that is wrong', async () => {
    const { code, out, err } = await run([], { PORT: 'canary', LOG_LEVEL: 'loud', STRIPE_API_KEY: 'sk_live_canary' });
    expect([code, out]).toEqual([1, '']);
    for (const name of ['PORT', 'LOG_LEVEL', 'STRIPE_WEBHOOK_SECRET']) expect(err).toContain(`  - ${name}: `);
    expect(err).not.toMatch(/canary/);
    expect(err).not.toMatch(STACK);
  });

  it.each([
    ['migrate without its login', () => migrateCommand(), 'migrate needs DATABASE_ADMIN_URL'],
    ['setup without what it needs', () => setUpCommand(['--code', 'X']), 'Usage: wellpaid setup'],
    ['setup with an option that there is not', () => setUpCommand(['--colour', 'red']), 'Usage: wellpaid setup'],
    ['key without an organisation', () => keyCommand(['--email', 'a@example.org']), 'Usage: wellpaid key'],
  ])('of %s says how, as an error that is shown without a stack', async (_, command, message) => {
    await expect(command()).rejects.toMatchObject({ expected: true, message: expect.stringContaining(message) });
  });

  it('of the Stripe double beside a Stripe key is refused', async () => {
    const live = { STRIPE_API_KEY: 'sk_live_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' };
    const { code, err } = await run(['stripe-double'], live);
    expect(code).toBe(1);
    expect(err).toContain('does not start beside a Stripe key');
  });
});
