import fc from 'fast-check';
import {
  batchCode,
  chargedOn,
  commitmentOf,
  irrecoverableVat,
  isAboveLimit,
  isMonthComplete,
  lastDayOf,
  lineState,
  obstaclesToApproval,
  payableBy,
  releaseTo,
  standingOfMonth,
  whyNotApprove,
  type BatchToApprove,
} from './batch.rules.js';

const MAKER = '0198c0de-0000-7000-8000-000000000001';
const OTHER = '0198c0de-0000-7000-8000-000000000002';
const DIGEST = 'a'.repeat(64);

const batch: BatchToApprove = {
  state: 'submitted',
  madeBy: MAKER,
  digest: DIGEST,
  lineCount: 3,
  totalMinor: 9_600n,
  flaggedCount: 0,
};
const approver = { memberId: OTHER, approvalLimitMinor: null };
const seen = { digest: DIGEST, acceptsFlagged: false };

describe('whyNotApprove', () => {
  it('finds nothing against a batch as it was reviewed', () => {
    expect(whyNotApprove(batch, approver, seen)).toBeUndefined();
  });

  it.each([
    ['a batch that is decided', { ...batch, state: 'approved' as const }, approver, seen, 'decided'],
    ['the maker', batch, { ...approver, memberId: MAKER }, seen, 'own'],
    ['another digest', batch, approver, { ...seen, digest: 'b'.repeat(64) }, 'changed'],
    ['no lines', { ...batch, lineCount: 0 }, approver, seen, 'empty'],
    ['a penny above the limit', batch, { ...approver, approvalLimitMinor: 9_599n }, seen, 'above_limit'],
    ['flags that nobody accepted', { ...batch, flaggedCount: 1 }, approver, seen, 'flagged'],
  ])('refuses %s', (_, judged, by, as, code) => {
    expect(whyNotApprove(judged, by, as)?.code).toBe(code);
  });

  it('lets a limit be reached, and flags be accepted', () => {
    expect(whyNotApprove(batch, { ...approver, approvalLimitMinor: 9_600n }, seen)).toBeUndefined();
    expect(whyNotApprove({ ...batch, flaggedCount: 1 }, approver, { ...seen, acceptsFlagged: true })).toBeUndefined();
  });

  it('tells the maker that it is the maker, whatever else is wrong', () => {
    const wrong = { ...batch, lineCount: 0, flaggedCount: 2 };
    expect(whyNotApprove(wrong, { memberId: MAKER, approvalLimitMinor: 0n }, seen)?.code).toBe('own');
  });
});

describe('obstaclesToApproval', () => {
  const lacking = { ...batch, uncommittedMinor: 2_000n };
  const codes = (...parameters: Parameters<typeof obstaclesToApproval>) =>
    obstaclesToApproval(...parameters).map(({ code }) => code);

  it('says all that stands against it at once', () => {
    const limited = { memberId: MAKER, approvalLimitMinor: 9_599n };
    expect(codes(lacking, limited, 1_999n)).toEqual(['own', 'above_limit', 'over_budget']);
    expect(codes({ ...lacking, lineCount: 0 }, approver, 2_000n)).toEqual(['empty']);
  });

  it('says by how much the budget falls short', () => {
    expect(obstaclesToApproval(lacking, approver, -500n)).toEqual([
      { code: 'over_budget', figures: { leftMinor: -500n, askedMinor: 2_000n, shortfallMinor: 2_500n } },
    ]);
  });

  it('says nothing where the budget just covers what lacked, and only the decision of what is decided', () => {
    expect(codes(lacking, approver, 2_000n)).toEqual([]);
    expect(codes({ ...batch, uncommittedMinor: 0n }, approver, -1n)).toEqual([]);
    expect(codes({ ...lacking, state: 'rejected' }, { memberId: MAKER, approvalLimitMinor: 0n }, 0n)).toEqual([
      'decided',
    ]);
  });

  it('is not the maker who comes from nowhere, as a program does', () => {
    const byProgram = { ...batch, madeBy: null, uncommittedMinor: 0n };
    expect(codes(byProgram, { memberId: null, approvalLimitMinor: null }, 0n)).toEqual([]);
  });
});

describe('lineState', () => {
  it.each([
    ['submitted', null, 'submitted'],
    ['submitted', 'submitted', 'in_review'],
    ['submitted', 'approved', 'approved'],
    ['submitted', 'rejected', 'submitted'],
    ['queried', null, 'queried'],
    ['rejected', null, 'rejected'],
    ['withdrawn', null, 'withdrawn'],
  ] as const)('of a %s claim in a batch that is %s is %s', (claim, holder, state) => {
    expect(lineState(claim, holder)).toBe(state);
  });
});

