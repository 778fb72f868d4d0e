import type { Actor } from '../platform/actor.js';
import { newId } from '../platform/ids.js';
import { actorOf, ledgerStage, tie, type LedgerStage } from '../../test/support/ledger-stage.js';
import { accounts, CHART, type NewEvent } from './index.js';

let stage: LedgerStage;
const contractId = newId();
const commissioner = actorOf('commissioner', newId());
const stranger = actorOf('commissioner', newId());
const provider = actorOf('provider', newId());
const otherProvider = actorOf('provider', newId());
const referrer = actorOf('referrer', newId());
let approvedId: string;

function event(actor: Actor, more: Partial<NewEvent> = {}): NewEvent {
  return { type: 'claim.seen', commissionerId: commissioner.orgId, subjectId: newId(), actor, data: {}, ...more };
}

beforeAll(async () => {
  stage = await ledgerStage();
  const p = [provider.orgId, contractId] as const;
  const q = [otherProvider.orgId, newId()] as const;
  await stage.database.transaction(commissioner, async (tx) => {
    const approved = await stage.ledger.post(tx, {
      event: event(commissioner, { type: 'batch.approved', providerId: provider.orgId, referrerId: referrer.orgId }),
      transfers: [
        { debit: accounts.authorised(...p), credit: accounts.budget(...p), amountMinor: 90n },
        { debit: accounts.activity(), credit: accounts.accrued(...p), amountMinor: 30n },
      ],
    });
    approvedId = approved.id;
    await stage.ledger.post(tx, {
      event: event(commissioner, { type: 'batch.approved', providerId: otherProvider.orgId }),
      transfers: [{ debit: accounts.activity(), credit: accounts.accrued(...q), amountMinor: 50n }],
    });
  });
});
afterAll(() => stage.close());

/** How many rows of each table somebody sees; `refused` where the table is closed to that side. */
async function seen(actor: { side: Actor['side']; orgId: string | null }): Promise<Record<string, number | string>> {
  const counts: Record<string, number | string> = {};
  for (const table of ['event', 'account', 'balance', 'transfer']) {
    counts[table] = await stage.database
      .read(actor, (reader) => reader.query(`select commissioner_id from ledger.${table}`))
      .then(
        (rows) => rows.length,
        () => 'refused',
      );
  }
  return counts;
}

describe('who sees what', () => {
  it('is all of the own books for a commissioner, nothing of another', async () => {
    await expect(seen(commissioner)).resolves.toEqual({ event: 2, account: 5, balance: 3, transfer: 3 });
    await expect(seen(stranger)).resolves.toEqual({ event: 0, account: 0, balance: 0, transfer: 0 });
  });

  it('is what concerns it for a provider, also its budget', async () => {
    await expect(seen(provider)).resolves.toEqual({ event: 1, account: 3, balance: 2, transfer: 2 });
    await expect(seen(otherProvider)).resolves.toEqual({ event: 1, account: 1, balance: 1, transfer: 1 });
    const budgets = [provider, otherProvider].map((who) =>
      stage.database.read(who, (reader) => stage.ledger.contractBudget(reader, contractId)),
    );
    await expect(Promise.all(budgets)).resolves.toMatchObject([
      { authorisedMinor: 90n, budgetMinor: 90n },
      { authorisedMinor: 0n, budgetMinor: 0n },
    ]);
    await expect(
      stage.database.read(provider, (reader) =>
        stage.ledger.balances(reader, commissioner.orgId, [
          accounts.accrued(provider.orgId, contractId),
          accounts.activity(),
        ]),
      ),
    ).resolves.toEqual([30n, 0n]);
  });

  it('is its events for a referrer, and no money', async () => {
    await expect(seen(referrer)).resolves.toEqual({
      event: 1,
      account: 'refused',
      balance: 'refused',
      transfer: 'refused',
    });
  });

  it('is hashes for the sealer, never a body', async () => {
    const sealer = { side: 'sealer', orgId: null } as const;
    await expect(
      stage.database.read(sealer, (reader) => reader.query('select id, seq, xid, leaf_hash from ledger.event')),
    ).resolves.toHaveLength(2);
    await expect(
      stage.database.read(sealer, (reader) => reader.query('select body from ledger.event')),
    ).rejects.toMatchObject({ driverError: { code: '42501' } });
  });

  const nothing = { event: 'refused', account: 'refused', balance: 'refused', transfer: 'refused' };
  it.each(['auth', 'intake'] as const)('is nothing for %s', async (side) => {
    await expect(seen({ side, orgId: null })).resolves.toEqual(nothing);
  });

  it('is for the relay that something happened of which people are told, and never what', async () => {
    const relay = { side: 'relay', orgId: null } as const;
    await expect(seen(relay)).resolves.toEqual({ ...nothing, event: 0 });
    await stage.database.transaction(stranger, (tx) =>
      stage.ledger.record(tx, event(stranger, { commissionerId: stranger.orgId, type: 'claim.queried' })),
    );
    await expect(seen(relay)).resolves.toEqual({ ...nothing, event: 1 });
    await expect(
      stage.database.read(relay, (reader) => reader.query('select subject_id from ledger.event')),
    ).rejects.toMatchObject({ driverError: { code: '42501' } });
  });
});

