import { type LedgerStage, ledgerStage } from '../../test/support/ledger-stage.js';
import { newId } from './ids.js';
import { readAhead } from './read-ahead.js';

const NUMBERS = 'select n from generate_series(1, $1::int) n order by n';

let stage: LedgerStage;

beforeAll(async () => {
  stage = await ledgerStage();
});
afterAll(() => stage.close());

function numbers(count: number, sql = NUMBERS) {
  const scope = { side: 'commissioner', orgId: newId() } as const;
  return readAhead<{ n: number }>(stage.database, scope, { sql, parameters: [count], pageMax: 10 });
}

async function openTransactions(): Promise<number> {
  const [row] = await stage.admin<{ open: number }>(
    `select count(*)::int as open from pg_stat_activity
     where datname = current_database() and usename = 'wp_app' and state like 'idle in%'`,
  );
  return row?.open ?? Number.NaN;
}

async function untilNoneIsOpen(): Promise<void> {
  for (let tries = 0; (await openTransactions()) > 0; tries++) {
    if (tries === 400) throw new Error('A transaction is held open');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** All that comes, by page, and whether it was all there is. */
async function all(pages: ReturnType<typeof numbers>): Promise<{ read: number[][]; isWhole: boolean }> {
  const read: number[][] = [];
  for (;;) {
    const next = await pages.next();
    if (next.done === true) return { read, isWhole: next.value };
    read.push(next.value.map(({ n }) => n));
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('readAhead', () => {
  it.each([
    [0, []],
    [7, [7]],
    [10, [10]],
    [25, [10, 10, 5]],
  ])('gives %i rows in order, in pages of %j', async (count, sizes) => {
    const { read, isWhole } = await all(numbers(count));
    expect(read.flat()).toEqual(upTo(count));
    expect(read.map(({ length }) => length)).toEqual(sizes);
    expect(isWhole).toBe(true);
  });

  it('lets the transaction go when nobody takes its rows, and says that more is to come', async () => {
    const pages = numbers(100);
    const first = await pages.next();
    await untilNoneIsOpen();
    const { read, isWhole } = await all(pages);
    expect(first.value).toHaveLength(10);
    expect(read.flat()).toEqual(upTo(20).slice(10));
    expect(isWhole).toBe(false);
  });

  it('plans as it is told to, in its own transaction only', async () => {
    const scope = { side: 'commissioner', orgId: newId() } as const;
    const sql = "select current_setting('enable_nestloop') as set";
    const query = { sql, parameters: [], pageMax: 10, planner: { enable_nestloop: 'off' } };
    const pages = readAhead<{ set: string }>(stage.database, scope, query);
    expect((await pages.next()).value).toEqual([{ set: 'off' }]);
    await pages.return(false);
    expect(await stage.database.lookUp(scope, sql, [])).toEqual([{ set: 'on' }]);
  });

  it('ends its transaction with whoever stops reading', async () => {
    const pages = numbers(100);
    await pages.next();
    await pages.return(false);
    expect(await openTransactions()).toBe(0);
  });

  it('throws what the database says, after the rows before', async () => {
    const pages = numbers(100, 'select 1 / (25 - n) as n from generate_series(1, $1::int) n');
    await expect(all(pages)).rejects.toThrow('division by zero');
    expect(await openTransactions()).toBe(0);
  });
});
