import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  type ClaimsWorld,
  cpuSecondsOf,
  cpuSecondsOfServer,
  layWorld,
  peakMemoryMb,
  type RunningProgram,
  startProgram,
} from './claims-stage.js';
import { copyIn } from './copy-in.js';
import type { Row } from './row.js';
import type { BenchServer } from './server.js';

/** Fewer with CLAIM_ROWS, to try something out; the targets are those of a million. */
const ROWS = Number(process.env.CLAIM_ROWS ?? 1_000_000);
/** The first run on a quiet machine had 0.0081: 5,006 rows/s beside 615,700. */
const COPY_RATIO = 0.006;
/** How many people a file of so many rows tells of. */
export const peopleFor = (rowCount: number): number => Math.max(200, rowCount / 20);
const DAY_MS = 86_400_000;
export const CARD = {
  basis: 'attendance',
  priceMinor: '3200',
  caps: { perReferral: 60, perPersonPerMonth: 20 },
  didNotAttend: { basisPoints: 5_000, maximumPerReferral: 3 },
};

/**
 * One file through the route, as a provider sends it, to a process of its own that serves, works and seals: sessions alone
 * and in groups, an attendance and a claim for each row, priced under caps, each with its hashed event. Beside it the least
 * that PostgreSQL can be asked to store of the same rows.
 */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const people = peopleFor(ROWS);
  const world = await layWorld(server, { people, card: CARD });
  const program = await startProgram(world);
  try {
    const sent = await sendFile(world, program, ROWS);
    const conditions = `${ROWS.toLocaleString('en-GB')} rows, ${people.toLocaleString('en-GB')} referrals, one contract with caps; fsync on, hashing and sealing on`;
    const row = { suite: 'claims', unit: 'rows/s', conditions };
    const of = (part: string, seconds: number) => `${part} ${Math.round((seconds / ROWS) * 1e6)} µs`;
    const costs = `${conditions}; of processor a row: ${of('program', sent.programSeconds)}, ${of('PostgreSQL', sent.serverSeconds)}`;
    yield {
      ...row,
      name: 'a claim file, end to end',
      figure: sent.perSecond,
      memoryMb: sent.peakMb,
      conditions: costs,
      target: { of: 'figure', atLeast: 10_000 },
    };
    yield {
      ...row,
      name: 'its last tenth',
      figure: sent.lastPerSecond,
      comparator: { name: 'its first tenth', figure: sent.firstPerSecond },
      target: { of: 'ratio', atLeast: 0.8 },
    };
    yield {
      ...row,
      name: 'memory of the program',
      figure: sent.peakMb,
      unit: 'MB',
      target: { of: 'figure', atMost: 400 },
    };
    yield {
      ...row,
      name: 'a claim file, end to end',
      figure: sent.perSecond,
      comparator: {
        name: 'bare rows, a tenth as many, into one table by unnest',
        figure: await unnestRate(world.adminUrl),
      },
      target: { of: 'ratio', atLeast: 0.04 },
    };
    yield {
      ...row,
      name: 'a claim file, end to end',
      figure: sent.perSecond,
      comparator: { name: 'the same bare rows, sent by COPY', figure: await copyRate(world) },
      target: { of: 'ratio', atLeast: COPY_RATIO },
    };
    yield {
      ...row,
      name: 'a claim file, end to end',
      figure: sent.perSecond,
      comparator: {
        name: 'as many bare rows into one table, made within the server',
        figure: await selectRate(world.adminUrl),
      },
      target: { of: 'ratio', atLeast: 0.03 },
    };
  } finally {
    await program.stop();
  }
}

export interface Sent {
  readonly perSecond: number;
  readonly firstPerSecond: number;
  readonly lastPerSecond: number;
  readonly peakMb: number;
  readonly programSeconds: number;
  readonly serverSeconds: number;
}

/**
 * Sends the file, and looks at its counts ten times a second until it has ended. Persons are laid as the version before kept
 * them: whatever the program does to move them to the vault is done first, and is no part of what a file costs.
 */
export async function sendFile(world: ClaimsWorld, program: RunningProgram, rowCount: number): Promise<Sent> {
  const watcher = new pg.Client({ connectionString: world.adminUrl });
  await watcher.connect();
  try {
    while ((await watcher.query(UNMOVED)).rowCount !== 0) await sleep(500);
    const [server0, program0] = [await cpuSecondsOfServer(world.adminUrl), cpuSecondsOf(program.pid)];
    const began = performance.now();
    const sending = fetch(`${program.url}/v1/claim-files?contract=${world.deal.contractCode}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}`, 'content-type': 'text/csv', prefer: 'respond-async' },
      body: ReadableStream.from(pieces(world, rowCount)),
      duplex: 'half',
    });
    const reached = await watch(watcher, began, rowCount);
    if ((await sending).status !== 202) throw new Error(`The file was not received: ${await (await sending).text()}`);
    const seconds = (reached.at(-1)?.ms ?? Number.NaN) / 1_000;
    const at = (part: number) => reached.find(({ taken }) => taken >= part * rowCount)?.ms ?? Number.NaN;
    return {
      perSecond: rowCount / seconds,
      firstPerSecond: (rowCount / 10 / at(0.1)) * 1_000,
      lastPerSecond: (rowCount / 10 / (seconds * 1_000 - at(0.9))) * 1_000,
      peakMb: peakMemoryMb(program.pid),
      programSeconds: cpuSecondsOf(program.pid) - program0,
      serverSeconds: (await cpuSecondsOfServer(world.adminUrl)) - server0,
    };
  } finally {
    await watcher.end();
  }
}

