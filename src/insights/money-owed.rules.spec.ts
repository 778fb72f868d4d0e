import { owedStateOf, owedSums, type OwedState } from './money-owed.rules.js';

const TODAY = '2026-11-10';

describe('an invoice that was not paid', () => {
  it.each([
    [null, '2026-11-10', 'due'],
    [null, '2026-11-09', 'late'],
    [null, null, 'due'],
    ['requested', '2026-11-09', 'on_its_way'],
    ['sent', '2026-11-20', 'on_its_way'],
    ['failed', '2026-11-20', 'held_up'],
    ['unknown', '2026-11-09', 'held_up'],
  ] as const)('with a payment that is %s, due on %s, is %s', (payoutState, dueOn, state) => {
    expect(owedStateOf({ payoutState, dueOn }, TODAY)).toBe(state);
  });

  it('counts once, and the next day is of those that are due', () => {
    const of = (state: OwedState, grossMinor: bigint, dueOn: string | null) => ({ state, grossMinor, dueOn });
    const owed = [
      of('late', 1n, '2026-11-01'),
      of('on_its_way', 10n, '2026-11-11'),
      of('held_up', 100n, '2026-11-11'),
      of('due', 1_000n, '2026-11-20'),
      of('due', 10_000n, '2026-11-20'),
      of('due', 100_000n, '2026-12-01'),
      of('due', 1_000_000n, null),
    ];
    expect(owedSums(owed, [{ claimedMinor: 1n, inReviewMinor: 2n, approvedMinor: 4n }])).toEqual({
      owedMinor: 1_111_111n,
      lateMinor: 1n,
      onItsWayMinor: 10n,
      nextDueOn: '2026-11-20',
      nextDueMinor: 11_000n,
      comingMinor: 7n,
    });
  });

  it('has no next day where nothing is due', () => {
    expect(owedSums([], [])).toMatchObject({ owedMinor: 0n, nextDueOn: null, nextDueMinor: 0n });
    const undated = [{ state: 'due' as const, grossMinor: 5n, dueOn: null }];
    expect(owedSums(undated, [])).toMatchObject({ owedMinor: 5n, nextDueOn: null, nextDueMinor: 0n });
  });
});
