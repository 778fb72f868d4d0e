import fc from 'fast-check';
import { parseMinor, sumMinor } from '../money/index.js';
import { attendance, card, quoteAll, rollOf, session } from '../../test/support/pricing.js';
import type { CountedLines, Outcome, PricedLine, PricingLine } from './price-line.rules.js';
import { priceLines } from './price.calculator.js';
import type { AttendanceTerms, HourTerms, RateCardTerms, SessionTerms, Tiers } from './rate-card.rules.js';
import { termsFromWire, termsToWire } from './rate-card.schemas.js';
import { wordFlag, wordReason } from './reason.rules.js';

// Beyond 2^53, so that an amount that went through a float would show.
const prices = fc.bigInt({ min: 0n, max: 10n ** 17n });
const shares = fc.integer({ min: 0, max: 10_000 });
const outcomes = fc.constantFrom<Outcome>('attended', 'attended', 'did_not_attend', 'cancelled_late', 'cancelled');
const limit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });

const tiers = fc.record({
  mode: fc.constant<Tiers['mode']>('marginal'),
  per: fc.constantFrom<Tiers['per']>('contract', 'month'),
  steps: fc.tuple(prices, prices).map(([first, second]) => [
    { above: 2, priceMinor: first },
    { above: 5, priceMinor: second },
  ]),
});
const missed = fc.record({ basisPoints: shares, maximumPerReferral: limit });
const lateCancel = fc.record({ basisPoints: shares, maximumPerReferral: limit, noticeMinutes: fc.constant(1_440) });
const modifiers = {
  priceMinor: prices,
  tiers: fc.option(tiers, { nil: undefined }),
  lateCancel: fc.option(lateCancel, { nil: undefined }),
  caps: fc.record({ perReferral: limit, perPersonPerMonth: limit, perContract: limit }),
  countMissed: fc.boolean(),
  travel: fc.record({ kind: fc.constant<'percentage'>('percentage'), basisPoints: shares }),
};
const sessionTerms: fc.Arbitrary<SessionTerms> = fc.record({ basis: fc.constant('session'), ...modifiers });
const attendanceTerms: fc.Arbitrary<AttendanceTerms> = fc.record({
  basis: fc.constant('attendance'),
  ...modifiers,
  didNotAttend: fc.option(missed, { nil: undefined }),
});
const hourTerms: fc.Arbitrary<HourTerms> = fc.record({
  basis: fc.constant('hour'),
  ...modifiers,
  didNotAttend: fc.option(missed, { nil: undefined }),
  minuteStep: fc.constantFrom(1, 5, 15),
  minuteRounding: fc.constantFrom<HourTerms['minuteRounding']>('up', 'down', 'nearest'),
});

interface Scenario {
  readonly terms: RateCardTerms;
  readonly lines: readonly PricingLine[];
}

/** A card and up to a dozen lines, some at the same instant, over two months. */
const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    terms: fc.oneof(sessionTerms, attendanceTerms, hourTerms),
    drawn: fc.array(
      fc.record({
        day: fc.integer({ min: 0, max: 45 }),
        outcome: outcomes,
        noticeMinutes: fc.option(fc.integer({ min: -60, max: 3_000 }), { nil: undefined }),
        minutes: fc.integer({ min: 0, max: 200 }),
        travelled: fc.boolean(),
        referralId: fc.constantFrom('referral-1', 'referral-2'),
        personId: fc.constantFrom('person-1', 'person-2'),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ terms, drawn }) => ({
    terms,
    lines: drawn.map(({ day, noticeMinutes, ...details }, index) => {
      const startsAt = new Date(Date.UTC(2026, 5, 1 + day, 11));
      const cancelledAt =
        noticeMinutes === undefined ? {} : { cancelledAt: new Date(startsAt.getTime() - noticeMinutes * 60_000) };
      const line = { ...details, ...cancelledAt, startsAt, claimId: `claim-${index}` };
      return terms.basis === 'attendance' ? attendance(line) : session(line);
    }),
  }));

const historyOf = (priced: readonly PricedLine[]): CountedLines[] => priced.flatMap((line) => line.counted ?? []);

