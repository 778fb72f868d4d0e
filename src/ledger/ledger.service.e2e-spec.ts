import type { Actor } from '../platform/actor.js';
import type { Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { actorOf, ledgerStage, type LedgerStage } from '../../test/support/ledger-stage.js';
import { ledgerTable } from '../../test/support/ledger-table.js';
import { accounts, checkInvariants, type NewEvent, type Posting } from './index.js';

let stage: LedgerStage;
let commissioner: Actor;
let providerId: string;
let contractId: string;

beforeAll(async () => {
  stage = await ledgerStage();
});
afterAll(() => stage.close());

/** Each test has books of its own. */
beforeEach(() => {
  commissioner = actorOf('commissioner', newId());
  providerId = newId();
  contractId = newId();
});

afterEach(async () => {
  const findings = await checkInvariants((sql) => stage.admin(sql));
  expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
});

function event(type: string, more: Partial<NewEvent> = {}): NewEvent {
  return { type, commissionerId: commissioner.orgId, subjectId: newId(), actor: commissioner, data: {}, ...more };
}

const write = <T>(work: (tx: Tx) => Promise<T>) => stage.database.transaction(commissioner, work);
const post = (posting: Posting) => write((tx) => stage.ledger.post(tx, posting));
const funded = (amountMinor: bigint) =>
  post({
    event: event('funds.received'),
    transfers: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor }],
    fact: true,
  });
const reserve = (amountMinor: bigint): Posting => ({
  event: event('payout.requested'),
  transfers: [{ debit: accounts.fundsReserved(), credit: accounts.funds(), amountMinor }],
});
const fee = (amountMinor: bigint): Posting => ({
  event: event('fee.taken'),
  transfers: [{ debit: accounts.fees(), credit: accounts.funds(), amountMinor }],
  fact: true,
});
const funds = () =>
  stage.database.read(commissioner, (reader) => stage.ledger.balance(reader, commissioner.orgId, accounts.funds()));
const breachedBy = async () => {
  const [row] = await stage.admin<{ breached_by: string | null }>(
    `select b.breached_by from ledger.balance b join ledger.account a on a.id = b.account_id
     where a.commissioner_id = $1 and a.kind = 'funds'`,
    [commissioner.orgId],
  );
  return row?.breached_by;
};

