import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {
  afterTest,
  isAlive,
  isRoot,
  kill,
  lockFileOf,
  makeDataFolder,
  makeFolder,
  processesIn,
  query,
  readRow,
  removeFreshFolder,
  serverPid,
  start,
  startFromProcess,
  startWithoutOwner,
  undoAll,
  until,
  writeRow,
} from '../../test/support/embedded-servers.js';

afterEach(undoAll);
afterAll(removeFreshFolder);

describe('the embedded server', () => {
  it('keeps everything below the folder it is given, closed to other users', async () => {
    const dataDir = path.join(makeFolder(), 'nested/data');
    const server = await start(dataDir);
    expect(readdirSync(dataDir).sort()).toEqual(['cluster', 'owner', 'port', 'superuser-password']);
    expect(statSync(path.join(dataDir, 'superuser-password')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(dataDir, 'cluster')).mode & 0o777).toBe(0o700);
    expect(await query(server.url(), `select setting from pg_settings where name = 'data_directory'`)).toEqual([
      { setting: path.join(dataDir, 'cluster') },
    ]);
    await server.stop();
    expect(readdirSync(dataDir).sort()).toEqual(['cluster', 'port', 'superuser-password']);
  });

  it('is durable, checksummed, in UTF-8 and UTC, and asks a password on 127.0.0.1 alone', async () => {
    const dataDir = makeFolder();
    const server = await start(dataDir, { settings: {} });
    const names = [
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'data_checksums',
      'server_encoding',
      'TimeZone',
      'listen_addresses',
      'unix_socket_directories',
      'port',
    ];
    const list = names.map((name) => `current_setting('${name}')`).join(', ');
    const [row] = await query(
      server.url(),
      `select array[${list}] as settings, datlocale as locale
      from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({
      settings: ['on', 'on', 'on', 'on', 'UTF8', 'UTC', '127.0.0.1', '', String(server.port)],
      locale: 'C.UTF-8',
    });
    const wrong = new URL(server.url());
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
    await expect(query(server.url('postgres', 'other'), 'select 1')).rejects.toThrow();
  });

  it('keeps the values of rows out of its log', async () => {
    const lines: string[] = [];
    const server = await start(await makeDataFolder(), { log: (line) => lines.push(line) });
    const duplicate = `create table t (v text primary key); insert into t values ('Ada'); insert into t values ('Ada')`;
    await expect(query(server.url(), duplicate)).rejects.toThrow('duplicate key');
    await server.stop();
    expect(lines.join('\n')).toContain('duplicate key');
    expect(lines.join('\n')).not.toContain('Ada');
  });

  it('starts again on its port with its data, and on another port when that one is taken', async () => {
    const dataDir = await makeDataFolder();
    const first = await start(dataDir);
    await writeRow(first.url());
    await first.stop();
    const second = await start(dataDir);
    expect(second.port).toBe(first.port);
    await second.stop();
    const squatter = net.createServer().listen(first.port, '127.0.0.1');
    await once(squatter, 'listening');
    afterTest(() => squatter.close());
    const third = await start(dataDir);
    expect(third.port).not.toBe(first.port);
    expect(await readRow(third.url())).toEqual([{ answer: 42 }]);
    expect(readFileSync(path.join(dataDir, 'port'), 'utf8')).toBe(`${third.port}\n`);
  });

  it('runs beside another on a different folder', async () => {
    const [one, other] = await Promise.all([start(await makeDataFolder()), start(await makeDataFolder())]);
    await writeRow(one.url());
    await expect(readRow(other.url())).rejects.toThrow('does not exist');
    expect(one.port).not.toBe(other.port);
  });

  it('takes another port when its own is taken between the look and the start', async () => {
    const squatter = net.createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    afterTest(() => squatter.close());
    const address = squatter.address() as net.AddressInfo;
    const lateProbe = Object.assign(new EventEmitter(), {
      listen: () => (setImmediate(() => lateProbe.emit('listening')), lateProbe),
      address: () => address,
      close: () => setImmediate(() => lateProbe.emit('close')),
    });
    const createServer = jest.spyOn(net, 'createServer').mockReturnValueOnce(lateProbe as unknown as net.Server);
    afterTest(() => createServer.mockRestore());
    const server = await start(await makeDataFolder());
    expect(server.port).not.toBe(address.port);
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('lives through a Ctrl-C in the terminal, which its program gets as well', async () => {
    const dataDir = await makeDataFolder();
    const { child, url } = await startFromProcess(dataDir);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await writeRow(url);
    expect(await readRow(url)).toEqual([{ answer: 42 }]);
  });

  it('ends with a program that forgets it', async () => {
    const dataDir = await makeDataFolder();
    const module = new URL('./embedded-postgres.js', import.meta.url).href;
    const program = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
      await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, settings: { fsync: 'off' } });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
    await until(() => !existsSync(lockFileOf(dataDir)));
  });

  it('reports settings it cannot start with, and frees the folder', async () => {
    const dataDir = await makeDataFolder();
    await expect(start(dataDir, { settings: { shared_buffers: 'lots' } })).rejects.toThrow(
      /did not start[^]*invalid value for parameter "shared_buffers"/,
    );
    await start(dataDir);
  });
});

describe('a folder in use', () => {
  it('is refused to a second start, in this process and in another', async () => {
    const dataDir = await makeDataFolder();
    const server = await start(dataDir);
    const message = `The data folder ${dataDir} is already in use by process ${process.pid}`;
    await expect(start(dataDir)).rejects.toThrow(message);
    expect((await startFromProcess(dataDir)).error).toBe(message);
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is refused while a server of unknown origin runs on it', async () => {
    const dataDir = await makeDataFolder();
    const pid = await startWithoutOwner(dataDir);
    await expect(start(dataDir)).rejects.toThrow(`already in use by process ${pid}`);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(path.join(dataDir, 'owner'))).toBe(false);
  });

  it('is taken over from an owner that has died, once the server it left has shut down', async () => {
    const dataDir = await makeDataFolder();
    const pid = await startWithoutOwner(dataDir);
    // The number of a live process, which started at another time than the owner did.
    writeFileSync(path.join(dataDir, 'owner'), `${process.pid} long ago\n`);
    const lines: string[] = [];
    await start(dataDir, { log: (line) => lines.push(line) });
    expect(lines[0]).toContain(`waiting for process ${pid}`);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('after a crash', () => {
  it('of the program, no process of the server is left, and the next start finds the data', async () => {
    const dataDir = await makeDataFolder();
    const { child, url } = await startFromProcess(dataDir);
    await writeRow(url);
    const pid = serverPid(dataDir);
    expect(processesIn(dataDir, pid)).toContain(pid);
    await kill(child);
    await until(() => processesIn(dataDir, pid).length === 0);
    expect(existsSync(lockFileOf(dataDir))).toBe(false);
    expect(await readRow((await start(dataDir)).url())).toEqual([{ answer: 42 }]);
  });

  it('of the program, a start at once waits for the server to go', async () => {
    const dataDir = await makeDataFolder();
    const { child, url } = await startFromProcess(dataDir);
    await writeRow(url);
    await kill(child);
    expect(await readRow((await start(dataDir)).url())).toEqual([{ answer: 42 }]);
  });

  it('of the server, the program is told once, unlike of a stop, and can start it again', async () => {
    const dataDir = await makeDataFolder();
    const onExit = jest.fn<void, [Error]>();
    const server = await start(dataDir, { onExit });
    await writeRow(server.url());
    process.kill(serverPid(dataDir), 'SIGKILL');
    await until(() => onExit.mock.calls.length > 0);
    expect(onExit.mock.calls.map(([error]) => error.message)).toEqual(['PostgreSQL ended unexpectedly: signal 9']);
    expect(existsSync(lockFileOf(dataDir))).toBe(true);
    const again = await start(dataDir, { onExit });
    expect(await readRow(again.url())).toEqual([{ answer: 42 }]);
    await again.stop();
    await server.stop();
    expect(onExit).toHaveBeenCalledTimes(1);
  });

  it('a lock file that names another program by now does not keep the server from starting', async () => {
    const dataDir = await makeDataFolder();
    const server = await start(dataDir, { onExit: () => undefined });
    const lockFile = lockFileOf(dataDir);
    const lock = readFileSync(lockFile, 'utf8');
    await server.stop();
    const { uid, gid } = statSync(path.join(dataDir, 'cluster'));
    const stranger = spawn('sleep', ['60'], { ...(isRoot && { uid, gid }) });
    await once(stranger, 'spawn');
    afterTest(() => stranger.kill());
    writeFileSync(lockFile, lock.replace(/^\d+/, String(stranger.pid)));
    await start(dataDir);
    expect(serverPid(dataDir)).not.toBe(stranger.pid);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
  });

  it('of the first start, half a cluster is not taken for a whole one', async () => {
    const dataDir = makeFolder();
    mkdirSync(path.join(dataDir, 'new-half/cluster'), { recursive: true });
    writeFileSync(path.join(dataDir, 'superuser-password'), 'of the first attempt');
    const server = await start(dataDir);
    expect(await query(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(path.join(dataDir, 'new-half'))).toBe(false);
  });

  it('a lost password is an error that says so', async () => {
    const dataDir = await makeDataFolder();
    await (await start(dataDir)).stop();
    rmSync(path.join(dataDir, 'superuser-password'));
    await expect(start(dataDir)).rejects.toThrow('superuser-password is missing');
  });
});
