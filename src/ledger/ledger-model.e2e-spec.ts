import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { actorOf, ledgerStage, type LedgerStage } from '../../test/support/ledger-stage.js';
import {
  type Account,
  accountCode,
  accounts,
  alreadyReversed,
  CHART,
  checkInvariants,
  LEDGER_INVARIANTS,
} from './index.js';

let stage: LedgerStage;
beforeAll(async () => {
  stage = await ledgerStage();
});
afterAll(() => stage.close());

const P = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const;
/** Few accounts, so that steps meet: four strict on each side of zero, two derived. Reserving is posting to the second and last. */
const PLACES: readonly Account[] = [
  accounts.funds(),
  accounts.fundsReserved(),
  accounts.bank(),
  accounts.activity(),
  accounts.owed(...P),
  accounts.inTransit(...P),
];
/** Today, and two days on which it may be said to count: the axis that can be backdated. */
const DAYS: readonly IsoDate[] = ['2026-10-31', '2026-11-10', '2026-11-25'];

interface Line {
  readonly debit: Account;
  readonly credit: Account;
  readonly amountMinor: bigint;
}

interface Moved {
  readonly lines: readonly Line[];
  readonly on: IsoDate;
}

/** The ledger as one would write it on a napkin: everything that was moved, in a list, and the rules in words. */
class Oracle {
  private readonly moved: Moved[] = [];
  private readonly reversible = new Map<number, readonly Line[]>();

  post(step: number, lines: readonly Line[], on: IsoDate, fact: boolean): boolean {
    if (!this.move(lines, on, fact)) return false;
    this.reversible.set(step, lines);
    return true;
  }

  /** True when it was reversed; false when it was not there, was reversed before, or a floor refused. */
  reverse(step: number, on: IsoDate, fact: boolean): boolean {
    const lines = this.reversible.get(step);
    if (!lines) return false;
    const back = lines.map(({ debit, credit, amountMinor }) => ({ debit: credit, credit: debit, amountMinor }));
    if (!this.move(back, on, fact)) return false;
    this.reversible.delete(step);
    return true;
  }

  /** What each place holds by the end of a day, of all that had been moved after so many steps that moved something. */
  balances(on: IsoDate | null, steps = this.moved.length): bigint[] {
    const counted = this.moved.slice(0, steps).filter((one) => on === null || one.on <= on);
    return PLACES.map((place) =>
      sum(
        place,
        counted.flatMap(({ lines }) => lines),
      ),
    );
  }

  get steps(): number {
    return this.moved.length;
  }

  private move(lines: readonly Line[], on: IsoDate, fact: boolean): boolean {
    const before = this.balances(null);
    const fallsBelow = PLACES.some((place, index) => {
      const was = before[index] ?? 0n;
      const is = was + sum(place, lines);
      return CHART[place.kind].strict && is < 0n && is < was;
    });
    if (fallsBelow && !fact) return false;
    this.moved.push({ lines, on });
    return true;
  }
}

function sum(place: Account, lines: readonly Line[]): bigint {
  const [code, { normal }] = [accountCode(place), CHART[place.kind]];
  let minor = 0n;
  for (const { debit, credit, amountMinor } of lines) {
    if (accountCode(debit) === code) minor += normal === 'D' ? amountMinor : -amountMinor;
    if (accountCode(credit) === code) minor += normal === 'C' ? amountMinor : -amountMinor;
  }
  return minor;
}

const line = fc
  .tuple(fc.shuffledSubarray([...PLACES], { minLength: 2, maxLength: 2 }), fc.bigInt({ min: 1n, max: 100n }))
  .map(([[debit, credit], amountMinor]): Line => ({ debit: debit as Account, credit: credit as Account, amountMinor }));
const sent = { fact: fc.boolean(), on: fc.constantFrom(...DAYS), times: fc.constantFrom(1, 1, 1, 2, 3) };
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 4 }), ...sent }) },
  { weight: 1, arbitrary: fc.record({ reverses: fc.nat({ max: 20 }), ...sent }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Runs one step as a command; the id of its event, or undefined when it was refused. */
async function run(commissioner: Actor, taken: Step, posted: ReadonlyMap<number, string>): Promise<string | undefined> {
  const event = {
    type: 'step.taken',
    commissionerId: commissioner.orgId,
    subjectId: newId(),
    actor: commissioner,
    data: {},
  };
  const work = async (tx: Tx): Promise<string> => {
    const posting = { event, fact: taken.fact, effectiveOn: taken.on };
    if ('lines' in taken) return (await stage.ledger.post(tx, { ...posting, transfers: taken.lines })).id;
    const eventId = posted.get(taken.reverses);
    if (eventId === undefined) throw alreadyReversed();
    return (await stage.ledger.reverse(tx, { eventId }, posting)).id;
  };
  try {
    return await stage.commands.run(commissioner, { name: 'step.take', commissionerId: commissioner.orgId }, work);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toMatch(/^ledger\.(balance_too_low|already_reversed)$/);
    return undefined;
  }
}

/** The same command is sent again as often as the step says, and must say what it said first. */
async function send(
  commissioner: Actor,
  taken: Step,
  posted: ReadonlyMap<number, string>,
): Promise<string | undefined> {
  const requestHash = createHash('sha256').update(newId()).digest();
  const keyed = { ...commissioner, idempotencyKey: `key-${newId()}`, requestHash };
  const first = await run(keyed, taken, posted);
  for (let sending = 2; sending <= taken.times; sending++) expect(await run(keyed, taken, posted)).toBe(first);
  return first;
}

const snapshotNow = async (): Promise<string> => {
  const [row] = await stage.admin<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  return row?.snapshot ?? '';
};

function balancesBy(commissioner: Actor, on: IsoDate, bookedIn: string | null): Promise<bigint[]> {
  return stage.database.read(commissioner, async (reader) => {
    const minor: bigint[] = [];
    for (const place of PLACES) {
      minor.push(await stage.ledger.balanceAsOf(reader, commissioner.orgId, place, on, bookedIn));
    }
    return minor;
  });
}

/** Plays the steps on both, and compares every refusal, every balance now, of each day, and as booked half-way. */
async function agree(steps: readonly Step[]): Promise<void> {
  const commissioner = actorOf('commissioner', newId());
  const oracle = new Oracle();
  const posted = new Map<number, string>();
  const half = { snapshot: '', steps: 0 };
  for (const [index, taken] of steps.entries()) {
    if (index === Math.floor(steps.length / 2))
      Object.assign(half, { snapshot: await snapshotNow(), steps: oracle.steps });
    const expected =
      'lines' in taken
        ? oracle.post(index, taken.lines, taken.on, taken.fact)
        : oracle.reverse(taken.reverses, taken.on, taken.fact);
    const id = await send(commissioner, taken, posted);
    expect(id !== undefined).toBe(expected);
    if (id !== undefined && 'lines' in taken) posted.set(index, id);
  }
  const now = await stage.database.read(commissioner, (reader) =>
    stage.ledger.balances(reader, commissioner.orgId, PLACES),
  );
  expect(now).toEqual(oracle.balances(null));
  for (const day of DAYS) {
    expect(await balancesBy(commissioner, day, null)).toEqual(oracle.balances(day));
    expect(await balancesBy(commissioner, day, half.snapshot)).toEqual(oracle.balances(day, half.steps));
  }
}

describe('the ledger and an oracle', () => {
  it('agree on what is refused, on what a repeated command says, and on every balance of both axes', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), agree), { numRuns: 200 });
    const findings = await checkInvariants((sql) => stage.admin(sql), LEDGER_INVARIANTS);
    expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
  });
});
