import { newId } from '../platform/ids.js';
import { actorOf, ledgerStage, type LedgerStage } from '../../test/support/ledger-stage.js';
import { accounts, checkInvariants, LEDGER_INVARIANTS, registerInvariant } from './index.js';

let stage: LedgerStage;
const commissioner = actorOf('commissioner', newId());
const p = [newId(), newId()] as const;

beforeAll(async () => {
  stage = await ledgerStage();
  const event = (type: string, causeId: string | null = null) => ({
    type,
    commissionerId: commissioner.orgId,
    subjectId: newId(),
    actor: commissioner,
    causeId,
    data: {},
  });
  await stage.database.transaction(commissioner, async (tx) => {
    const authorised = await stage.ledger.post(tx, {
      event: event('contract.authorised'),
      transfers: [{ debit: accounts.authorised(...p), credit: accounts.budget(...p), amountMinor: 900n }],
    });
    const approved = await stage.ledger.post(tx, {
      event: event('batch.approved', authorised.id),
      transfers: [
        { debit: accounts.activity(), credit: accounts.accrued(...p), amountMinor: 30n, claimId: newId() },
        { debit: accounts.activity(), credit: accounts.accrued(...p), amountMinor: 20n },
        { debit: accounts.budget(...p), credit: accounts.spent(...p), amountMinor: 50n },
      ],
    });
    await stage.ledger.reverse(tx, { transferIds: approved.transferIds.slice(0, 1) }, { event: event('claim.undone') });
  });
  await stage.database.transaction(commissioner, (tx) =>
    stage.ledger.post(tx, {
      event: event('fee.taken'),
      transfers: [{ debit: accounts.fees(), credit: accounts.funds(), amountMinor: 5n }],
      fact: true,
    }),
  );
});
afterAll(() => stage.close());

/** The sentences that are broken once the superuser, past triggers and foreign keys, has done this. Undone again. */
async function brokenBy(sql: string): Promise<string[]> {
  await stage.admin('begin');
  try {
    await stage.admin('set local session_replication_role = replica');
    await stage.admin(sql);
    const findings = await checkInvariants((query) => stage.admin(query), LEDGER_INVARIANTS);
    return findings.filter(({ violations }) => violations.length > 0).map(({ sentence }) => sentence);
  } finally {
    await stage.admin('rollback');
  }
}

const COLUMNS = 'Every column of an event is what its hashed body says.';
const CAUSE = 'An event stands after the event that caused it.';
const BOUND = 'The transfers of an event are those that its hashed body binds: their number, their sum, their hash.';
const ONE_TRANSACTION = 'An event and its transfers were written by one transaction.';
const REVERSAL = 'A reversal moves back exactly what one transfer moved, and nothing reverses a reversal.';
const PROVIDER = 'A transfer concerns the provider of its accounts, and never two.';
const CHARTED = 'Every account is of the chart, and was opened by a transfer.';
const JOINED = 'A transfer joins two accounts of its own book and currency.';
const ROW = 'Every strict account has a balance row of its own provider, and no other account has one.';
const SUM = 'Every strict balance is the sum of its transfers.';
const FLOOR =
  'No strict balance is below zero, but where a fact took it there; that fact is named for as long as it is.';
const BOOK = 'In each book the balances of all accounts, debit less credit, come to nothing.';
const BUDGET = 'What a contract authorises is what is left of its budget, committed and spent, together.';

const account = (kind: string) => `(select id from ledger.account where kind = '${kind}')`;
const eventOf = (type: string) => `(select id from ledger.event where type = '${type}')`;
const copyOf = (type: string) => `
  insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book,
                               currency, provider_id, effective_on, xid)
  select commissioner_id, gen_random_uuid(), event_id, debit_account_id, credit_account_id, amount_minor, book, currency,
         provider_id, effective_on, xid
  from ledger.transfer where event_id = ${eventOf(type)}`;