const UNMOVED =
  'select from person where commitment is null and (reference is not null or pseudonym is not null) limit 1';

interface Reached {
  readonly taken: number;
  readonly ms: number;
}

async function watch(watcher: pg.Client, began: number, rowCount: number): Promise<Reached[]> {
  const reached: Reached[] = [];
  for (;;) {
    await sleep(100);
    const { rows: files } = await watcher.query<{ state: string; taken: number; accepted: number }>(
      'select state, rows as taken, accepted from claim_file',
    );
    const [file] = files;
    if (!file) continue;
    reached.push({ taken: file.taken, ms: performance.now() - began });
    if (file.state === 'receiving') continue;
    if (file.state !== 'received' || file.accepted !== rowCount)
      throw new Error(`Not taken whole: ${JSON.stringify(file)}`);
    return reached;
  }
}

/** Every other two dozen rows are groups of eight; one in thirteen did not come. Made while it is sent. */
function* lines(world: ClaimsWorld, rowCount: number): Generator<string> {
  const people = world.references.length;
  const start = Date.parse(world.startsOn);
  for (let row = 0; row < rowCount; row++) {
    const isGroup = Math.floor(row / 24) % 2 === 0;
    const session = Math.floor(row / 8);
    const day = Math.floor(isGroup ? (session * 8) / people : row / people) % 360;
    const [year, month, date] = new Date(start + day * DAY_MS).toISOString().slice(0, 10).split('-');
    const hour = String(9 + ((isGroup ? session : row) % 8)).padStart(2, '0');
    const outcome = row % 13 === 5 ? 'DNA' : 'attended';
    const reference = world.references[row % people] ?? '';
    yield `${reference},${world.deal.serviceCode},${date}/${month}/${year},${hour}:00,60,${outcome},${isGroup ? `G-${session}` : ''},R-${row}\r\n`;
  }
}

const PIECE_CHARACTERS = 65_536;

function* pieces(world: ClaimsWorld, rowCount: number): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = 'referral,service,date,start,minutes,outcome,session,your reference\r\n';
  for (const line of lines(world, rowCount)) {
    piece += line;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield encoder.encode(piece);
    piece = '';
  }
  yield encoder.encode(piece);
}

const BARE = `
create table if not exists bare (id uuid primary key, contract uuid not null, referral text not null, served_on date not null,
  outcome text not null, amount bigint not null, body bytea not null)`;

/** 2,000 rows a statement and transaction, as many as a chunk of a file has. */
async function unnestRate(adminUrl: string): Promise<number> {
  return withBare(adminUrl, async (client) => {
    const count = ROWS / 10;
    const chunk = 2_000;
    const ids = Array.from({ length: count }, () => randomUUID());
    const body = Buffer.alloc(300, 7);
    const began = performance.now();
    for (let from = 0; from < count; from += chunk) {
      const some = ids.slice(from, from + chunk);
      await client.query(
        `insert into bare select i, i, r, d, 'attended', 3200, b
         from unnest($1::uuid[], $2::text[], $3::date[], $4::bytea[]) as t (i, r, d, b)`,
        [some, some, some.map(() => '2026-10-05'), some.map(() => body)],
      );
    }
    return (count / (performance.now() - began)) * 1_000;
  });
}

const COPIED = `
create table if not exists copied (referral text not null, service text not null, served_on date not null, starts_at time not null,
  minutes integer not null, outcome text not null, session text, your_reference text not null)`;

/** The very rows of the file as they stand in it, into a table without an index: the quickest way there is to have them stored. */
async function copyRate(world: ClaimsWorld): Promise<number> {
  const client = new pg.Client({ connectionString: world.adminUrl });
  await client.connect();
  try {
    await client.query(`${COPIED}; truncate copied; set datestyle = 'ISO, DMY'`);
    const began = performance.now();
    await copyIn(client, "copy copied from stdin (format csv, header true, null '')", pieces(world, ROWS));
    const seconds = (performance.now() - began) / 1_000;
    const { rows: counted } = await client.query<{ count: number }>('select count(*)::int as count from copied');
    if (counted[0]?.count !== ROWS) throw new Error('The rows were not copied whole');
    return ROWS / seconds;
  } finally {
    await client.end();
  }
}

/** Nothing crosses the wire and nothing is parsed: what storing alone costs. */
async function selectRate(adminUrl: string): Promise<number> {
  return withBare(adminUrl, async (client) => {
    const began = performance.now();
    await client.query(
      `insert into bare select gen_random_uuid(), gen_random_uuid(), n::text, '2026-10-05', 'attended', 3200, sha256(n::text::bytea)
       from generate_series(1, $1::int) n`,
      [ROWS],
    );
    return (ROWS / (performance.now() - began)) * 1_000;
  });
}

async function withBare(adminUrl: string, work: (client: pg.Client) => Promise<number>): Promise<number> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`${BARE}; truncate bare`);
    return await work(client);
  } finally {
    await client.end();
  }
}
