import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { percentile, type Row } from './row.js';
import type { BenchServer } from './server.js';

const RUNS = 7;
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const LISTENS = /^Wellpaid listens at (\S+?)\.\s/m;

/**
 * From the start of the process until `GET /ready` answers that it is, on databases that exist already: a server that runs,
 * and the embedded one, which has to be started too. The first start of all is left out: it warms the disk's cache.
 */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const { appUrl } = await server.database();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'bench-boot-'));
  chmodSync(dataDir, 0o755); // as root the server runs under another account
  try {
    const places: readonly (readonly [name: string, mode: string, environment: Record<string, string>])[] = [
      ['requests only, on a server', 'serve', { DATABASE_URL: appUrl }],
      ['requests and jobs, on a server', 'all', { DATABASE_URL: appUrl }],
      ['requests and jobs, embedded database', 'all', {}],
    ];
    for (const [name, mode, environment] of places) {
      const all = { ...environment, WELLPAID_DATA_DIR: dataDir };
      await boot(mode, all);
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) times.push(await boot(mode, all));
      yield {
        suite: 'boot',
        name,
        figure: percentile(times, 0.5) / 1_000,
        unit: 's',
        p50Ms: percentile(times, 0.5),
        p99Ms: percentile(times, 0.99),
        conditions: `median and slowest of ${RUNS} starts of the process`,
        target: { of: 'figure', atMost: 3 },
      };
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Milliseconds until it is ready; the process has ended when this returns. */
async function boot(mode: string, environment: Record<string, string>): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, mode], {
    env: { PATH: process.env.PATH, HOME: '/', PORT: '0', LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const address = LISTENS.exec(said)?.[1];
        if (address !== undefined) resolve(address);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      void exited.then(() => reject(new Error(`It ended before it listened: ${said}`)));
    });
    while ((await fetch(`${url}/ready`)).status !== 200);
    return performance.now() - began;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}
