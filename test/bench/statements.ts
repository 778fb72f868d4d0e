import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runAsAdmin } from './opened-app.js';
import type { Row } from './row.js';
import type { BenchServer } from './server.js';
import type { StatementRun } from './statements-run.js';
import { layStatements, type StatementsWorld } from './statements-stage.js';

const SMALL = 10_000;
const LARGE = 1_000_000;
const PROGRAM = fileURLToPath(new URL('statements-run.js', import.meta.url));

/** A statement of a million lines, beside the same lines joined and written as CSV by the database alone. */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const small = await run(await layStatements(server, SMALL));
  const world = await layStatements(server, LARGE);
  const large = await run(world);
  const copied = await copySeconds(world);
  const rate = LARGE / large.seconds;
  yield {
    suite: 'statements',
    name: 'CSV of 1,000,000 lines',
    figure: rate,
    unit: 'lines/s',
    memoryMb: large.peakMemoryMb,
    conditions: `opening, lines, SHA-256 and its event; first byte after ${large.firstByteSeconds.toFixed(1)} s; ${large.cpuSeconds.toFixed(1)} s of CPU`,
    target: { of: 'figure', atLeast: 100_000 },
  };
  yield {
    suite: 'statements',
    name: 'CSV, against COPY of the database alone',
    figure: rate,
    comparator: { name: 'COPY (select … order by …) TO STDOUT (FORMAT csv)', figure: LARGE / copied },
    unit: 'lines/s',
    conditions: 'the same joined lines without balances, formulas made safe, or a hash',
  };
  yield {
    suite: 'statements',
    name: 'seconds for each line, of 1,000,000 against 10,000',
    figure: large.seconds / LARGE,
    comparator: { name: '10,000 lines', figure: small.seconds / SMALL },
    unit: 's',
    conditions: 'each in a process of its own',
    target: { of: 'ratio', atMost: 1 },
  };
  yield {
    suite: 'statements',
    name: 'peak memory, of 1,000,000 lines against 10,000',
    figure: large.peakMemoryMb,
    comparator: { name: '10,000 lines', figure: small.peakMemoryMb },
    unit: 'MB',
    conditions: 'of the whole process, at its peak',
    target: { of: 'ratio', atMost: 1.5 },
  };
}

export async function run({ appUrl, commissionerId }: StatementsWorld): Promise<StatementRun> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, appUrl, commissionerId]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as StatementRun;
}

const COPY = (commissionerId: string) => `
copy (
  select t.effective_on, o.code, o.name, c.code, e.type, coalesce(i.number, p.reference), t.amount_minor, e.id
  from ledger.transfer t
  join ledger.event e on e.commissioner_id = t.commissioner_id and e.id = t.event_id
  join ledger.account a on a.commissioner_id = t.commissioner_id
    and a.id = case when e.type = 'invoice.issued' then t.credit_account_id else t.debit_account_id end
  join contract c on c.commissioner_id = t.commissioner_id and c.id = a.contract_id
  join organisation o on o.id = a.provider_id
  left join invoice i on i.commissioner_id = t.commissioner_id and i.id = e.subject_id
  left join payout p on p.commissioner_id = t.commissioner_id and p.id = e.subject_id
  where t.commissioner_id = '${commissionerId}'
  order by t.effective_on, e.seq, t.id) to stdout (format csv)`;

/** By a bare connection of the superuser, whom no policy binds, with the bytes thrown away as they come. */
export async function copySeconds({ adminUrl, commissionerId }: StatementsWorld): Promise<number> {
  const began = performance.now();
  await runAsAdmin(adminUrl, [[COPY(commissionerId)]]);
  return (performance.now() - began) / 1_000;
}
