import { rangeOf, rangesForFigures, rangesForReports, rangesForStatements } from './ranges.rules.js';

describe('a range', () => {
  it.each([
    ['year-2026', '2026-04-01', '2027-03-31'],
    ['half-2026-04', '2026-04-01', '2026-09-30'],
    ['half-2026-10', '2026-10-01', '2027-03-31'],
    ['month-2026-12', '2026-12-01', '2026-12-31'],
    ['month-2028-02', '2028-02-01', '2028-02-29'],
    ['last-3', '2026-12-01', '2027-02-28'],
    ['last-12', '2026-03-01', '2027-02-28'],
  ])('%s is from %s to %s', (value, from, to) => {
    expect(rangeOf(value, '2027-02-14')).toEqual({ value, from, to });
  });

  it.each(['', 'year-26', 'half-2026-05', 'month-2026-13', 'month-2026-00', 'last-4', 'year-2026-04', ' year-2026'])(
    '%j is none',
    (value) => {
      expect(rangeOf(value, '2027-02-14')).toBeUndefined();
    },
  );
});

describe('ranges to choose from', () => {
  const values = (ranges: readonly { value: string }[]) => ranges.map(({ value }) => value);

  it('begin with the financial year of the day', () => {
    expect(values(rangesForFigures('2027-03-31')).slice(0, 6)).toEqual([
      'year-2026',
      'year-2025',
      'last-12',
      'last-3',
      'month-2027-03',
      'month-2027-02',
    ]);
    expect(values(rangesForFigures('2027-04-01'))[0]).toBe('year-2027');
  });

  it.each([
    ['2026-09-30', ['half-2026-04', 'half-2025-10', 'half-2025-04', 'half-2024-10']],
    ['2026-10-01', ['half-2026-10', 'half-2026-04', 'half-2025-10', 'half-2025-04']],
    ['2027-01-15', ['half-2026-10', 'half-2026-04', 'half-2025-10', 'half-2025-04']],
  ])('for a report on %s are its half-years', (today, expected) => {
    expect(values(rangesForReports(today)).slice(0, 4)).toEqual(expected);
  });

  it('for a statement end today at the latest', () => {
    const ranges = rangesForStatements('2026-10-12');
    expect(ranges[0]).toEqual({ value: 'month-2026-10', from: '2026-10-01', to: '2026-10-12' });
    expect(ranges[1]).toEqual({ value: 'month-2026-09', from: '2026-09-01', to: '2026-09-30' });
    expect(ranges.at(-2)).toEqual({ value: 'year-2026', from: '2026-04-01', to: '2026-10-12' });
    expect(ranges).toHaveLength(14);
  });
});
