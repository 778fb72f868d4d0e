import { testDatabase, type TestDatabase } from '../support/database.js';
import { agrees, type Figure, figuresOf } from './england-account.js';
import { type Account, accountInWords, faultsOf } from './england-report.js';
import type { Stage } from './england-stage.js';
import { StoppedByHand } from './england-watch.js';
import { doYear } from './england.js';

const TINY = { share: 0.0002, seed: 3, months: 3, progress: null } as const;
const PENNY = `update claim set price_minor = price_minor + $1 where id = (select id from claim order by id limit 1)`;

/** Three months of six providers: the program of `npm run bench -- --england`, made small. */
describe('England’s year', () => {
  let database: TestDatabase;
  let account: Account;
  let planted: Figure[];
  let wrong: readonly string[];

  beforeAll(async () => {
    database = await testDatabase();
    account = await doYear(database, { ...TINY, beforeAccount: plant });
  }, 180_000);
  afterAll(() => database.drop());

  /** A penny more on one claim, behind the product's back, and away again; a batch that is not what it should be. */
  async function plant(stage: Stage): Promise<void> {
    const { admin } = stage.app;
    await admin.query('set session_replication_role = replica');
    await admin.query(PENNY, [1]);
    planted = await figuresOf(stage);
    await admin.query(PENNY, [-1]);
    await admin.query('set session_replication_role = default');
    stage.hold('a batch', '100', 101n);
    wrong = stage.wrong.splice(0);
  }

  it('balances to the penny, and is proved', () => {
    expect(faultsOf(account)).toEqual([]);
    expect(account.figures.filter(({ tally }) => tally !== undefined).length).toBeGreaterThan(25);
    expect(account.figures.find(({ name }) => name === 'paid')?.books).toBeGreaterThan(0n);
    expect(account.figures.find(({ name }) => name === 'claims rejected')?.books).toBeGreaterThan(0n);
    expect(account.proof).toMatchObject({
      live: { outcome: 'proved', broken: [] },
      bundles: [{ outcome: 'proved' }, { outcome: 'proved' }],
      statements: { count: 8, wrong: [] },
    });
  });

  it('is said in words, with what was done and how long it took', () => {
    const words = accountInWords(account);
    expect(words).toContain('The account balances');
    for (const work of [
      'claim files taken',
      'batches reviewed and approved',
      'payouts paid',
      'all verified where it lies',
    ])
      expect(words).toContain(work);
    expect(words).not.toContain('WRONG');
  });

  it('does not balance with one penny too many', () => {
    const books = { ...account, figures: planted };
    expect(planted.filter((figure) => !agrees(figure)).map(({ name }) => name)).toEqual(['claimed']);
    expect(faultsOf(books)).toEqual([expect.stringMatching(/^claimed: £[\d,.]+, and not £[\d,.]+$/)]);
    expect(accountInWords(books)).toContain('THE ACCOUNT DOES NOT BALANCE');
  });

  it('does not balance when a batch came to something else, or when something is not proved', () => {
    expect(wrong).toEqual(['a batch: £1.00, and not £1.01']);
    expect(faultsOf({ ...account, wrong })).toEqual(wrong);
    const { proof } = account;
    if (!proof) throw new Error('There is no proof');
    const live = { ...proof.live, outcome: 'tampered', broken: ['Something is not true.'] };
    expect(faultsOf({ ...account, proof: { ...proof, live } })).toEqual([
      'verify --live: tampered',
      'Something is not true.',
    ]);
    const statements = { ...proof.statements, wrong: ['P00001: 0.01'] };
    expect(faultsOf({ ...account, proof: { ...proof, statements } })).toHaveLength(1);
  });

  it('stops when it is told to, and leaves nothing running', async () => {
    const other = await testDatabase();
    try {
      const stopped = doYear(other, { ...TINY, onBegin: (stop) => stop() });
      await expect(stopped).rejects.toThrow(StoppedByHand);
    } finally {
      await other.drop();
    }
  });
});
