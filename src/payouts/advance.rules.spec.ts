import fc from 'fast-check';
import {
  planRecoveries,
  recoveryFrom,
  standingOf,
  whyNotApproveAdvance,
  whyNotCovered,
  type OpenAdvance,
  type RecoverableInvoice,
} from './advance.rules.js';

const DAY = '2026-12-31';
const invoice = (grossMinor: bigint, more: Partial<RecoverableInvoice> = {}): RecoverableInvoice => ({
  id: 'i1',
  contractId: 'c1',
  grossMinor,
  openMinor: grossMinor,
  issuedOn: '2026-11-05',
  takenBy: [],
  ...more,
});
const advance = (remainingMinor: bigint, more: Partial<OpenAdvance> = {}): OpenAdvance => ({
  id: 'a1',
  contractId: 'c1',
  sharePercent: 25,
  instalmentMinor: null,
  recoverBy: DAY,
  approvedEventId: 'e1',
  remainingMinor,
  ...more,
});

describe('what an invoice gives back', () => {
  it.each([
    ['a share', advance(10_000n), invoice(6_400n), 1_600n],
    ['a share, rounded down', advance(10_000n, { sharePercent: 33 }), invoice(101n), 33n],
    [
      'a share of what is invoiced, not of what is open',
      advance(10_000n),
      invoice(6_400n, { openMinor: 2_000n }),
      1_600n,
    ],
    ['no more than is open', advance(10_000n), invoice(6_400n, { openMinor: 1_000n }), 1_000n],
    ['no more than remains', advance(700n), invoice(6_400n), 700n],
    ['an instalment', advance(10_000n, { sharePercent: null, instalmentMinor: 5_000n }), invoice(6_400n), 5_000n],
    ['all of a small invoice', advance(10_000n, { sharePercent: null, instalmentMinor: 5_000n }), invoice(400n), 400n],
    ['its share still on the last day', advance(10_000n), invoice(6_400n, { issuedOn: DAY }), 1_600n],
    ['all that it can after the last day', advance(10_000n), invoice(6_400n, { issuedOn: '2027-01-01' }), 6_400n],
    ['nothing of nothing', advance(10_000n), invoice(0n), 0n],
    ['nothing of a credit', advance(10_000n), invoice(-500n), 0n],
    ['nothing once all is recovered', advance(0n), invoice(6_400n), 0n],
  ])('is %s', (_, given, of, expected) => {
    expect(recoveryFrom(given, of)).toBe(expected);
  });
});

const contractIds = fc.constantFrom('c1', 'c2');
const pence = fc.bigInt({ min: 0n, max: 10n ** 9n });
const anyAdvance = fc.record({
  id: fc.uuid(),
  contractId: contractIds,
  remainingMinor: pence,
  recoverBy: fc.constantFrom('2026-10-01', DAY),
  terms: fc.oneof(
    fc.record({ sharePercent: fc.integer({ min: 1, max: 100 }), instalmentMinor: fc.constant(null) }),
    fc.record({ sharePercent: fc.constant(null), instalmentMinor: fc.bigInt({ min: 1n, max: 10n ** 8n }) }),
  ),
});
const advances = fc
  .uniqueArray(anyAdvance, { selector: ({ id }) => id, maxLength: 4 })
  .map((all) =>
    all.map(({ terms, ...rest }): OpenAdvance => ({ ...rest, ...terms, approvedEventId: `approval of ${rest.id}` })),
  );
const invoices = fc
  .uniqueArray(fc.record({ id: fc.uuid(), contractId: contractIds, grossMinor: pence }), {
    selector: ({ id }) => id,
    maxLength: 8,
  })
  .map((all) => all.map(({ grossMinor, ...rest }) => invoice(grossMinor, rest)));
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, one) => total + one, 0n);

