import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeMadeBundle } from '../support/bundle-maker.js';
import type { Row } from './row.js';
import type { Verified } from './verify-run.js';

const SMALL = 10_000;
const LARGE = 1_000_000;
const SHAPE = { contracts: 200, sessions: 40, passEvery: 200 };
const PROGRAM = fileURLToPath(new URL('./verify-run.js', import.meta.url));

/**
 * Verifies months of claims, batches, invoices and payments, each time in a process of its own: its rate on one core and on
 * two, beside a program that only parses and hashes each event, and what an event takes of its memory.
 */
export async function* rows(): AsyncGenerator<Row> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-verify-'));
  try {
    const [small, large] = [path.join(folder, 'small.tar'), path.join(folder, 'large.tar')];
    await writeMadeBundle(small, { ...SHAPE, events: SMALL });
    await writeMadeBundle(large, { ...SHAPE, events: LARGE });
    const bare = await run('bare', large, 0);
    const one = await run('verify', large, 0);
    const conditions = `${LARGE} events of ${Math.round(one.bytes / LARGE)} bytes, a signed checkpoint every ${SHAPE.passEvery}`;
    const rate = { suite: 'verify', unit: 'events/s', conditions };
    yield {
      ...rate,
      name: 'on one core',
      figure: perSecond(one),
      comparator: { name: 'JSON.parse and SHA-256 of each event, and nothing else', figure: perSecond(bare) },
      memoryMb: one.memoryBytes / 1e6,
      target: { of: 'figure', atLeast: 100_000 },
    };
    const two = await run('verify', large, 2);
    yield {
      ...rate,
      name: 'on two cores',
      figure: perSecond(two),
      comparator: { name: 'on one core', figure: perSecond(one) },
      memoryMb: two.memoryBytes / 1e6,
      target: { of: 'ratio', atLeast: 1.3 },
    };
    for (const [cores, threads, most] of [
      ['one core', 0, one],
      ['two cores', 2, two],
    ] as const) {
      const least = await run('verify', small, threads);
      yield {
        suite: 'verify',
        name: `memory, ${cores}`,
        figure: (most.memoryBytes - least.memoryBytes) / (LARGE - SMALL),
        unit: 'bytes an event',
        memoryMb: most.memoryBytes / 1e6,
        conditions: `peak of the process at ${LARGE} events less that at ${SMALL}`,
        target: { of: 'figure', atMost: 64 },
      };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function perSecond({ events, ms }: Verified): number {
  return (events / ms) * 1_000;
}

async function run(what: 'verify' | 'bare', file: string, threads: number): Promise<Verified> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, what, file, String(threads)]);
  return JSON.parse(stdout) as Verified;
}
