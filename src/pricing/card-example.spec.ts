import { gathered, historyOfExample, linesOfExample, type CardExample } from './card-example.rules.js';
import { rateKeyOf, type ContractCard } from './card.rules.js';
import { priceLines } from './price.calculator.js';
import type { RateCardTerms } from './rate-card.rules.js';

const CONTRACT = { startsOn: '2026-04-01', endsOn: '2027-03-31' };
const SATURDAY = new Date('2026-07-04T10:00:00Z');
const SIX: CardExample = {
  servedAt: SATURDAY,
  minutes: 90,
  booked: 6,
  present: 5,
  absence: 'did_not_attend',
  travelled: false,
  earlier: 0,
};

function cardOf(terms: RateCardTerms): ContractCard {
  const what = { contractId: 'contract', serviceId: 'walk', chargeKind: 'primary' };
  return {
    id: 'draft',
    ...what,
    rateKey: rateKeyOf('contract', 'walk', 'primary'),
    effectiveFrom: '2026-04-01',
    agreedOn: '2026-03-01',
    terms,
  };
}

/** `count × pence outcome`, one for each line of the preview. */
function priced(terms: RateCardTerms, change: Partial<CardExample> = {}): string[] {
  const example = { ...SIX, ...change };
  const card = cardOf(terms);
  const lines = linesOfExample(example, card, [card], CONTRACT);
  if ('missing' in lines) return [`needs ${lines.missing}`];
  const history = historyOfExample(example, card);
  const prices = priceLines(lines, { cardOf: () => card, history });
  return gathered(lines, prices).map(
    ({ count, outcome, netMinor, reasons }) =>
      `${count} × ${netMinor} ${outcome ?? 'once'} (${reasons.map(({ code }) => code).join(', ')})`,
  );
}

describe('an example of a session of six, five of whom came', () => {
  it.each<[string, RateCardTerms, string[]]>([
    [
      'shares the price of the group, odd pennies to the first',
      { basis: 'group_split', priceMinor: 10_001n, splitBy: 'present' },
      ['1 × 2001 attended (group_share)', '4 × 2000 attended (group_share)', '1 × 0 did_not_attend (missed_not_paid)'],
    ],
    [
      'shares it with who was booked, and asks half of who was absent',
      { basis: 'group_split', priceMinor: 12_000n, splitBy: 'booked', absentShareBasisPoints: 5_000 },
      ['5 × 2000 attended (group_share)', '1 × 1000 did_not_attend (group_share, absent_share)'],
    ],
    [
      'pays for each who came',
      { basis: 'attendance', priceMinor: 3_200n, didNotAttend: { basisPoints: 5_000 } },
      ['5 × 3200 attended (unit_price)', '1 × 1600 did_not_attend (unit_price, did_not_attend)'],
    ],
    ['pays once for a session', { basis: 'session', priceMinor: 9_000n }, ['1 × 9000 once (unit_price)']],
    [
      'pays for its time',
      { basis: 'hour', priceMinor: 4_000n, minuteStep: 15, minuteRounding: 'up' },
      ['1 × 6000 once (hours)'],
    ],
    [
      'knows that it was on a Saturday',
      {
        basis: 'session',
        priceMinor: 9_000n,
        outOfHours: { supplement: { kind: 'percentage', basisPoints: 2_000 }, weekends: true, bankHolidays: false },
      },
      ['1 × 10800 once (unit_price, out_of_hours)'],
    ],
  ])('%s', (_, terms, expected) => expect(priced(terms)).toEqual(expected));
});

describe('an example', () => {
  it('of one person who did not come ends as that person did', () => {
    const terms: RateCardTerms = {
      basis: 'hour',
      priceMinor: 4_000n,
      minuteStep: 15,
      minuteRounding: 'up',
      didNotAttend: { basisPoints: 2_500 },
    };
    expect(priced(terms, { booked: 1, present: 0, minutes: 60 })).toEqual(['1 × 1000 once (hours, did_not_attend)']);
  });

  it('of a group to which nobody came was held all the same, unless everybody cancelled', () => {
    const terms: RateCardTerms = { basis: 'session', priceMinor: 9_000n };
    expect(priced(terms, { present: 0 })).toEqual(['1 × 9000 once (unit_price)']);
    expect(priced(terms, { present: 0, absence: 'cancelled' })).toEqual(['1 × 0 once (cancelled_in_time)']);
  });

  it('counts the charges before it for each person', () => {
    const terms: RateCardTerms = { basis: 'attendance', priceMinor: 3_200n, caps: { perReferral: 6 } };
    const came = { booked: 2, present: 2 };
    expect(priced(terms, { ...came, earlier: 5 })).toEqual(['2 × 3200 attended (unit_price, covered)']);
    const card = cardOf(terms);
    const example = { ...SIX, ...came, earlier: 6 };
    const lines = linesOfExample(example, card, [card], CONTRACT);
    const history = historyOfExample(example, card);
    const prices = 'missing' in lines ? [] : priceLines(lines, { cardOf: () => card, history });
    expect(prices.map(({ flags }) => flags.map(({ code }) => code))).toEqual([['over_cap'], ['over_cap']]);
  });

  it.each<[RateCardTerms, Partial<CardExample>, string[]]>([
    [{ basis: 'hour', priceMinor: 1n, minuteStep: 1, minuteRounding: 'up' }, { minutes: undefined }, ['needs minutes']],
    [
      {
        basis: 'milestone',
        milestones: [
          { code: 'done', name: 'Done', priceMinor: 70n },
          { code: 'later', name: 'Later', priceMinor: 90n },
        ],
      },
      {},
      ['1 × 70 once (milestone)', '1 × 90 once (milestone)'],
    ],
    [
      { basis: 'milestone', milestones: [{ code: 'done', name: 'Done', priceMinor: 70n }] },
      { milestone: 'done' },
      ['1 × 70 once (milestone)'],
    ],
    [{ basis: 'block', monthlyMinor: 310_000n }, {}, ['needs activityUnits']],
    [{ basis: 'block', monthlyMinor: 310_000n }, { activityUnits: 12 }, ['1 × 310000 once (block_month)']],
    [{ basis: 'referral', priceMinor: 5_000n }, {}, ['1 × 5000 once (unit_price)']],
  ])('by %j with %j', (terms, change, expected) => expect(priced(terms, change)).toEqual(expected));
});
