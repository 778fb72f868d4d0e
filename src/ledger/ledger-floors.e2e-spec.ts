import { newId } from '../platform/ids.js';
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

const breachedBy = async () => {
  const [row] = await stage.admin<{ breached_by: string | null }>(
    `select b.breached_by from ledger.balance b join ledger.account a on a.id = b.account_id
     where a.commissioner_id = $1 and a.kind = 'funds'`,
    [books.commissioner.orgId],
  );
  return row?.breached_by;
};

describe('floors', () => {
  it('refuse a decision, and undo the whole of it', async () => {
    await books.fund(100n);
    await expect(books.post(books.reservation(101n))).rejects.toMatchObject({
      code: 'ledger.balance_too_low',
      kind: 'rule_broken',
    });
    await expect(books.funds()).resolves.toBe(100n);
    const [{ count } = { count: -1n }] = await stage.database.read(books.commissioner, (reader) =>
      reader.query<{ count: bigint }>(`select count(*) from ledger.event where type = 'payout.requested'`),
    );
    expect(count).toBe(0n);
    await books.post(books.reservation(100n));
    await expect(books.funds()).resolves.toBe(0n);
  });

  it('never refuse a fact: it is posted, named, and heals', async () => {
    await books.fund(100n);
    const first = await books.post(books.fee(130n));
    await expect(books.funds()).resolves.toBe(-30n);
    await expect(breachedBy()).resolves.toBe(first.id);

    await books.post(books.fee(5n));
    await expect(breachedBy()).resolves.toBe(first.id);
    await expect(books.post(books.reservation(1n))).rejects.toMatchObject({ code: 'ledger.balance_too_low' });

    await books.fund(20n);
    await expect(breachedBy()).resolves.toBe(first.id);
    await books.fund(15n);
    await expect(breachedBy()).resolves.toBeNull();
    await expect(books.funds()).resolves.toBe(0n);
  });

  it('let a decision raise an account that a fact took below', async () => {
    await books.post(books.fee(10n));
    await books.post({
      event: books.event('fee.corrected'),
      transfers: [{ debit: accounts.funds(), credit: accounts.fees(), amountMinor: 4n }],
    });
    await expect(books.funds()).resolves.toBe(-6n);
  });

  it('hold when 8 clients drain one account, and drain it exactly', async () => {
    await books.fund(500n);
    let accepted = 0;
    const drain = async () => {
      for (let turn = 0; turn < 8; turn++) {
        await books.post(books.reservation(14n)).then(
          () => accepted++,
          (error: unknown) => expect(error).toMatchObject({ code: 'ledger.balance_too_low' }),
        );
      }
    };
    await Promise.all(Array.from({ length: 8 }, drain));
    expect(accepted).toBe(35);
    await expect(books.funds()).resolves.toBe(10n);
  });

  it('let facts pass that race each other below zero', async () => {
    await books.fund(100n);
    await Promise.all(Array.from({ length: 8 }, () => books.post(books.fee(30n))));
    await expect(books.funds()).resolves.toBe(-140n);
    await expect(breachedBy()).resolves.not.toBeNull();
  });

  it('open one account once when many post to it first', async () => {
    await Promise.all(Array.from({ length: 8 }, () => books.fund(1n)));
    await expect(books.funds()).resolves.toBe(8n);
  });
});

describe('reversing', () => {
  it('moves all of an event back, and only once, whoever is first', async () => {
    await books.fund(100n);
    const requested = await books.post(books.reservation(60n));
    const attempts = await Promise.allSettled(
      Array.from({ length: 4 }, () => books.reverse({ eventId: requested.id }, 'payout.cancelled')),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'ledger.already_reversed' });
    }
    await expect(books.funds()).resolves.toBe(100n);
  });

  it('says that it was reversed before', async () => {
    const received = await books.fund(100n);
    await books.fund(100n);
    const returned = () => books.reverse({ transferIds: received.transferIds }, 'funds.returned', true);
    await returned();
    await expect(returned()).rejects.toMatchObject({ code: 'ledger.already_reversed', kind: 'conflict' });
    await expect(books.funds()).resolves.toBe(100n);
  });

  it('is refused as a decision when the money has moved on', async () => {
    const received = await books.fund(100n);
    await books.post(books.reservation(60n));
    await expect(books.reverse({ eventId: received.id }, 'funds.returned')).rejects.toMatchObject({
      code: 'ledger.balance_too_low',
    });
  });

  it('is never itself reversed, nor bent, by whoever calls the function directly', async () => {
    const received = await books.fund(100n);
    const reversal = await books.reverse({ eventId: received.id }, 'funds.returned');
    await expect(books.reverse({ eventId: reversal.id }, 'funds.restored', true)).rejects.toMatchObject({
      driverError: { code: 'WP003', constraint: 'reversal_mirrors' },
    });

    const again = await books.fund(100n);
    const bent = books.write(async (tx) => {
      const { id } = await stage.ledger.record(tx, books.event('funds.returned'));
      await tx.query(
        `select ledger.post_transfers($1, '[]', jsonb_build_array(jsonb_build_object('id', $2::uuid, 'event_id', $3::uuid,
           'debit', credit_account_id, 'credit', debit_account_id, 'amount_minor', amount_minor - 1,
           'effective_on', effective_on, 'reverses_id', id)), false)
         from ledger.transfer where id = $4`,
        [books.commissioner.orgId, newId(), id, again.transferIds[0]],
      );
    });
    await expect(bent).rejects.toMatchObject({ driverError: { code: 'WP003' } });
  });
});
