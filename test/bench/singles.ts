import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ClaimsWorld, layWorld, peakMemoryMb, startProgram } from './claims-stage.js';
import type { Row } from './row.js';
import { analyse, type BenchServer } from './server.js';
import type { Loaded } from './singles-load.js';

const CONNECTIONS = 32;
const SECONDS = 15;
const PEOPLE = 5_000;
const CARD = { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 365 } };
const file = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/**
 * Sessions of one person each, recorded and claimed by one request each: who is asked, priced, hashed, put into the journal,
 * and acknowledged after the commit. The load comes from a process of its own on the same machine.
 */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const world = await layWorld(server, { people: PEOPLE, card: CARD });
  const program = await startProgram(world);
  const row = { suite: 'singles', unit: 'claims/s' };
  const conditions = `over HTTP from another process on this machine, one contract, fsync on, hashing and sealing on`;
  try {
    await load(world, program.url, CONNECTIONS, 0);
    await analyse(world.adminUrl);
    const many = await load(world, program.url, CONNECTIONS, 60);
    const bare = await bareRate(world);
    const said = { p50Ms: many.p50Ms, p99Ms: many.p99Ms, memoryMb: peakMemoryMb(program.pid) };
    const shared = { ...row, figure: many.perSecond, conditions: `${CONNECTIONS} connections, ${conditions}` };
    yield { ...shared, ...said, name: 'single claims', target: { of: 'figure', atLeast: 2_000 } };
    yield { ...shared, ...said, name: 'single claims, slowest of a hundred', target: { of: 'p99', atMost: 50 } };
    yield {
      ...shared,
      name: 'single claims',
      comparator: { name: 'bare Nest and Fastify, one INSERT a request', figure: bare.perSecond },
      target: { of: 'ratio', atLeast: 0.1 },
    };
    const one = await load(world, program.url, 1, 180);
    yield {
      ...row,
      name: 'single claims, one after the other',
      figure: one.perSecond,
      p50Ms: one.p50Ms,
      p99Ms: one.p99Ms,
      conditions: `1 connection, ${conditions}`,
    };
  } finally {
    await program.stop();
  }
}

/** @param fromDay days after the contract's first: two loads do not tell of the same sessions */
async function load(world: ClaimsWorld, url: string, connections: number, fromDay: number): Promise<Loaded> {
  const firstDay = new Date(Date.parse(world.startsOn) + fromDay * 86_400_000).toISOString().slice(0, 10);
  const { contractCode, serviceCode } = world.deal;
  const given = [url, world.key, connections, SECONDS, contractCode, serviceCode, 'SP-', PEOPLE, firstDay].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [file('singles-load'), ...given]);
  const loaded = JSON.parse(stdout) as Loaded;
  if (loaded.refused > 0) throw new Error(`${loaded.refused} requests were refused`);
  return loaded;
}

async function bareRate(world: ClaimsWorld): Promise<Loaded> {
  const child = spawn(process.execPath, [file('bare-intake'), world.adminUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<string>((resolve) => {
      child.stdout.on('data', (piece: Buffer) => {
        const found = /listens at (http:\S+?)\.\s/.exec(piece.toString())?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    return await load(world, url, CONNECTIONS, 0);
  } finally {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
  }
}