describe('posting', () => {
  it('follows a batch from the contract to the bank, and an accountant can read it', async () => {
    const p = [providerId, contractId] as const;
    const steps: [string, ...[ReturnType<typeof accounts.funds>, ReturnType<typeof accounts.funds>, bigint][]][] = [
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
      await post({ event: event(type), transfers });
    }
    const table = await ledgerTable((sql, parameters) => stage.admin(sql, parameters), commissioner.orgId, {
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
    const budget = await stage.database.read(commissioner, (reader) => stage.ledger.contractBudget(reader, contractId));
    expect(budget).toEqual({
      authorisedMinor: 1_000_000n,
      budgetMinor: 880_000n,
      committedMinor: 0n,
      spentMinor: 120_000n,
    });
  });

  it('knows accounts that were never opened, and contracts that have no budget', async () => {
    await expect(funds()).resolves.toBe(0n);
    await expect(
      stage.database.read(commissioner, (reader) => stage.ledger.contractBudget(reader, contractId)),
    ).resolves.toEqual({ authorisedMinor: 0n, budgetMinor: 0n, committedMinor: 0n, spentMinor: 0n });
  });

  it('posts several events in one step, judging the floor after all of it', async () => {
    const [first, second] = await write((tx) =>
      stage.ledger.postAll(tx, [
        reserve(40n),
        {
          event: event('funds.received'),
          transfers: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor: 100n }],
        },
      ]),
    );
    await expect(funds()).resolves.toBe(60n);
    expect(first?.transferIds).toHaveLength(1);
    expect(second?.transferIds).toHaveLength(1);
  });

  it('leaves out lines of nothing, and keeps an event that moves nothing', async () => {
    const posted = await post({
      event: event('invoice.issued'),
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
    await funded(amountMinor);
    await expect(funds()).resolves.toBe(amountMinor);
  });
});

describe('what the database computes', () => {
  it('has the same leaf of an event, leaf of a transfer, digest and account id as the program', async () => {
    const claimId = newId();
    const posted = await post({
      event: event('batch.approved', { causeId: null, data: { note: '£', count: 2 } }),
      effectiveOn: '1999-02-28',
      transfers: [
        { debit: accounts.activity(), credit: accounts.accrued(providerId, contractId), amountMinor: 7n, claimId },
        { debit: accounts.activity(), credit: accounts.accrued(providerId, contractId), amountMinor: 5n },
      ],
    });
    const undone = await write((tx) =>
      stage.ledger.reverse(tx, { eventId: posted.id }, { event: event('batch.undone', { causeId: posted.id }) }),
    );
    const rows = await stage.admin<{ id: string; leaf_hash: Buffer }>(
      'select id, leaf_hash from ledger.event where commissioner_id = $1 order by seq',
      [commissioner.orgId],
    );
    expect(rows).toEqual([posted, undone].map(({ id, leafHash }) => ({ id, leaf_hash: leafHash })));
    // The invariants after each test compare digests and columns; ids of accounts are generated, and foreign keys hold.
  });
});

describe('floors', () => {
  it('refuse a decision, and undo the whole of it', async () => {
    await funded(100n);
    await expect(post(reserve(101n))).rejects.toMatchObject({ code: 'ledger.balance_too_low', kind: 'rule_broken' });
    await expect(funds()).resolves.toBe(100n);
    const [{ count } = { count: -1n }] = await stage.database.read(commissioner, (reader) =>
      reader.query<{ count: bigint }>(`select count(*) from ledger.event where type = 'payout.requested'`),
    );
    expect(count).toBe(0n);
    await post(reserve(100n));
    await expect(funds()).resolves.toBe(0n);
  });

  it('never refuse a fact: it is posted, named, and heals', async () => {
    await funded(100n);
    const first = await post(fee(130n));
    await expect(funds()).resolves.toBe(-30n);
    await expect(breachedBy()).resolves.toBe(first.id);

    await post(fee(5n));
    await expect(breachedBy()).resolves.toBe(first.id);
    await expect(post(reserve(1n))).rejects.toMatchObject({ code: 'ledger.balance_too_low' });

    await funded(20n);
    await expect(breachedBy()).resolves.toBe(first.id);
    await funded(15n);
    await expect(breachedBy()).resolves.toBeNull();
    await expect(funds()).resolves.toBe(0n);
  });

  it('let a decision raise an account that a fact took below', async () => {
    await post(fee(10n));
    await post({
      event: event('fee.corrected'),
      transfers: [{ debit: accounts.funds(), credit: accounts.fees(), amountMinor: 4n }],
    });
    await expect(funds()).resolves.toBe(-6n);
  });

  it('hold when 8 clients drain one account, and drain it exactly', async () => {
    await funded(500n);
    let accepted = 0;
    const drain = async () => {
      for (let turn = 0; turn < 8; turn++) {
        await post(reserve(14n)).then(
          () => accepted++,
          (error: unknown) => expect(error).toMatchObject({ code: 'ledger.balance_too_low' }),
        );
      }
    };
    await Promise.all(Array.from({ length: 8 }, drain));
    expect(accepted).toBe(35);
    await expect(funds()).resolves.toBe(10n);
  });

  it('open one account once when many post to it first', async () => {
    await Promise.all(Array.from({ length: 8 }, () => funded(1n)));
    await expect(funds()).resolves.toBe(8n);
  });
});

describe('reversing', () => {
  it('moves all of an event back, and only once, whoever is first', async () => {
    await funded(100n);
    const requested = await post(reserve(60n));
    const attempts = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        write((tx) => stage.ledger.reverse(tx, { eventId: requested.id }, { event: event('payout.cancelled') })),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') {
        expect((attempt.reason as { code: string }).code).toMatch(/^ledger\.(already_reversed|balance_too_low)$/);
      }
    }
    await expect(funds()).resolves.toBe(100n);
  });

  it('says that it was reversed before', async () => {
    const received = await funded(100n);
    await funded(100n);
    const returned = () =>
      write((tx) =>
        stage.ledger.reverse(tx, { transferIds: received.transferIds }, { event: event('funds.returned'), fact: true }),
      );
    await returned();
    await expect(returned()).rejects.toMatchObject({ code: 'ledger.already_reversed', kind: 'conflict' });
    await expect(funds()).resolves.toBe(100n);
  });

  it('is refused as a decision when the money has moved on', async () => {
    const received = await funded(100n);
    await post(reserve(60n));
    await expect(
      write((tx) => stage.ledger.reverse(tx, { eventId: received.id }, { event: event('funds.returned') })),
    ).rejects.toMatchObject({ code: 'ledger.balance_too_low' });
  });

  it('is never itself reversed, nor bent, by whoever calls the function directly', async () => {
    const received = await funded(100n);
    const reversal = await write((tx) =>
      stage.ledger.reverse(tx, { eventId: received.id }, { event: event('funds.returned') }),
    );
    await expect(
      write((tx) => stage.ledger.reverse(tx, { eventId: reversal.id }, { event: event('funds.restored'), fact: true })),
    ).rejects.toMatchObject({ driverError: { code: 'WP003', constraint: 'reversal_mirrors' } });

    const again = await funded(100n);
    const bent = write(async (tx) => {
      const { id } = await stage.ledger.record(tx, event('funds.returned'));
      await tx.query(
        `select ledger.post_transfers($1, '[]', jsonb_build_array(jsonb_build_object('id', $2::uuid, 'event_id', $3::uuid,
           'debit', credit_account_id, 'credit', debit_account_id, 'amount_minor', amount_minor - 1,
           'effective_on', effective_on, 'reverses_id', id)), false)
         from ledger.transfer where id = $4`,
        [commissioner.orgId, newId(), id, again.transferIds[0]],
      );
    });
    await expect(bent).rejects.toMatchObject({ driverError: { code: 'WP003' } });
  });
});

