import { partOfMonth } from './price-block.rules.js';
import { codesOf, quote } from '../../test/support/pricing.js';
import type { PeriodLine } from './price-line.rules.js';
import type { BlockTerms } from './rate-card.rules.js';

const BLOCK: BlockTerms = { basis: 'block', monthlyMinor: 150_000n };
const FLOOR: BlockTerms = { ...BLOCK, floor: { units: 40, rule: 'in_proportion' } };
const CEILING: BlockTerms = { ...BLOCK, ceiling: { units: 60, rule: 'each_further_unit', unitPriceMinor: 2_000n } };

function period(activityUnits: number, firstDay = '2026-06-01', lastDay = '2026-06-30'): PeriodLine {
  return { claimId: 'claim-1', fact: 'period', firstDay, lastDay, activityUnits };
}

describe('a part month', () => {
  it.each([
    ['2026-06-01', '2026-06-30', 150_000n],
    ['2026-06-16', '2026-06-30', 75_000n],
    ['2026-02-01', '2026-02-01', 5_357n],
    ['2028-02-01', '2028-02-29', 150_000n],
    ['2026-07-01', '2026-07-10', 48_387n],
    ['2026-07-11', '2026-07-31', 101_613n],
  ])('%s to %s, by calendar days of that month', (firstDay, lastDay, netMinor) => {
    expect(quote(BLOCK, period(0, firstDay, lastDay)).netMinor).toBe(netMinor);
  });

  it('lies in one month', () => {
    expect(() => partOfMonth('2026-06-30', '2026-07-01')).toThrow(RangeError);
    expect(() => partOfMonth('2026-06-30', '2026-06-29')).toThrow(RangeError);
    expect(partOfMonth('2026-12-31', '2026-12-31')).toEqual({ days: 1, daysInMonth: 31 });
  });
});

describe('a floor', () => {
  it('pays in proportion below it, and in full at it', () => {
    expect(quote(FLOOR, period(40))).toMatchObject({ netMinor: 150_000n, flags: [] });
    const below = quote(FLOOR, period(30));
    expect(below).toMatchObject({ netMinor: 112_500n, flags: [] });
    expect(codesOf(below.reasons)).toEqual(['block_month', 'block_in_proportion']);
    expect(quote(FLOOR, period(0)).netMinor).toBe(0n);
  });

  it('is reduced with the month', () => {
    expect(quote(FLOOR, period(20, '2026-06-01', '2026-06-15')).netMinor).toBe(75_000n);
    expect(quote(FLOOR, period(19, '2026-06-01', '2026-06-15')).netMinor).toBe(71_250n);
  });

  it('only flags where the card says so', () => {
    const flagging: BlockTerms = { ...BLOCK, floor: { units: 40, rule: 'flag' } };
    expect(quote(flagging, period(39))).toMatchObject({
      netMinor: 150_000n,
      flags: [{ code: 'block_below_floor', activityUnits: 39, units: 40 }],
    });
    expect(quote(flagging, period(40)).flags).toEqual([]);
  });
});

describe('a ceiling', () => {
  it('pays each further unit', () => {
    expect(quote(CEILING, period(60)).netMinor).toBe(150_000n);
    const above = quote(CEILING, period(63));
    expect(above.netMinor).toBe(156_000n);
    expect(above.reasons.at(-1)).toMatchObject({ code: 'block_further_units', furtherUnits: 3, amountMinor: '6000' });
  });

  it('is reduced with the month; only whole units above it are paid', () => {
    // 11 of 30 days: a ceiling of 22. 10 of 31 days: one of 19.35.
    expect(quote(CEILING, period(23, '2026-06-01', '2026-06-11')).netMinor).toBe(55_000n + 2_000n);
    expect(quote(CEILING, period(20, '2026-07-01', '2026-07-10')).netMinor).toBe(48_387n);
    expect(quote(CEILING, period(21, '2026-07-01', '2026-07-10')).netMinor).toBe(48_387n + 2_000n);
  });

  it('pays in proportion, or only flags', () => {
    const proportional: BlockTerms = { ...BLOCK, ceiling: { units: 60, rule: 'in_proportion' } };
    expect(quote(proportional, period(66))).toMatchObject({ netMinor: 165_000n, flags: [] });
    const flagging: BlockTerms = { ...BLOCK, ceiling: { units: 60, rule: 'flag' } };
    expect(quote(flagging, period(66))).toMatchObject({
      netMinor: 150_000n,
      flags: [{ code: 'block_above_ceiling', activityUnits: 66, units: 60 }],
    });
  });
});
