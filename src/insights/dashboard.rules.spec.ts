import fc from 'fast-check';
import { moneyByStage, runningTotals, shareGone, shareOfMinor, type Flow } from './dashboard.rules.js';

const NOTHING = { submittedMinor: 0n, waitingMinor: 0n };

describe('money by stage', () => {
  it('says what came, went and stands, and what reached a bank', () => {
    const flows: Flow[] = [
      { kind: 'accrued', withOwed: false, direction: 'in', beforeMinor: 500n, withinMinor: 1_000n },
      { kind: 'accrued', withOwed: true, direction: 'out', beforeMinor: 200n, withinMinor: 900n },
      { kind: 'owed', withOwed: false, direction: 'in', beforeMinor: 240n, withinMinor: 1_080n },
      { kind: 'owed', withOwed: false, direction: 'out', beforeMinor: 0n, withinMinor: 700n },
      { kind: 'in_transit', withOwed: true, direction: 'in', beforeMinor: 0n, withinMinor: 700n },
      { kind: 'in_transit', withOwed: true, direction: 'out', beforeMinor: 0n, withinMinor: 100n },
      { kind: 'in_transit', withOwed: false, direction: 'out', beforeMinor: 0n, withinMinor: 500n },
      { kind: 'in_transit', withOwed: false, direction: 'in', beforeMinor: 0n, withinMinor: 50n },
    ];
    const rows = moneyByStage(flows, { submittedMinor: 1_300n, waitingMinor: 300n }).map(
      ({ stage, openingMinor, inMinor, outMinor, closingMinor }) => [
        stage,
        openingMinor,
        inMinor,
        outMinor,
        closingMinor,
      ],
    );
    expect(rows).toEqual([
      ['claimed', null, 1_300n, null, 300n],
      ['in_review', 0n, 0n, 0n, 0n],
      ['approved', 300n, 1_000n, 900n, 400n],
      ['invoiced', 240n, 1_080n, 700n, 620n],
      ['on_its_way', 0n, 750n, 600n, 150n],
      ['paid', 0n, 500n, 50n, 450n],
    ]);
  });

  it('adds up at every stage, whatever moved', () => {
    const flow = fc.record({
      kind: fc.constantFrom('committed', 'accrued', 'owed', 'in_transit' as const),
      withOwed: fc.boolean(),
      direction: fc.constantFrom('in', 'out' as const),
      beforeMinor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
      withinMinor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    }) as fc.Arbitrary<Flow>;
    fc.assert(
      fc.property(fc.array(flow), (flows) => {
        for (const { openingMinor, inMinor, outMinor, closingMinor } of moneyByStage(flows, NOTHING).slice(1)) {
          expect((openingMinor ?? 0n) + inMinor - (outMinor ?? 0n)).toBe(closingMinor);
        }
      }),
    );
  });
});

describe('what was spent by the end of each month', () => {
  it('grows month by month, with what was spent before and in months of nothing', () => {
    const months = [
      { month: '2026-03-01', minor: 50n },
      { month: '2026-05-01', minor: 100n },
      { month: '2026-07-01', minor: -30n },
      { month: '2026-09-01', minor: 1_000n },
    ];
    expect(
      runningTotals(months, '2026-04-15', '2026-07-02').map(({ month, spentMinor }) => `${month} ${spentMinor}`),
    ).toEqual(['2026-04-01 50', '2026-05-01 150', '2026-06-01 150', '2026-07-01 120']);
  });
});

describe('shares', () => {
  const year = { startsOn: '2026-04-01', endsOn: '2027-03-31' };

  it.each([
    ['2026-03-31', 0],
    ['2026-04-01', 27],
    ['2026-09-30', 5_013],
    ['2027-03-30', 9_972],
    ['2027-03-31', 10_000],
    ['2028-01-01', 10_000],
  ])('on %s %i hundredths of a per cent of a year are gone', (day, gone) => {
    expect(shareGone(year, day)).toBe(gone);
  });

  it('of an amount are rounded down, and none of nothing', () => {
    expect([shareOfMinor(9_999n, 10_000n), shareOfMinor(2n, 3n), shareOfMinor(3n, 2n), shareOfMinor(1n, 0n)]).toEqual([
      9_999,
      6_666,
      15_000,
      null,
    ]);
  });
});
