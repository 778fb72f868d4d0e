import fc from 'fast-check';
import type { Actor } from '../platform/actor.js';
import { newId } from '../platform/ids.js';
import { actorOf, ledgerStage, type LedgerStage } from '../../test/support/ledger-stage.js';
import { type Account, accountCode, accounts, CHART, checkInvariants, LEDGER_INVARIANTS } from './index.js';

let stage: LedgerStage;
beforeAll(async () => {
  stage = await ledgerStage();
});
afterAll(() => stage.close());

const P = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const;
/** Few accounts, so that steps meet: two strict on each side of zero, two derived. */
const PLACES: readonly Account[] = [
  accounts.funds(),
  accounts.fundsReserved(),
  accounts.bank(),
  accounts.activity(),
  accounts.owed(...P),
  accounts.inTransit(...P),
];

interface Line {
  readonly debit: Account;
  readonly credit: Account;
  readonly amountMinor: bigint;
}

/** The ledger as one would write it on a napkin: balances in a map, and the rules in words. */
class Oracle {
  readonly balances = new Map<string, bigint>();
  private readonly reversible = new Map<number, readonly Line[]>();

  post(step: number, lines: readonly Line[], fact: boolean): boolean {
    if (!this.move(lines, fact)) return false;
    this.reversible.set(step, lines);
    return true;
  }

  /** True when it was reversed; false when it was not there, was reversed before, or a floor refused. */
  reverse(step: number, fact: boolean): boolean {
    const lines = this.reversible.get(step);
    if (!lines) return false;
    const back = lines.map(({ debit, credit, amountMinor }) => ({ debit: credit, credit: debit, amountMinor }));
    if (!this.move(back, fact)) return false;
    this.reversible.delete(step);
    return true;
  }

  private move(lines: readonly Line[], fact: boolean): boolean {
    const next = new Map(this.balances);
    for (const { debit, credit, amountMinor } of lines) {
      for (const [account, side] of [[debit, 'D'] as const, [credit, 'C'] as const]) {
        const code = accountCode(account);
        const sign = CHART[account.kind].normal === side ? 1n : -1n;
        next.set(code, (next.get(code) ?? 0n) + sign * amountMinor);
      }
    }
    const fallsBelow = PLACES.some((account) => {
      const code = accountCode(account);
      const [was, is] = [this.balances.get(code) ?? 0n, next.get(code) ?? 0n];
      return CHART[account.kind].strict && is < 0n && is < was;
    });
    if (fallsBelow && !fact) return false;
    for (const [code, minor] of next) this.balances.set(code, minor);
    return true;
  }
}

const line = fc
  .tuple(fc.shuffledSubarray([...PLACES], { minLength: 2, maxLength: 2 }), fc.bigInt({ min: 1n, max: 100n }))
  .map(([[debit, credit], amountMinor]): Line => ({ debit: debit as Account, credit: credit as Account, amountMinor }));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 4 }), fact: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ reverses: fc.nat({ max: 20 }), fact: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Runs one step on the database; the id of its event, or undefined when it was refused. */
async function run(commissioner: Actor, taken: Step, posted: ReadonlyMap<number, string>): Promise<string | undefined> {
  const event = {
    type: 'step.taken',
    commissionerId: commissioner.orgId,
    subjectId: newId(),
    actor: commissioner,
    data: {},
  };
  try {
    return await stage.database.transaction(commissioner, async (tx) => {
      if ('lines' in taken)
        return (await stage.ledger.post(tx, { event, transfers: taken.lines, fact: taken.fact })).id;
      const eventId = posted.get(taken.reverses);
      if (eventId === undefined) return undefined;
      return (await stage.ledger.reverse(tx, { eventId }, { event, fact: taken.fact })).id;
    });
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ledger\.(balance_too_low|already_reversed)$/) });
    return undefined;
  }
}

describe('the ledger and an oracle', () => {
  it('agree on what is refused, and on every balance', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const commissioner = actorOf('commissioner', newId());
        const oracle = new Oracle();
        const posted = new Map<number, string>();
        for (const [index, taken] of steps.entries()) {
          const expected =
            'lines' in taken ? oracle.post(index, taken.lines, taken.fact) : oracle.reverse(taken.reverses, taken.fact);
          const id = await run(commissioner, taken, posted);
          expect(id !== undefined).toBe(expected);
          if (id !== undefined && 'lines' in taken) posted.set(index, id);
        }
        const balances = await stage.database.read(commissioner, (reader) =>
          stage.ledger.balances(reader, commissioner.orgId, PLACES),
        );
        expect(balances).toEqual(PLACES.map((account) => oracle.balances.get(accountCode(account)) ?? 0n));
      }),
      { numRuns: 40 },
    );
    const findings = await checkInvariants((sql) => stage.admin(sql), LEDGER_INVARIANTS);
    expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
  });
});