describe('prices', () => {
  it('do not depend on the order of their input', () => {
    fc.assert(
      fc.property(scenarios, fc.infiniteStream(fc.integer()), ({ terms, lines }, random) => {
        const shuffled = lines
          .map((line) => ({ line, key: random.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ line }) => line);
        expect(quoteAll(terms, shuffled)).toEqual(quoteAll(terms, lines));
      }),
    );
  });

  it('are the same when the earlier lines are already history', () => {
    fc.assert(
      fc.property(scenarios, fc.nat({ max: 12 }), ({ terms, lines }, cut) => {
        const together = quoteAll(terms, lines);
        const byId = new Map(lines.map((line) => [line.claimId, line]));
        const inOrder = together.flatMap(({ claimId }) => byId.get(claimId) ?? []);
        const earlier = quoteAll(terms, inOrder.slice(0, cut));
        const later = quoteAll(terms, inOrder.slice(cut), { history: historyOf(earlier) });
        expect([...earlier, ...later]).toEqual(together);
      }),
    );
  });

  it('do not change with one more rejected line in the history', () => {
    fc.assert(
      fc.property(scenarios, ({ terms, lines }) => {
        const priced = quoteAll(terms, lines);
        const rejected = historyOf(priced).map((entry) => ({ ...entry, standing: 'rejected' }) as const);
        expect(quoteAll(terms, lines, { history: rejected })).toEqual(priced);
      }),
    );
  });

  it('mirror: minus the price gives minus the amount', () => {
    fc.assert(
      fc.property(scenarios, ({ terms, lines }) => {
        const mirrored = quoteAll(negated(terms), lines).map((line) => -line.netMinor);
        expect(mirrored).toEqual(quoteAll(terms, lines).map((line) => line.netMinor));
      }),
    );
  });

  it('come with a quantity that multiplies to them, and one answer for each line', () => {
    fc.assert(
      fc.property(scenarios, ({ terms, lines }) => {
        const priced = quoteAll(terms, lines);
        expect(priced.map((line) => BigInt(line.quantity) * line.unitPriceMinor)).toEqual(
          priced.map((line) => line.netMinor),
        );
        expect(priced.map((line) => line.claimId).sort()).toEqual(lines.map((line) => line.claimId).sort());
      }),
    );
  });

  it('never hold an amount in a number, and store their reasons and flags as JSON', () => {
    fc.assert(
      fc.property(scenarios, ({ terms, lines }) => {
        for (const line of quoteAll(terms, lines)) {
          const { reasons, flags, counted: _, ...amounts } = line;
          for (const amount of amountsIn(amounts)) expect(typeof amount).toBe('bigint');
          for (const amount of amountsIn(reasons)) expect(parseMinor(String(amount))?.toString()).toBe(amount);
          expect(JSON.parse(JSON.stringify({ reasons, flags }))).toEqual({ reasons, flags });
          expect([...reasons.map(wordReason), ...flags.map(wordFlag)].join(' ')).not.toMatch(/undefined|null|NaN/);
        }
      }),
    );
  });

  it('are exact at any size', () => {
    fc.assert(
      fc.property(prices, (priceMinor) => {
        const [priced] = quoteAll({ basis: 'session', priceMinor }, [session()]);
        expect(priced?.netMinor).toBe(priceMinor);
        const hour = { basis: 'hour', priceMinor, minuteStep: 1, minuteRounding: 'up' } as const;
        expect(quoteAll(hour, [session({ minutes: 180 })])[0]?.netMinor).toBe(priceMinor * 3n);
      }),
    );
  });
});

describe('a group split', () => {
  const rolls = fc.array(fc.constantFrom<Outcome>('attended', 'did_not_attend', 'cancelled_late'), {
    minLength: 1,
    maxLength: 15,
  });

  it.each(['booked', 'present'] as const)('by people %s loses no penny', (splitBy) => {
    fc.assert(
      fc.property(prices, rolls, (priceMinor, drawn) => {
        const roll = rollOf(...drawn);
        const lines = roll.map((entry) => attendance({ ...entry, claimId: entry.attendanceId, roll }));
        const priced = priceLines(lines, { cardOf: () => card({ basis: 'group_split', priceMinor, splitBy }) });
        const isShared = splitBy === 'booked' || drawn.includes('attended');
        expect(sumMinor(priced.map((line) => line.netMinor))).toBe(isShared ? priceMinor : 0n);
      }),
    );
  });
});

/** Every value under a name that ends in `Minor`. */
function amountsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (key.endsWith('Minor') ? [each] : amountsIn(each)));
}

function negated(terms: RateCardTerms): RateCardTerms {
  const text = JSON.stringify(termsToWire(terms), (key, value: unknown) =>
    key.endsWith('Minor') && typeof value === 'string' ? (-BigInt(value)).toString() : value,
  );
  return termsFromWire(JSON.parse(text));
}
