import { chmodSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { accounts, Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { isRoot, makeFolder, removeFreshFolder, undoAll } from '../../test/support/embedded-servers.js';
import { Books, brokenInvariants, type LedgerStage, StillClock } from '../../test/support/ledger-stage.js';
import { type OwnCluster, ownCluster, startAsStandby } from '../../test/support/sealing-cluster.js';
import { type Admin, adminOf, findUnsound, sealerOn } from '../../test/support/sealing-stage.js';
import { BookedCuts, cutParameters, isBooked } from './booked-cuts.service.js';
import type { Sealer } from './sealer.service.js';

afterAll(async () => {
  await undoAll();
  await removeFreshFolder();
});

interface SealedLedger extends LedgerStage {
  readonly admin: Admin;
  readonly sealer: Sealer;
  readonly cuts: BookedCuts;
}

async function ledgerOn(cluster: OwnCluster): Promise<SealedLedger> {
  const clock = new StillClock();
  const database = await cluster.open(4);
  const ledger = new LedgerService(clock);
  return {
    admin: cluster.admin,
    database,
    clock,
    ledger,
    commands: new Commands(database, ledger),
    sealer: sealerOn(database, clock),
    cuts: new BookedCuts(database),
    close: undoAll,
  };
}

/** The books of the same commissioner, wherever they are. */
class MovedBooks extends Books {
  constructor(
    stage: LedgerStage,
    override readonly commissioner: Actor,
  ) {
    super(stage);
  }
}

/** Copies the ledger as pg_dump and pg_restore do: rows as they are, triggers afterwards, sequences to where they were. */
async function dumpAndRestore(from: Admin, to: Admin): Promise<void> {
  const folder = makeFolder();
  if (isRoot) chmodSync(folder, 0o777);
  const tables = await from<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'ledger'::regnamespace and relkind = 'r' and relname <> 'chart'`,
  );
  for (const { name } of tables) await from(`copy ledger.${name} to '${path.join(folder, name)}'`);
  await to('begin');
  await to('set local session_replication_role = replica');
  await to('delete from ledger.seal_cursor');
  for (const { name } of tables) await to(`copy ledger.${name} from '${path.join(folder, name)}'`);
  await to('commit');
  await to(`select setval(pg_get_serial_sequence('ledger.event', 'seq'), (select max(seq) from ledger.event))`);
}

/** Fees as they were booked at a checkpoint, and as they are booked now. */
async function feesOf(stage: SealedLedger, books: Books, size: number | null): Promise<bigint | undefined> {
  const cut = size === null ? null : await stage.cuts.get(books.commissioner.orgId, size);
  const [row] = await stage.database.read(books.commissioner, (reader) =>
    reader.query<{ minor: bigint }>(
      `select coalesce(sum(t.amount_minor), 0)::bigint as minor from ledger.account a join ledger.transfer t on t.debit_account_id = a.id
       where a.kind = 'fees' and ${isBooked('t', 1)}`,
      cutParameters(cut),
    ),
  );
  return row?.minor;
}

it.each([
  ['another cluster', false],
  ['a cluster that was copied from the same one', true],
])(
  'goes on in %s after a dump was restored there: nothing is lost, nothing sealed twice, balances stay',
  async (_, isCopied) => {
    const [old, fresh] = await Promise.all([ownCluster(), ownCluster({}, { isCopied })]);
    const identifierOf = ({ admin }: OwnCluster) => admin('select system_identifier from pg_control_system()');
    expect(isDeepStrictEqual(await identifierOf(old), await identifierOf(fresh))).toBe(isCopied);
    const from = await ledgerOn(old);
    const books = new Books(from);
    const fee = (amountMinor: bigint) => ({
      event: books.event('fee.paid'),
      transfers: [{ debit: accounts.fees(), credit: accounts.bank(), amountMinor }],
      fact: true,
    });
    // The cluster that the dump is from has come much further.
    await from.admin('do $$ begin for i in 1..3000 loop perform pg_current_xact_id(); commit; end loop; end $$');
    for (let times = 0; times < 3; times++) {
      await books.write((tx) =>
        from.ledger.postAll(
          tx,
          Array.from({ length: 100 }, () => fee(1n)),
        ),
      );
      await from.sealer.pass();
    }
    await books.post(fee(1_000n)); // dumped, and not sealed yet
    await expect(feesOf(from, books, 200)).resolves.toBe(200n);

    await dumpAndRestore(from.admin, fresh.admin);
    const to = await ledgerOn(fresh);
    const booksThere = new MovedBooks(to, books.commissioner);
    const [counted] = await to.admin<{ behind: boolean }>(
      'select pg_snapshot_xmax(pg_current_snapshot()) < min(xid) as behind from ledger.event',
    );
    expect(counted).toEqual({ behind: true });
    await expect(to.sealer.hasWork()).resolves.toBe(true);
    for (let times = 0; times < 50; times++) await booksThere.post(fee(1n));
    await expect(to.sealer.pass()).resolves.toEqual({ sealed: 51, logs: 1 });
    await expect(to.sealer.hasWork()).resolves.toBe(false);
    await expect(to.sealer.pass()).resolves.toEqual({ sealed: 0, logs: 0 });
    await booksThere.post(fee(1n));
    await expect(to.sealer.pass()).resolves.toEqual({ sealed: 1, logs: 1 });

    await expect(findUnsound(to.admin)).resolves.toEqual([]);
    await expect(brokenInvariants(to)).resolves.toEqual([]);
    // Of the old cluster by leaves, of the new one by snapshot, and as of now.
    await expect(feesOf(to, booksThere, 200)).resolves.toBe(200n);
    await expect(feesOf(to, booksThere, 351)).resolves.toBe(1_350n);
    await expect(feesOf(to, booksThere, null)).resolves.toBe(1_351n);
    await expect(to.admin('select epoch, must_compare from ledger.seal_cursor')).resolves.toEqual([
      { epoch: 2, must_compare: true },
    ]);
  },
);

it('refuses on a standby, and compares with what was published once that is promoted', async () => {
  const cluster = await ownCluster();
  const primary = await ledgerOn(cluster);
  const books = new Books(primary);
  await books.fund(1n);
  await primary.sealer.pass();
  await books.fund(2n);
  await primary.database.onApplicationShutdown();
  await cluster.stop();

  await startAsStandby(cluster.dataDir, cluster.port);
  const sealer = sealerOn(await cluster.open(2), primary.clock);
  await expect(sealer.hasWork()).resolves.toBe(true);
  await expect(sealer.pass()).rejects.toThrow('A standby does not seal');
  expect(sealer.metrics.failures).toBe(1);

  const admin = adminOf(await cluster.superuser());
  await admin('select pg_promote()');
  await expect(sealer.pass()).resolves.toEqual({ sealed: 1, logs: 1 });
  await expect(admin('select epoch, timeline, must_compare from ledger.seal_cursor')).resolves.toEqual([
    { epoch: 1, timeline: '00000002', must_compare: true },
  ]);
  await expect(findUnsound(admin)).resolves.toEqual([]);
});