describe('who writes what', () => {
  const record = (actor: Actor, more: Partial<NewEvent>) =>
    stage.database.transaction(actor, (tx) => stage.ledger.record(tx, event(actor, more)));

  it('is an own event for each side, in the journal of a commissioner that it works with', async () => {
    const untied = { driverError: { code: '42501' } };
    await expect(record(provider, { providerId: provider.orgId })).rejects.toMatchObject(untied);
    await expect(record(referrer, { referrerId: referrer.orgId })).rejects.toMatchObject(untied);
    await tie(stage, commissioner.orgId, provider.orgId, referrer.orgId);
    await expect(record(provider, { providerId: provider.orgId })).resolves.toBeDefined();
    await expect(record(referrer, { referrerId: referrer.orgId })).resolves.toBeDefined();
    await expect(record(stranger, { commissionerId: stranger.orgId })).resolves.toBeDefined();
  });

  it.each<[string, Actor, Partial<NewEvent>]>([
    ['another commissioner into these books', stranger, {}],
    ['a provider in the name of another', provider, { providerId: otherProvider.orgId }],
    ['a provider in the name of nobody', provider, {}],
    ['a provider as somebody else', provider, { providerId: provider.orgId, actor: commissioner }],
    ['a referrer as a provider', referrer, { providerId: provider.orgId }],
  ])('is never %s', async (_what, actor, more) => {
    await expect(record(actor, more)).rejects.toMatchObject({ driverError: { code: '42501' } });
  });

  it('is an event of organisations in its batch for the intake', async () => {
    const intake = { side: 'intake', orgId: null } as const;
    const byIntake = (batch: string[], events: NewEvent[]) =>
      stage.database.transaction(intake, async (tx) => {
        await tx.query(`select set_config('app.orgs', $1, true)`, [batch.join(',')]);
        return stage.ledger.recordAll(tx, events);
      });
    const claims = [provider, otherProvider].map((actor) => event(actor, { providerId: actor.orgId }));
    await expect(byIntake([provider.orgId, otherProvider.orgId], claims)).resolves.toHaveLength(2);
    await expect(byIntake([provider.orgId], claims)).rejects.toMatchObject({ driverError: { code: '42501' } });
    const mixedUp = event(provider, { providerId: otherProvider.orgId });
    await expect(byIntake([provider.orgId, otherProvider.orgId], [mixedUp])).rejects.toMatchObject({
      driverError: { code: '42501' },
    });
  });

  it('is never a transfer or an account but by posting, and only into the own books', async () => {
    const post = (actor: Actor) =>
      stage.database.transaction(actor, (tx) =>
        tx.query(`select ledger.post_transfers($1, '[]', '[]', true)`, [commissioner.orgId]),
      );
    await expect(post(stranger)).rejects.toMatchObject({ driverError: { code: 'WP002' } });
    await expect(post(provider)).rejects.toMatchObject({ driverError: { code: '42501' } });
    for (const sql of [
      `insert into ledger.account (commissioner_id, kind, book, normal, strict, keyed) values ($1, 'fees', 'money', 'D', false, false)`,
      `select ledger.open_accounts($1, '[{"kind":"fees"}]')`,
      `update ledger.balance set credits_minor = credits_minor + 1 where commissioner_id = $1`,
      `insert into ledger.event (commissioner_id, id, xid) values ($1, $1, '3')`,
    ]) {
      await expect(
        stage.database.transaction(commissioner, (tx) => tx.query(sql, [commissioner.orgId])),
      ).rejects.toMatchObject({ driverError: { code: '42501' } });
    }
  });
});

