import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';

/** A Redis for one spec: the one of REDIS_URL, which is emptied, or a server of its own that keeps nothing. */
export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Like `describe`, with a Redis. Where there is neither REDIS_URL nor a redis-server its tests are skipped, unless
 * WELLPAID_REQUIRE_REDIS=1 (continuous integration) says that this is a failure.
 */
export function describeOnRedis(name: string, body: (redisUrl: () => string) => void): void {
  const required = process.env.WELLPAID_REQUIRE_REDIS === '1';
  if (!process.env.REDIS_URL && findServer() === undefined && !required) {
    const describeLater = describe.skip;
    describeLater(`${name} (no Redis: apt-get install redis-server, or set REDIS_URL)`, () => body(() => ''));
    return;
  }
  describe(name, () => {
    let redis: TestRedis | undefined;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis?.stop());
    body(() => redis?.url ?? '');
  });
}

async function startRedis(): Promise<TestRedis> {
  const { REDIS_URL: given } = process.env;
  if (given) return { url: given, stop: async () => undefined };
  const program = findServer();
  if (program === undefined) throw new Error('No Redis was found: apt-get install redis-server, or set REDIS_URL');
  const port = await freePort();
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(program, [...settings, '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  await untilItAnswers(url, server);
  return {
    url,
    stop: async () => {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
  };
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => 20 });
  redis.on('error', () => undefined); // it listens a moment later
  const ended = once(server, 'exit').then(() => Promise.reject(new Error('redis-server ended by itself')));
  try {
    await Promise.race([redis.ping(), ended]);
  } finally {
    redis.disconnect();
    ended.catch(() => undefined);
  }
}

function findServer(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, 'redis-server')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port is free');
  return address.port;
}