describe('the sentences that must be true', () => {
  it('are all true of what was posted, for a commissioner and for the superuser', async () => {
    await expect(brokenBy('select 1')).resolves.toEqual([]);
    const own = await stage.database.read(commissioner, (reader) =>
      checkInvariants((sql) => reader.query(sql), LEDGER_INVARIANTS),
    );
    expect(own.flatMap(({ violations }) => violations)).toEqual([]);
    expect(own.map(({ sentence }) => sentence)).toEqual([
      COLUMNS,
      CAUSE,
      BOUND,
      ONE_TRANSACTION,
      REVERSAL,
      PROVIDER,
      CHARTED,
      JOINED,
      ROW,
      SUM,
      FLOOR,
      BOOK,
      BUDGET,
    ]);
  });

  it.each<[string, string[]]>([
    [`update ledger.event set type = 'batch.rejected' where type = 'batch.approved'`, [COLUMNS]],
    [`update ledger.event set provider_id = subject_id`, [COLUMNS]],
    [`update ledger.event set occurred_at = occurred_at - interval '1 ms'`, [COLUMNS]],
    [`update ledger.event set cause_id = id where type = 'batch.approved'`, [COLUMNS, CAUSE]],
    [`delete from ledger.event where type = 'contract.authorised'`, [CAUSE, BOUND]],
    [
      `update ledger.transfer set amount_minor = amount_minor + 1 where event_id = ${eventOf('fee.taken')}`,
      [BOUND, SUM, BOOK],
    ],
    [`update ledger.transfer set effective_on = effective_on + 1 where event_id = ${eventOf('fee.taken')}`, [BOUND]],
    [
      `update ledger.transfer set claim_id = null where claim_id is not null and reverses_id is null`,
      [BOUND, REVERSAL],
    ],
    [`delete from ledger.transfer where event_id = ${eventOf('fee.taken')}`, [BOUND, CHARTED, SUM, FLOOR, BOOK]],
    [copyOf('fee.taken'), [BOUND, SUM, BOOK]],
    [`update ledger.transfer set xid = '3' where event_id = ${eventOf('fee.taken')}`, [ONE_TRANSACTION]],
    [`update ledger.transfer set reverses_id = null where reverses_id is not null`, [BOUND]],
    [
      `update ledger.transfer set reverses_id = (select id from ledger.transfer where reverses_id is not null)
       where event_id = ${eventOf('fee.taken')}`,
      [BOUND, REVERSAL],
    ],
    [`update ledger.transfer set provider_id = null where book = 'budget'`, [PROVIDER]],
    [`update ledger.transfer set book = 'money' where book = 'budget'`, [JOINED]],
    [`update ledger.chart set strict = false where kind = 'owed'`, [CHARTED]],
    [`delete from ledger.balance where account_id = ${account('accrued')}`, [ROW]],
    [`update ledger.balance set provider_id = null where account_id = ${account('accrued')}`, [ROW]],
    [
      `insert into ledger.balance (commissioner_id, account_id, normal)
       select commissioner_id, id, normal from ledger.account where kind = 'fees'`,
      [ROW, SUM, BOOK],
    ],
    [
      `update ledger.balance set debits_minor = debits_minor + 1, credits_minor = credits_minor + 1
       where account_id = ${account('accrued')}`,
      [SUM],
    ],
    [
      `update ledger.balance set credits_minor = credits_minor + 1 where account_id = ${account('accrued')}`,
      [SUM, BOOK],
    ],
    [
      `update ledger.balance set credits_minor = credits_minor + 1 where account_id = ${account('budget')}`,
      [SUM, BOOK, BUDGET],
    ],
    [`update ledger.balance set breached_by = commissioner_id where breached_by is not null`, [FLOOR]],
    [
      `update ledger.balance set breached_by = ${eventOf('batch.approved')} where account_id = ${account('accrued')}`,
      [FLOOR],
    ],
    [
      `alter table ledger.balance drop constraint balance_floor;
       update ledger.balance set breached_by = null`,
      [FLOOR],
    ],
    [
      `alter table ledger.event alter leaf_hash drop expression;
       update ledger.event set leaf_hash = sha256('') where type = 'fee.taken'`,
      [COLUMNS],
    ],
  ])('find what was tampered with: %s', async (sql, broken) => {
    await expect(brokenBy(sql)).resolves.toEqual(broken);
  });

  it('find a fake event whose body says something else than its columns, and one that is no JSON', async () => {
    const fake = (body: string) => `
      insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, occurred_at, recorded_at, body)
      select commissioner_id, gen_random_uuid(), type, subject_id, actor_org_id, occurred_at, recorded_at, ${body}
      from ledger.event where type = 'fee.taken'`;
    await expect(brokenBy(fake('body'))).resolves.toEqual([COLUMNS, BOUND]);
    await expect(brokenBy(fake(`'{}'`))).resolves.toEqual([COLUMNS]);
  });
});

describe('registerInvariant', () => {
  it('adds a sentence of a higher module once, after those of the ledger', async () => {
    const sentence = 'Nobody takes fees.';
    const violations = async () => {
      const findings = await checkInvariants((sql) => stage.admin(sql));
      expect(findings.at(-1)?.sentence).toBe(sentence);
      expect(findings.filter((finding) => finding.sentence === sentence)).toHaveLength(1);
      return findings.at(-1)?.violations;
    };
    registerInvariant({ sentence, sql: `select commissioner_id from ledger.account where kind = 'fees'` });
    await expect(violations()).resolves.toEqual([{ commissioner_id: commissioner.orgId }]);
    registerInvariant({ sentence, sql: 'select 1 where false' });
    await expect(violations()).resolves.toEqual([]);
  });
});
