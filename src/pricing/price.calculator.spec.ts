import { attendance, card, codesOf, days, NOON, quote, quoteAll, session } from '../../test/support/pricing.js';
import { priceLine, priceLines, servedOnOf, type PricingLine } from './price.calculator.js';
import type { RateCardTerms } from './rate-card.rules.js';

const referral: PricingLine = { claimId: 'claim-1', fact: 'referral', acceptedAt: NOON, referralId: 'referral-1' };
const milestone: PricingLine = {
  claimId: 'claim-1',
  fact: 'milestone',
  milestone: 'completed',
  reachedAt: NOON,
  referralId: 'referral-1',
};
const june: PricingLine = {
  claimId: 'claim-1',
  fact: 'period',
  firstDay: '2026-06-01',
  lastDay: '2026-06-30',
  activityUnits: 40,
};
const MILESTONES: RateCardTerms = {
  basis: 'milestone',
  milestones: [
    { code: 'first_attendance', name: 'First attendance', priceMinor: 2_500n },
    { code: 'completed', name: 'Programme completed', priceMinor: 7_500n },
  ],
};

describe('each basis', () => {
  it.each<[RateCardTerms, PricingLine, bigint, string]>([
    [{ basis: 'session', priceMinor: 12_000n }, session({ attendedCount: 8 }), 12_000n, 'session'],
    [{ basis: 'attendance', priceMinor: 3_200n }, attendance(), 3_200n, 'person'],
    [{ basis: 'referral', priceMinor: 1_500n }, referral, 1_500n, 'referral'],
    [MILESTONES, milestone, 7_500n, 'milestone'],
    [{ basis: 'block', monthlyMinor: 150_000n }, june, 150_000n, 'month'],
    [{ basis: 'recognised', indicativeMinor: 900n }, attendance(), 0n, 'person'],
  ])('%j', (terms, line, netMinor, unit) => {
    const priced = quote(terms, line);
    expect(priced).toMatchObject({ claimId: 'claim-1', cardId: 'card-1', netMinor, quantity: 1, unit, flags: [] });
    expect(priced.unitPriceMinor).toBe(netMinor);
    expect(priced.reasons).toHaveLength(1);
  });

  it('is due for a session that was held although nobody came', () => {
    const priced = quote({ basis: 'session', priceMinor: 12_000n }, session({ attendedCount: 0 }));
    expect(priced).toMatchObject({ netMinor: 12_000n, flags: [] });
    const recorded = session({ outcome: 'did_not_attend', attendedCount: 0 });
    expect(quote({ basis: 'session', priceMinor: 12_000n }, recorded).netMinor).toBe(12_000n);
  });

  it('shows recognised work at its indicative value, and pays nothing', () => {
    const terms: RateCardTerms = { basis: 'recognised', indicativeMinor: 900n };
    expect(quote(terms, attendance())).toMatchObject({ netMinor: 0n, indicativeMinor: 900n });
    expect(quote(terms, attendance({ outcome: 'did_not_attend' }))).toMatchObject({
      netMinor: 0n,
      indicativeMinor: 0n,
    });
    expect(quote({ basis: 'attendance', priceMinor: 3_200n }, attendance()).indicativeMinor).toBe(0n);
  });

  it('prices the milestone of the line, and flags one that the card does not know', () => {
    expect(quote(MILESTONES, { ...milestone, milestone: 'first_attendance' }).netMinor).toBe(2_500n);
    expect(quote(MILESTONES, { ...milestone, milestone: 'follow_up_12_weeks' })).toMatchObject({
      netMinor: 0n,
      flags: [{ code: 'milestone_not_on_card', milestone: 'follow_up_12_weeks' }],
    });
  });
});

describe('the day of service', () => {
  it.each<[PricingLine, string]>([
    [{ ...referral, acceptedAt: new Date('2026-06-08T22:59:00Z') }, '2026-06-08'],
    [{ ...referral, acceptedAt: new Date('2026-06-08T23:00:00Z') }, '2026-06-09'],
    [{ ...milestone, reachedAt: new Date('2026-12-08T23:59:00Z') }, '2026-12-08'],
    [attendance({ startsAt: new Date('2026-06-30T23:30:00Z') }), '2026-07-01'],
    [june, '2026-06-01'],
  ])('is the local one', (line, day) => {
    expect(servedOnOf(line)).toBe(day);
    expect(quote({ basis: 'session', priceMinor: 1n }, line).servedOn).toBe(day);
  });
});

describe('a line that cannot be priced is nil and says why', () => {
  it('has no card in force', () => {
    expect(priceLine(attendance(), { cardOf: () => undefined })).toMatchObject({
      netMinor: 0n,
      cardId: undefined,
      counted: undefined,
      flags: [{ code: 'no_rate_card' }],
    });
  });

  it.each<[RateCardTerms, PricingLine]>([
    [{ basis: 'attendance', priceMinor: 3_200n }, session()],
    [{ basis: 'session', priceMinor: 3_200n }, attendance()],
    [{ basis: 'group_split', priceMinor: 3_200n, splitBy: 'booked' }, session()],
    [{ basis: 'hour', priceMinor: 3_200n, minuteStep: 1, minuteRounding: 'up' }, attendance()],
    [{ basis: 'recognised', indicativeMinor: 3_200n }, referral],
    [{ basis: 'referral', priceMinor: 3_200n }, attendance()],
    [{ basis: 'block', monthlyMinor: 3_200n }, referral],
    [MILESTONES, june],
  ])('cites a fact that does not earn: %j', (terms, line) => {
    const priced = quote(terms, line);
    expect(priced).toMatchObject({ netMinor: 0n, counted: undefined, reasons: [] });
    expect(priced.flags).toEqual([{ code: 'fact_does_not_earn', fact: line.fact, basis: terms.basis }]);
  });
});

describe('a set', () => {
  const capped: RateCardTerms = { basis: 'attendance', priceMinor: 3_200n, caps: { perReferral: 1 } };

  it('is priced in order of service time, then id', () => {
    const [first, second] = days(2);
    const lines = [
      { ...attendance({ startsAt: NOON }), claimId: 'b' },
      { ...attendance({ startsAt: NOON }), claimId: 'a' },
      ...(second && first ? [second, first] : []),
    ];
    expect(quoteAll(capped, lines).map((line) => line.claimId)).toEqual(['claim-01', 'claim-02', 'a', 'b']);
  });

  it('refuses a claim that comes twice', () => {
    expect(() => quoteAll(capped, [attendance(), attendance()])).toThrow(RangeError);
  });

  it('uses the card in force for each line, and counts across versions of one rate', () => {
    const [early, late] = days(2);
    if (!early || !late) throw new RangeError('two lines');
    const priced = priceLines([late, early], {
      cardOf: (line) => (line === early ? card(capped) : { ...card({ ...capped, priceMinor: 3_500n }), id: 'card-2' }),
    });
    expect(priced.map(({ cardId, netMinor }) => [cardId, netMinor])).toEqual([
      ['card-1', 3_200n],
      ['card-2', 3_500n],
    ]);
    expect(priced.map(({ flags }) => codesOf(flags))).toEqual([[], ['over_cap']]);
  });

  it('does not count lines of another rate', () => {
    const [one, other] = days(2);
    if (!one || !other) throw new RangeError('two lines');
    const priced = priceLines([one, other], {
      cardOf: (line) => ({ ...card(capped), rateKey: line === one ? 'rate-1' : 'rate-2' }),
    });
    expect(priced.flatMap(({ flags }) => flags)).toEqual([]);
  });
});