describe('the days of a batch', () => {
  it.each([
    ['2026-10-01', '2026-10-31'],
    ['2026-12-01', '2026-12-31'],
    ['2027-02-01', '2027-02-28'],
    ['2028-02-01', '2028-02-29'],
  ])('end the month of %s on %s', (period, last) => {
    expect(lastDayOf(period)).toBe(last);
  });

  it.each([
    ['2026-10-01', '2026-04-01', '2027-03-31', '2026-10-31'],
    ['2026-10-01', '2026-04-01', '2026-10-15', '2026-10-15'],
    ['2026-11-01', '2026-04-01', '2026-10-15', '2026-10-15'],
    ['2026-03-01', '2026-04-01', '2027-03-31', '2026-04-01'],
  ])('charge %s of a contract from %s to %s on %s', (period, startsOn, endsOn, day) => {
    expect(chargedOn(period, { startsOn, endsOn })).toBe(day);
  });

  it.each([
    ['2026-11-05', 30, '2026-12-05'],
    ['2027-02-27', 2, '2027-03-01'],
  ])('have what is approved on %s paid in %s days, by %s', (day, days, by) => {
    expect(payableBy(day, days)).toBe(by);
  });

  it('name it', () => {
    expect(batchCode('SP-1', '2026-10-01', 2)).toBe('SP-1-202610-2');
  });
});

describe('irrecoverableVat', () => {
  const standard = { category: 'S', rateBasisPoints: 2_000 } as const;
  const exempt = { category: 'E', rateBasisPoints: 0 } as const;
  const lines = [
    { netMinor: 3_333n, vat: standard },
    { netMinor: 3_333n, vat: standard },
    { netMinor: 3_333n, vat: standard },
    { netMinor: 5_000n, vat: exempt },
  ];

  it('is worked out once for a rate, as the invoice prints it', () => {
    expect(irrecoverableVat(false, lines)).toBe(2_000n);
  });

  it('is nothing where the commissioner gets it back', () => {
    expect(irrecoverableVat(true, lines)).toBe(0n);
  });
});

describe('a commitment', () => {
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 9n });

  it('takes from the budget what there is, and knows the rest', () => {
    expect(commitmentOf(9_600n, 20_000n)).toEqual({ committedMinor: 9_600n, uncommittedMinor: 0n });
    expect(commitmentOf(9_600n, 4_000n)).toEqual({ committedMinor: 4_000n, uncommittedMinor: 5_600n });
    expect(commitmentOf(9_600n, -1n)).toEqual({ committedMinor: 0n, uncommittedMinor: 9_600n });
  });

  it('gives back nothing while the budget lacks something, and in the end all of it', () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, (cost, left, less) => {
        const before = commitmentOf(cost, left);
        const smaller = cost - (less % (cost + 1n));
        const after = releaseTo(smaller, before);
        expect(after.committedMinor + after.uncommittedMinor).toBe(smaller);
        expect(after.releasedMinor).toBe(before.committedMinor - after.committedMinor);
        expect(after.releasedMinor >= 0n && (after.releasedMinor === 0n || after.uncommittedMinor === 0n)).toBe(true);
        expect(releaseTo(0n, after).releasedMinor + after.releasedMinor).toBe(before.committedMinor);
      }),
    );
  });
});

describe('standingOfMonth', () => {
  const days = { declaredAt: null, isNil: false, claimBy: '2026-11-06', lastClaimDay: '2026-11-20' };
  const declaredAt = new Date('2026-11-03T09:00:00Z');

  it.each([
    ['open until its claim day is past', days, '2026-11-06', 'open', false],
    ['late while late claims are taken', days, '2026-11-07', 'late', false],
    ['late on the last day for them', days, '2026-11-20', 'late', false],
    ['closed after it', days, '2026-11-21', 'closed', true],
    ['declared on any day', { ...days, declaredAt }, '2026-11-04', 'declared', true],
    ['nil on any day', { ...days, isNil: true }, '2026-11-04', 'nil', true],
    [
      'declared where something came after nothing was said',
      { ...days, isNil: true, declaredAt },
      '2026-11-21',
      'declared',
      true,
    ],
  ] as const)('is %s', (_, of, today, standing, complete) => {
    expect(standingOfMonth(of, today)).toBe(standing);
    expect(isMonthComplete(standing)).toBe(complete);
  });
});

describe('isAboveLimit', () => {
  it.each([
    [100n, 100n, false],
    [101n, 100n, true],
    [101n, null, false],
  ])('of %s with a limit of %s is %s', (totalMinor, limitMinor, above) => {
    expect(isAboveLimit(totalMinor, limitMinor)).toBe(above);
  });
});
