import fc from 'fast-check';
import { payableTasks } from './finance-tasks.service.js';
import { daysAfter, IDS_MAX, inOrder, isNearlyUsed, TASK_KINDS, taskOf, tasksBy, type Item } from './task.rules.js';

const TODAY = '2026-10-29';

describe('a task', () => {
  it('is none of no things', () => {
    expect(taskOf('queries_to_answer', 'coordinator', [], TODAY)).toEqual([]);
  });

  it('counts its things and adds them up, the most urgent first', () => {
    const items = [
      { id: 'later', amountMinor: 100n, day: '2026-11-02' },
      { id: 'never', amountMinor: 10n },
      { id: 'late', amountMinor: 3_200n, day: '2026-10-28' },
      { id: 'today', amountMinor: 1n, day: TODAY },
    ];
    expect(taskOf('payment_due', 'treasurer', items, TODAY, { contractId: 'contract-1' })).toEqual([
      {
        kind: 'payment_due',
        role: 'treasurer',
        count: 4,
        amountMinor: 3_311n,
        day: '2026-10-28',
        lateCount: 1,
        period: null,
        commissionerId: null,
        contractId: 'contract-1',
        ids: ['late', 'today', 'later', 'never'],
        because: null,
      },
    ]);
  });

  it('may be of several about one thing, and of no money', () => {
    const items = [
      { id: 'contract-1', count: 12, day: '2026-10-01' },
      { id: 'contract-1', count: 3 },
    ];
    const [task] = taskOf('claims_to_submit', 'contract_manager', items, TODAY);
    expect(task).toMatchObject({ count: 15, lateCount: 12, amountMinor: null, ids: ['contract-1'] });
  });

  it('names few ids, and counts all', () => {
    const items = Array.from({ length: 30 }, (_, index) => ({ id: `id-${index}` }));
    const [task] = taskOf('referrals_to_accept', 'coordinator', items, TODAY);
    expect([task?.count, task?.ids.length]).toEqual([30, IDS_MAX]);
  });

  it('is split by a key into tasks that lose nothing', () => {
    const item = fc.record({
      id: fc.uuid(),
      amountMinor: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      key: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const tasks = tasksBy(
          items,
          ({ key }) => key,
          (group) => taskOf('payment_due', 'treasurer', group, TODAY),
        );
        const sum = (of: readonly { amountMinor?: bigint | null }[]) =>
          of.reduce((total, { amountMinor }) => total + (amountMinor ?? 0n), 0n);
        expect(sum(tasks)).toBe(sum(items));
        expect(tasks.reduce((count, task) => count + task.count, 0)).toBe(items.length);
        expect(tasks).toHaveLength(new Set(items.map(({ key }) => key)).size);
      }),
    );
  });

  it('comes by its day, and then in the order of kinds', () => {
    const of = (kind: (typeof TASK_KINDS)[number], items: Item[]) => taskOf(kind, 'admin', items, TODAY);
    const tasks = [
      ...of('invitations_open', [{ id: 'a' }]),
      ...of('queries_to_answer', [{ id: 'b' }]),
      ...of('batches_to_approve', [{ id: 'c', day: '2026-11-01' }]),
      ...of('payment_due', [{ id: 'd', day: '2026-10-01' }]),
    ];
    expect(inOrder(tasks).map(({ kind }) => kind)).toEqual([
      'payment_due',
      'batches_to_approve',
      'queries_to_answer',
      'invitations_open',
    ]);
  });

  it.each([
    [800n, 1_000n, false],
    [801n, 1_000n, true],
    [0n, 0n, false],
    [1n, 0n, true],
  ])('a budget with %s of %s used is nearly used: %s', (used, total, nearly) => {
    expect(isNearlyUsed(used, total)).toBe(nearly);
  });

  it('counts days over months and years', () => {
    expect([daysAfter('2026-12-30', 3), daysAfter('2026-03-01', -1), daysAfter('2028-02-28', 1)]).toEqual([
      '2027-01-02',
      '2026-02-28',
      '2028-02-29',
    ]);
  });
});

describe('what finance has to pay', () => {
  const group = (
    providerId: string,
    rail: 'stripe' | 'outside',
    amounts: bigint[],
    waits: 'insufficient_funds' | 'account_pending' | null,
  ) => ({
    providerId,
    rail,
    waits,
    amountMinor: amounts.reduce((sum, amount) => sum + amount, 0n),
    dueOn: null,
    invoices: amounts.map((amountMinor, index) => ({
      id: `${providerId}-${index}`,
      providerId,
      contractId: 'contract-1',
      grossMinor: amountMinor,
      amountMinor,
      issuedOn: '2026-10-06',
      takenBy: [],
      dueOn: index === 0 ? '2026-11-05' : null,
      number: null,
    })),
    advances: [],
    recoveries: [],
  });
  const tasksOf = (...groups: ReturnType<typeof group>[]) => payableTasks({ groups, fundsMinor: 10_000n }, TODAY);

  it('is nothing where nothing is payable', () => {
    expect(tasksOf()).toEqual([]);
  });

  it('is what a run would pay, what waits, and what the funds are short by after it', () => {
    const tasks = tasksOf(
      group('choir', 'stripe', [6_000n, 1_000n], null),
      group('farm', 'outside', [50_000n], null),
      group('club', 'stripe', [4_000n], 'insufficient_funds'),
      group('cafe', 'stripe', [2_500n], 'insufficient_funds'),
      group('walks', 'stripe', [700n], 'account_pending'),
    );
    expect(tasks.map(({ kind, count, amountMinor, because }) => [kind, count, amountMinor, because])).toEqual([
      ['invoices_to_pay', 3, 57_000n, null],
      ['funds_short', 2, 3_500n, null],
      ['payees_waiting', 1, 700n, { term: 'waits_for', code: 'account_pending' }],
    ]);
    expect(tasks[0]?.ids).toEqual(['choir-0', 'farm-0', 'choir-1']);
    expect(tasks[0]?.day).toBe('2026-11-05');
  });
});