describe('what was written', () => {
  it.each([
    ['event', `update ledger.event set type = 'batch.rejected'`],
    ['event', 'delete from ledger.event'],
    ['event', 'truncate ledger.event cascade'],
    ['transfer', 'update ledger.transfer set amount_minor = 1'],
    ['transfer', 'delete from ledger.transfer'],
    ['transfer', 'truncate ledger.transfer'],
    ['account', 'update ledger.account set provider_id = contract_id'],
    ['account', 'delete from ledger.account'],
    ['account', 'truncate ledger.account cascade'],
    ['balance', 'delete from ledger.balance'],
    ['balance', 'truncate ledger.balance'],
  ])('stays, also for the owner: %s, %s', async (_table, sql) => {
    await stage.admin('begin');
    try {
      await stage.admin('set local row_security = off; grant wp_owner to current_user');
      await expect(stage.admin(sql)).rejects.toMatchObject({ code: 'WP001' });
      await stage.admin('rollback; begin; set local role wp_owner');
      // Row security is forced on the owner too, so it sees no rows to change; a table as a whole it may not empty.
      if (sql.startsWith('truncate')) await expect(stage.admin(sql)).rejects.toMatchObject({ code: 'WP001' });
      else await expect(stage.admin(`${sql} returning 1`)).resolves.toEqual([]);
    } finally {
      await stage.admin('rollback');
    }
  });

  it.each(['update ledger.event set type = type', 'delete from ledger.event', 'truncate ledger.transfer'])(
    'is not even granted to a commissioner: %s',
    async (sql) => {
      await expect(stage.database.transaction(commissioner, (tx) => tx.query(sql))).rejects.toMatchObject({
        driverError: { code: '42501' },
      });
    },
  );

  it('gets no transfers later', async () => {
    const line = {
      id: newId(),
      event_id: approvedId,
      debit: newId(),
      credit: newId(),
      amount_minor: 1,
      effective_on: '2026-11-25',
    };
    await expect(
      stage.database.transaction(commissioner, (tx) =>
        tx.query(`select ledger.post_transfers($1, '[]', $2, true)`, [commissioner.orgId, JSON.stringify([line])]),
      ),
    ).rejects.toMatchObject({ driverError: { code: 'WP004' } });
  });
});

describe('a transfer of whoever inserts it', () => {
  const copy = `insert into ledger.transfer
    (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book, currency, effective_on, reverses_id)
    select t.commissioner_id, gen_random_uuid(), coalesce($1, t.event_id), coalesce($2, t.debit_account_id),
      coalesce($3, t.credit_account_id), 1, coalesce($4, t.book), coalesce($5, t.currency), t.effective_on, $6
    from ledger.transfer t where t.commissioner_id = $7 and t.book = 'money' order by t.id limit 1 returning id`;

  /** A copy of a transfer of money, with something else in one place: event, debit, credit, book, currency, reverses. */
  async function inserted(...changed: (string | null)[]): Promise<unknown> {
    await stage.admin('begin');
    try {
      return await stage.admin(copy, [...changed, commissioner.orgId]);
    } finally {
      await stage.admin('rollback');
    }
  }
  const nothing = [null, null, null, null, null, null] as const;

  it.each([
    ['event', 0, newId()],
    ['account', 1, newId()],
    ['account', 2, newId()],
    ['account', 3, 'budget'],
    ['account', 4, 'EUR'],
    ['transfer', 5, newId()],
  ])('needs the %s that it names (%s, %s)', async (what, place, value) => {
    await expect(inserted(...nothing)).resolves.toHaveLength(1);
    await expect(inserted(...nothing.toSpliced(place, 1, value as never))).rejects.toMatchObject({
      code: '23503',
      constraint: 'transfer_references',
      message: `ledger.stray_transfer: no such ${what}`,
    });
  });

  it('needs those of its own commissioner', async () => {
    const own = { code: '23503', constraint: 'transfer_references' };
    const theirs = await stage.database.transaction(stranger, (tx) =>
      stage.ledger.post(tx, {
        event: { ...event(stranger), commissionerId: stranger.orgId },
        transfers: [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor: 1n }],
      }),
    );
    const [transfer] = await stage.admin<{ id: string; debit: string }>(
      'select id, debit_account_id as debit from ledger.transfer where event_id = $1',
      [theirs.id],
    );
    await expect(inserted(...nothing.with(0, theirs.id as never))).rejects.toMatchObject(own);
    await expect(inserted(...nothing.with(1, (transfer?.debit ?? '') as never))).rejects.toMatchObject(own);
    await expect(inserted(...nothing.with(5, (transfer?.id ?? '') as never))).rejects.toMatchObject(own);
  });
});

describe('the chart in the database', () => {
  it('is the chart of the program', async () => {
    const rows = await stage.admin('select kind, book, normal, strict, keyed from ledger.chart order by kind');
    const chart = Object.entries(CHART)
      .map(([kind, { book, normal, strict, keyed }]) => ({ kind, book, normal, strict, keyed }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(rows).toEqual(chart);
  });

  it('bends for nobody: an account off the chart, or without its key, cannot be opened', async () => {
    const open = (columns: string) =>
      stage.admin(
        `insert into ledger.account (commissioner_id, kind, book, normal, strict, keyed, provider_id, contract_id)
         values ($1, ${columns})`,
        [commissioner.orgId],
      );
    await expect(open(`'owed', 'money', 'C', false, true, $1, $1`)).rejects.toMatchObject({ code: '23503' });
    await expect(open(`'owed', 'money', 'C', true, true, $1, null`)).rejects.toMatchObject({
      constraint: 'account_key',
    });
  });
});
