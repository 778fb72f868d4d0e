import fc from 'fast-check';
import { accounts } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';
import { Books } from '../../test/support/ledger-stage.js';
import { type SealingStage, sealingStage } from '../../test/support/sealing-stage.js';
import { type BookedCut, BookedCuts, cutParameters, isBooked } from './booked-cuts.service.js';

const DAYS: readonly IsoDate[] = ['2026-11-01', '2026-11-02', '2026-11-03'];

let stage: SealingStage;
let cuts: BookedCuts;

beforeAll(async () => {
  stage = await sealingStage();
  cuts = new BookedCuts(stage.database);
});
afterAll(() => stage.close());

/** What fees come to at the end of the day, of what is within the cut, as their commissioner reads it. */
async function feesOf(books: Books, cut: BookedCut | null, on: IsoDate): Promise<bigint | undefined> {
  const [row] = await stage.database.read(books.commissioner, (reader) =>
    reader.query<{ minor: bigint }>(
      `select coalesce(sum(case t.debit_account_id when a.id then t.amount_minor else -t.amount_minor end), 0)::bigint as minor
       from ledger.account a join ledger.transfer t on a.id in (t.debit_account_id, t.credit_account_id)
       where a.kind = 'fees' and t.effective_on <= $1 and ${isBooked('t', 2)}`,
      [on, ...cutParameters(cut)],
    ),
  );
  return row?.minor;
}

/** A fee, between accounts that have no balance row for which others would have to wait. */
const fee = (books: Books, amountMinor: bigint, effectiveOn: IsoDate) => ({
  event: books.event('fee.paid'),
  transfers: [{ debit: accounts.fees(), credit: accounts.bank(), amountMinor }],
  fact: true,
  effectiveOn,
});

/** Posts, and commits when it is told to. */
async function postLate(books: Books, amountMinor: bigint, effectiveOn: IsoDate): Promise<() => Promise<void>> {
  let commit: () => void = () => undefined;
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let isPosted: () => void = () => undefined;
  const posted = new Promise<void>((resolve) => {
    isPosted = resolve;
  });
  const done = books.write(async (tx) => {
    await stage.ledger.post(tx, fee(books, amountMinor, effectiveOn));
    isPosted();
    await mayCommit;
  });
  await posted;
  return async () => {
    commit();
    await done;
  };
}

/** What happens, in some order: something is posted, something is posted and not committed, the oldest such commits, a pass. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom('post', 'post late', 'commit', 'seal'),
    day: fc.nat(2),
    pence: fc.bigInt(1n, 999n),
  }),
  { minLength: 10, maxLength: 30 },
);

describe('what was booked at a checkpoint', () => {
  it('is the same whenever it is asked, by snapshot and by leaves, on every day', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const books = new Books(stage);
        await books.post(fee(books, 1n, '2026-11-01'));
        const committed = [{ day: 0, pence: 1n }];
        const open: { fee: { day: number; pence: bigint }; commit: () => Promise<void> }[] = [];
        const checkpoints: { size: number; fees: bigint[] }[] = [];
        for (const { what, day, pence } of [...program, { what: 'seal', day: 0, pence: 0n }]) {
          const on = DAYS[day] ?? '';
          if (what === 'post') {
            await books.post(fee(books, pence, on));
            committed.push({ day, pence });
          } else if (what === 'post late' && open.length < 6) {
            open.push({ fee: { day, pence }, commit: await postLate(books, pence, on) });
          } else if (what === 'commit') {
            const [oldest] = open.splice(0, 1);
            await oldest?.commit();
            if (oldest) committed.push(oldest.fee);
          } else if (what === 'seal') {
            await stage.sealer.pass();
            const fees = DAYS.map((_, last) => sum(committed.filter((one) => one.day <= last)));
            checkpoints.push({ size: committed.length, fees });
          }
        }
        const asked = () =>
          Promise.all(
            checkpoints.map(async ({ size }) => {
              const cut = await cuts.get(books.commissioner.orgId, size);
              return { size, fees: await Promise.all(DAYS.map((on) => feesOf(books, cut, on))) };
            }),
          );
        await expect(asked()).resolves.toEqual(checkpoints);
        // After a restore into another cluster the snapshots mean nothing.
        await stage.admin('update ledger.seal_cursor set epoch = epoch + 1');
        const cut = await cuts.get(books.commissioner.orgId, checkpoints.at(-1)?.size ?? 0);
        expect(cut.throughSeq).not.toBeNull();
        await expect(asked()).resolves.toEqual(checkpoints);
        for (const { commit } of open) await commit();
        await expect(asked()).resolves.toEqual(checkpoints);
      }),
      { numRuns: 10 },
    );
  });

  it('is not known at a size that no checkpoint has', async () => {
    const books = new Books(stage);
    await books.fund(1n);
    await stage.sealer.pass();
    await expect(cuts.get(books.commissioner.orgId, 2)).rejects.toMatchObject({ code: 'checkpoint.unknown' });
  });
});

function sum(fees: readonly { pence: bigint }[]): bigint {
  return fees.reduce((total, { pence }) => total + pence, 0n);
}
