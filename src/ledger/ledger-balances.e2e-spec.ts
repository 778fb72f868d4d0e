import { Books, brokenInvariants, ledgerStage, type LedgerStage } from '../../test/support/ledger-stage.js';
import { accounts } from './index.js';

let stage: LedgerStage;
let books: Books;

beforeAll(async () => {
  stage = await ledgerStage();
});
afterAll(() => stage.close());

beforeEach(() => {
  books = new Books(stage);
});
afterEach(async () => {
  await expect(brokenInvariants(stage)).resolves.toEqual([]);
});

describe('balances as of a day', () => {
  const fundsAsOf = (day: string, snapshot?: string) =>
    stage.database.read(books.commissioner, (reader) =>
      stage.ledger.balanceAsOf(reader, books.commissioner.orgId, accounts.funds(), day, snapshot),
    );

  it('count a transfer on its own day, however late it is posted', async () => {
    await books.fund(100n, '2026-11-10');
    await books.fund(50n, '2026-11-20');
    await expect(fundsAsOf('2026-11-09')).resolves.toBe(0n);
    await expect(fundsAsOf('2026-11-10')).resolves.toBe(100n);
    await expect(fundsAsOf('2026-11-19')).resolves.toBe(100n);
    await books.fund(7n, '2026-11-15');
    await expect(fundsAsOf('2026-11-14')).resolves.toBe(100n);
    await expect(fundsAsOf('2026-11-19')).resolves.toBe(107n);
    await expect(fundsAsOf('2026-11-20')).resolves.toBe(157n);
    await expect(books.funds()).resolves.toBe(157n);
  });

  it('use today in London when no day is given', async () => {
    stage.clock.at = new Date('2026-06-30T23:30:00Z');
    await books.fund(3n);
    stage.clock.at = new Date('2026-11-25T10:00:00.123Z');
    await expect(fundsAsOf('2026-06-30')).resolves.toBe(0n);
    await expect(fundsAsOf('2026-07-01')).resolves.toBe(3n);
  });

  it('leave out, by a snapshot, what was booked after it', async () => {
    await books.fund(100n, '2026-11-10');
    const [{ now } = { now: '' }] = await stage.admin<{ now: string }>('select pg_current_snapshot()::text as now');
    await books.fund(7n, '2026-11-10');
    await expect(fundsAsOf('2026-11-30', now)).resolves.toBe(100n);
    await expect(fundsAsOf('2026-11-30')).resolves.toBe(107n);
  });

  it('agree for an account without a balance row', async () => {
    await books.fund(100n, '2026-11-10');
    await expect(books.balance(accounts.bank())).resolves.toBe(-100n);
  });
});