describe('balances as of a day', () => {
  const fundsAsOf = (day: string, snapshot?: string) =>
    stage.database.read(commissioner, (reader) =>
      stage.ledger.balanceAsOf(reader, commissioner.orgId, accounts.funds(), day, snapshot),
    );
  const received = (effectiveOn: string, amountMinor: bigint) =>
    post({
      event: event('funds.received'),
      transfers: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor }],
      effectiveOn,
    });

  it('count a transfer on its own day, however late it is posted', async () => {
    await received('2026-11-10', 100n);
    await received('2026-11-20', 50n);
    await expect(fundsAsOf('2026-11-09')).resolves.toBe(0n);
    await expect(fundsAsOf('2026-11-10')).resolves.toBe(100n);
    await expect(fundsAsOf('2026-11-19')).resolves.toBe(100n);
    await received('2026-11-15', 7n);
    await expect(fundsAsOf('2026-11-14')).resolves.toBe(100n);
    await expect(fundsAsOf('2026-11-19')).resolves.toBe(107n);
    await expect(fundsAsOf('2026-11-20')).resolves.toBe(157n);
    await expect(funds()).resolves.toBe(157n);
  });

  it('use today in London when no day is given', async () => {
    stage.clock.at = new Date('2026-06-30T23:30:00Z');
    await funded(3n);
    stage.clock.at = new Date('2026-11-25T10:00:00.123Z');
    await expect(fundsAsOf('2026-06-30')).resolves.toBe(0n);
    await expect(fundsAsOf('2026-07-01')).resolves.toBe(3n);
  });

  it('leave out, by a snapshot, what was booked after it', async () => {
    await received('2026-11-10', 100n);
    const [{ now } = { now: '' }] = await stage.admin<{ now: string }>('select pg_current_snapshot()::text as now');
    await received('2026-11-10', 7n);
    await expect(fundsAsOf('2026-11-30', now)).resolves.toBe(100n);
    await expect(fundsAsOf('2026-11-30')).resolves.toBe(107n);
  });

  it('agree for an account without a balance row', async () => {
    await received('2026-11-10', 100n);
    const bank = await stage.database.read(commissioner, (reader) =>
      stage.ledger.balance(reader, commissioner.orgId, accounts.bank()),
    );
    expect(bank).toBe(-100n);
  });
});

describe('mistakes of the program', () => {
  it('are caught before anything is written', async () => {
    const line = { debit: accounts.funds(), credit: accounts.bank(), amountMinor: -1n };
    await expect(post({ event: event('funds.received'), transfers: [line] })).rejects.toThrow('never negative');
    await expect(write((tx) => stage.ledger.postAll(tx, [fee(1n), reserve(1n)]))).rejects.toThrow(
      'facts and decisions are not posted together',
    );
    await expect(
      write((tx) => stage.ledger.reverse(tx, { transferIds: [newId()] }, { event: event('funds.returned') })),
    ).rejects.toThrow('nothing was moved');
    await expect(post({ event: event('Batch approved'), transfers: [] })).rejects.toMatchObject({
      driverError: { constraint: 'event_type_form' },
    });
    await expect(
      write((tx) => stage.ledger.record(tx, event('file.received', { data: { text: 'x'.repeat(65_535) } }))),
    ).rejects.toMatchObject({ driverError: { constraint: 'event_body_size' } });
  });
});
