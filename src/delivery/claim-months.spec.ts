import { claimMonth, monthsToClaim, type MonthsOfContract } from './claim-months.rules.js';
import { workingDayAfter } from './claim-window.rules.js';

describe('a working day after another', () => {
  const holidays = new Set(['2026-12-25', '2026-12-28']);

  it.each([
    ['2026-10-29', 0, '2026-10-29', 'none after it'],
    ['2026-10-29', 1, '2026-10-30', 'the next'],
    ['2026-10-30', 1, '2026-11-02', 'past a weekend'],
    ['2026-12-24', 1, '2026-12-29', 'past Christmas'],
    ['2026-10-31', 10, '2026-11-13', 'from a Saturday'],
  ])('%s and %i working days: %s (%s)', (day, workingDays, expected) => {
    expect(workingDayAfter(day, workingDays, holidays)).toBe(expected);
  });
});

describe('the months of a contract that can still be claimed', () => {
  const contract: MonthsOfContract = {
    contractId: 'contract-1',
    bankHolidays: new Set(),
    // From 20 July; the late window is shorter from September on.
    termsOn: (day) => ({
      commissionerId: 'icb',
      claimDay: 5,
      lateWindowDays: day < '2026-09-01' ? 90 : 0,
      isInForce: day >= '2026-07-20',
    }),
  };

  it('are those that are over, in force on a day at their edge, with the window still open', () => {
    const months = monthsToClaim(contract, '2026-10-05');
    expect(months.map(({ period, lastClaimDay }) => [period, lastClaimDay])).toEqual([
      ['2026-07-01', '2026-11-05'],
      ['2026-08-01', '2026-12-06'],
      ['2026-09-01', '2026-10-07'],
    ]);
  });

  it('end with the last day of their window, which is still in it', () => {
    const openOn = (today: string) => monthsToClaim(contract, today).map(({ period }) => period);
    expect(openOn('2026-10-07')).toContain('2026-09-01');
    expect(openOn('2026-10-08')).not.toContain('2026-09-01');
    expect(openOn('2026-12-06')).toEqual(['2026-08-01', '2026-11-01']);
    expect(openOn('2026-12-07')).toEqual(['2026-11-01']);
    expect(openOn('2026-12-08')).toEqual([]);
  });

  it('have the terms of their last day', () => {
    expect(claimMonth(contract, '2026-08-01')).toEqual({
      commissionerId: 'icb',
      contractId: 'contract-1',
      period: '2026-08-01',
      claimDay: 5,
      lateWindowDays: 90,
      lastClaimDay: '2026-12-06',
    });
  });
});