describe('a plan of recoveries', () => {
  it('takes no more of an advance than remains nor of an invoice than is open, on its own contract, once', () => {
    fc.assert(
      fc.property(advances, invoices, (open, due) => {
        const planned = planRecoveries(open, due);
        for (const { id, remainingMinor, contractId } of open) {
          const own = planned.filter(({ advanceId }) => advanceId === id);
          expect(own.every((one) => one.contractId === contractId && one.amountMinor > 0n)).toBe(true);
          const left = remainingMinor - sum(own.map(({ amountMinor }) => amountMinor));
          expect(left).toBeGreaterThanOrEqual(0n);
          expect(own.at(-1)?.remainingMinor ?? left).toBe(left);
        }
        for (const { id, openMinor } of due) {
          const own = planned.filter(({ invoiceId }) => invoiceId === id);
          expect(sum(own.map(({ amountMinor }) => amountMinor))).toBeLessThanOrEqual(openMinor);
        }
        const pairs = planned.map(({ advanceId, invoiceId }) => `${advanceId} ${invoiceId}`);
        expect(new Set(pairs).size).toBe(pairs.length);
      }),
    );
  });

  it('is the same however it is cut into runs', () => {
    fc.assert(
      fc.property(advances, invoices, fc.nat(8), (open, due, cut) => {
        const first = planRecoveries(open, due.slice(0, cut));
        const taken = (id: string) =>
          sum(first.filter(({ advanceId }) => advanceId === id).map(({ amountMinor }) => amountMinor));
        const left = open.map((one) => ({ ...one, remainingMinor: one.remainingMinor - taken(one.id) }));
        expect([...first, ...planRecoveries(left, due.slice(cut))]).toEqual(planRecoveries(open, due));
      }),
    );
  });

  it('takes the oldest advance first', () => {
    const all = { sharePercent: 100 };
    const planned = planRecoveries([advance(300n, all), advance(900n, { ...all, id: 'a2' })], [invoice(1_000n)]);
    expect(planned.map(({ advanceId, amountMinor }) => [advanceId, amountMinor])).toEqual([
      ['a1', 300n],
      ['a2', 700n],
    ]);
  });

  it('takes nothing twice of an invoice whose payment came back', () => {
    expect(planRecoveries([advance(10_000n)], [invoice(6_400n, { openMinor: 4_800n, takenBy: ['a1'] })])).toEqual([]);
  });
});

describe('who approves an advance', () => {
  const proposed = { state: 'proposed' as const, proposedBy: 'm1', amountMinor: 500n };
  it.each([
    ['somebody else', proposed, { memberId: 'm2', approvalLimitMinor: null }, undefined],
    ['somebody with just that limit', proposed, { memberId: 'm2', approvalLimitMinor: 500n }, undefined],
    ['not its author', proposed, { memberId: 'm1', approvalLimitMinor: null }, 'own'],
    ['not above a limit', proposed, { memberId: 'm2', approvalLimitMinor: 499n }, 'above_limit'],
    [
      'nobody twice',
      { ...proposed, state: 'approved' as const },
      { memberId: 'm2', approvalLimitMinor: null },
      'decided',
    ],
  ])('is %s', (_, given, approver, code) => {
    expect(whyNotApproveAdvance(given, approver)?.code).toBe(code);
  });
});

describe('what a contract covers', () => {
  const room = { leftMinor: 1_000n, committedMinor: 200n, outstandingMinor: 300n };
  it('is what it can still invoice, less what other advances wait for', () => {
    expect(whyNotCovered(900n, room)).toBeUndefined();
    expect(whyNotCovered(901n, room)).toEqual({ askedMinor: 901n, coveredMinor: 900n, shortfallMinor: 1n });
    expect(whyNotCovered(1n, { ...room, outstandingMinor: 2_000n })).toMatchObject({ coveredMinor: 0n });
  });
});

describe('where an advance stands', () => {
  it.each([
    ['proposed', null, 0n, 'proposed'],
    ['cancelled', null, 0n, 'cancelled'],
    ['approved', null, 500n, 'approved'],
    ['approved', 'sent', 500n, 'in_payment'],
    ['approved', 'paid', 500n, 'paid'],
    ['approved', 'paid', 0n, 'recovered'],
  ] as const)('%s, with a payout %s and %s left, it is %s', (state, payoutState, left, standing) => {
    expect(standingOf(state, payoutState, left)).toBe(standing);
  });
});
