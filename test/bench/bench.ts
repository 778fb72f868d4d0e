// npm run bench [-- --json] [--only suite,suite] : measures what the documentation promises, each figure beside a program
// that does the same work in the same run, and exits with 1 when a target was missed.
// npm run bench -- --england : does England's year once, and prints the account; see england.ts.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isReached, type Row, tableOf } from './row.js';
import { type BenchServer, startBenchServer } from './server.js';

/** Each suite loads what it needs and gives its rows as they come. */
const SUITES: Readonly<Record<string, () => Promise<{ rows: (server: BenchServer) => AsyncGenerator<Row> }>>> = {
  boot: () => import('./boot.js'),
  claims: () => import('./claims.js'),
  close: () => import('./close.js'),
  documents: () => import('./documents.js'),
  growth: () => import('./growth.js'),
  posting: () => import('./posting.js'),
  proofs: () => import('./proofs.js'),
  singles: () => import('./singles.js'),
  sealing: () => import('./sealing.js'),
  statements: () => import('./statements.js'),
  verify: () => import('./verify.js'),
};

const HELP = `npm run bench -- [--only suite,suite] [--json]
  Measures what docs/performance.md says. Suites: ${Object.keys(SUITES).join(', ')}.
npm run bench -- --england [--share 0.01] [--seed 7] [--json]
  Does England's year of social prescribing, or a share of it, and prints the account; --england --help says more.`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    only: { type: 'string' },
    england: { type: 'boolean' },
    share: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.england === true) process.exit(await (await import('./england.js')).england(values));
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
const wanted = values.only?.split(',') ?? Object.keys(SUITES);
const unknown = wanted.filter((name) => !(name in SUITES));
if (unknown.length > 0) {
  console.error(`No suite is called ${unknown.join(', ')}. There are: ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}

const server = await startBenchServer();
const rows: Row[] = [];
try {
  for (const name of wanted) {
    const suite = await SUITES[name]?.();
    if (!suite) continue;
    for await (const row of suite.rows(server)) {
      rows.push(row);
      console.error(tableOf([row]).split('\n')[1]);
    }
  }
} finally {
  await server.stop();
}
const machine = { cores: cpus().length, cpu: cpus()[0]?.model, node: process.version };
if (values.json) console.log(JSON.stringify({ machine, rows }, null, 2));
else console.log(`${tableOf(rows)}\n\n${machine.cores} cores (${machine.cpu}), Node ${machine.node}`);
process.exitCode = rows.some((row) => isReached(row) === false) ? 1 : 0;
