import { newId } from '../platform/ids.js';
import { Books, brokenInvariants, ledgerStage, type LedgerStage } from '../../test/support/ledger-stage.js';
import { ledgerTable } from '../../test/support/ledger-table.js';
import { type Account, accounts } from './index.js';

let stage: LedgerStage;
let books: Books;
const providerId = newId();
const contractId = newId();

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

describe('posting', () => {
  it('follows a batch from the contract to the bank, and an accountant can read it', async () => {
    const p = [providerId, contractId] as const;
    const steps: [string, ...[Account, Account, bigint][]][] = [
      ['contract.authorised', [accounts.authorised(...p), accounts.budget(...p), 1_000_000n]],
      ['batch.submitted', [accounts.budget(...p), accounts.committed(...p), 120_000n]],
      [
        'batch.approved',
        [accounts.activity(), accounts.accrued(...p), 70_000n],
        [accounts.activity(), accounts.accrued(...p), 50_000n],
        [accounts.committed(...p), accounts.spent(...p), 120_000n],
      ],
      [
        'invoice.issued',
        [accounts.accrued(...p), accounts.owed(...p), 120_000n],
        [accounts.vatInput(), accounts.owed(...p), 24_000n],
      ],
      ['funds.received', [accounts.funds(), accounts.bank(), 200_000n]],
      [
        'payout.requested',
        [accounts.owed(...p), accounts.inTransit(...p), 144_000n],
        [accounts.fundsReserved(), accounts.funds(), 144_000n],
      ],
      ['payout.sent', [accounts.rail(...p), accounts.fundsReserved(), 144_000n]],
      ['payout.paid', [accounts.inTransit(...p), accounts.rail(...p), 144_000n]],
    ];
    for (const [type, ...lines] of steps) {
      const transfers = lines.map(([debit, credit, amountMinor]) => ({ debit, credit, amountMinor }));
      await books.post({ event: books.event(type), transfers });
    }
    const table = await ledgerTable((sql, parameters) => stage.admin(sql, parameters), books.commissioner.orgId, {
      [providerId]: 'Kin',
      [contractId]: 'C1',
    });
    expect(`\n${table}`).toBe(`
money book            debits    credits      balance
accrued:Kin:C1      1,200.00   1,200.00          - C
activity            1,200.00          -   1,200.00 D
bank                       -   2,000.00  -2,000.00 D
funds               2,000.00   1,440.00     560.00 D
funds_reserved      1,440.00   1,440.00          - D
in_transit:Kin:C1   1,440.00   1,440.00          - C
owed:Kin:C1         1,440.00   1,440.00          - C
rail:Kin:C1         1,440.00   1,440.00          - D
vat_input             240.00          -     240.00 D
total              10,400.00  10,400.00

budget book           debits    credits      balance
authorised:Kin:C1  10,000.00          -  10,000.00 D
budget:Kin:C1       1,200.00  10,000.00   8,800.00 C
committed:Kin:C1    1,200.00   1,200.00          - C
spent:Kin:C1               -   1,200.00   1,200.00 C
total              12,400.00  12,400.00`);
    const budget = await stage.database.read(books.commissioner, (reader) =>
      stage.ledger.contractBudget(reader, contractId),
    );
    expect(budget).toEqual({
      authorisedMinor: 1_000_000n,
      budgetMinor: 880_000n,
      committedMinor: 0n,
      spentMinor: 120_000n,
    });
  });

  it('knows accounts that were never opened, and contracts that have no budget', async () => {
    await expect(books.funds()).resolves.toBe(0n);
    await expect(
      stage.database.read(books.commissioner, (reader) => stage.ledger.contractBudget(reader, contractId)),
    ).resolves.toEqual({ authorisedMinor: 0n, budgetMinor: 0n, committedMinor: 0n, spentMinor: 0n });
  });

  it('posts several events in one step, judging the floor after all of it', async () => {
    const [first, second] = await books.write((tx) =>
      stage.ledger.postAll(tx, [
        books.reservation(40n),
        {
          event: books.event('funds.received'),
          transfers: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor: 100n }],
        },
      ]),
    );
    await expect(books.funds()).resolves.toBe(60n);
    expect(first?.transferIds).toHaveLength(1);
    expect(second?.transferIds).toHaveLength(1);
  });

  it('leaves out lines of nothing, and keeps an event that moves nothing', async () => {
    const posted = await books.post({
      event: books.event('invoice.issued'),
      transfers: [{ debit: accounts.vatInput(), credit: accounts.owed(providerId, contractId), amountMinor: 0n }],
    });
    expect(posted.transferIds).toEqual([]);
    const [row] = await stage.admin(
      `select convert_from(body, 'UTF8')::jsonb ? 'transfers' as binds from ledger.event where id = $1`,
      [posted.id],
    );
    expect(row).toEqual({ binds: false });
  });

  it('carries amounts to the last penny of a bigint', async () => {
    const amountMinor = 9_007_199_254_740_993n;
    await books.fund(amountMinor);
    await expect(books.funds()).resolves.toBe(amountMinor);
  });
});

describe('what the database computes', () => {
  it('has the same leaf of an event, leaf of a transfer, digest and account id as the program', async () => {
    const claimId = newId();
    const posted = await books.post({
      event: books.event('batch.approved', { causeId: null, data: { note: '£', count: 2 } }),
      effectiveOn: '1999-02-28',
      transfers: [
        { debit: accounts.activity(), credit: accounts.accrued(providerId, contractId), amountMinor: 7n, claimId },
        { debit: accounts.activity(), credit: accounts.accrued(providerId, contractId), amountMinor: 5n },
      ],
    });
    const undone = await books.write((tx) =>
      stage.ledger.reverse(tx, { eventId: posted.id }, { event: books.event('batch.undone', { causeId: posted.id }) }),
    );
    const rows = await stage.admin<{ id: string; leaf_hash: Buffer }>(
      'select id, leaf_hash from ledger.event where commissioner_id = $1 order by seq',
      [books.commissioner.orgId],
    );
    expect(rows).toEqual([posted, undone].map(({ id, leafHash }) => ({ id, leaf_hash: leafHash })));
    // After each test the invariants compare digests and columns; a wrong account id would have met no foreign key.
  });
});

describe('mistakes of the program', () => {
  it('are caught before anything is written', async () => {
    const line = { debit: accounts.funds(), credit: accounts.bank(), amountMinor: -1n };
    await expect(books.post({ event: books.event('funds.received'), transfers: [line] })).rejects.toThrow(
      'never negative',
    );
    await expect(books.write((tx) => stage.ledger.postAll(tx, [books.fee(1n), books.reservation(1n)]))).rejects.toThrow(
      'facts and decisions are not posted together',
    );
    await expect(
      books.write((tx) =>
        stage.ledger.reverse(tx, { transferIds: [newId()] }, { event: books.event('funds.returned') }),
      ),
    ).rejects.toThrow('nothing was moved');
    await expect(books.post({ event: books.event('Batch approved'), transfers: [] })).rejects.toMatchObject({
      driverError: { constraint: 'event_type_form' },
    });
    await expect(
      books.write((tx) =>
        stage.ledger.record(tx, books.event('file.received', { data: { text: 'x'.repeat(65_535) } })),
      ),
    ).rejects.toMatchObject({ driverError: { constraint: 'event_body_size' } });
  });
});
