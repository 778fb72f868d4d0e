import fc from 'fast-check';
import type { AccountKind } from '../ledger/index.js';
import {
  dayRanges,
  entriesOfEvent,
  lineKindOf,
  referenceOf,
  type CrossingTransfer,
  type StatementContract,
} from './statement-lines.rules.js';

const CONTRACTS = new Map<string, StatementContract>([
  ['c1', { code: 'WALK-26', provider: { code: 'RIV', name: 'Riverside' } }],
  ['c2', { code: 'SING-26', provider: { code: 'RIV', name: 'Riverside' } }],
]);

function crossing(
  insideKind: AccountKind,
  outsideKind: AccountKind,
  effectMinor: bigint,
  more: Partial<CrossingTransfer> = {},
): CrossingTransfer {
  return {
    effectiveOn: '2026-10-07',
    eventId: 'e1',
    contractId: 'c1',
    insideKind,
    outsideKind,
    effectMinor,
    isReversal: false,
    subjectId: 's1',
    isGrant: false,
    number: null,
    paymentReference: null,
    ...more,
  };
}

describe('lineKindOf', () => {
  it.each<[string, AccountKind, AccountKind, bigint, Partial<CrossingTransfer>, string]>([
    ['an invoice', 'owed', 'accrued', 100n, {}, 'invoice'],
    ['its VAT', 'owed', 'vat_input', 20n, {}, 'invoice'],
    ['its VAT that is not recovered', 'owed', 'activity', 20n, {}, 'invoice'],
    ['a grant', 'owed', 'accrued', 100n, { isGrant: true }, 'grant_notice'],
    ['an invoice taken back', 'owed', 'accrued', -100n, { isReversal: true }, 'invoice'],
    ['a credit note of what is unpaid', 'owed', 'activity', -100n, {}, 'credit_note'],
    ['a credit note of what is paid', 'recoverable', 'activity', -100n, {}, 'credit_note'],
    ['its VAT', 'recoverable', 'vat_input', -20n, {}, 'credit_note'],
    ['a credit note taken back', 'recoverable', 'activity', 100n, { isReversal: true }, 'credit_note'],
    ['a payout that arrived', 'in_transit', 'rail', -100n, {}, 'payout'],
    ['a payout that came back', 'in_transit', 'rail', 100n, {}, 'payout_returned'],
    ['one taken back by reversal', 'in_transit', 'rail', 100n, { isReversal: true }, 'payout_returned'],
    ['a payment by accounts payable', 'owed', 'bank', -100n, {}, 'payment_outside'],
    ['one that came back', 'owed', 'bank', 100n, { isReversal: true }, 'payout_returned'],
    ['a repayment', 'recoverable', 'bank', 100n, {}, 'repayment'],
    ['what the chart does not explain', 'owed', 'fees', -3n, {}, 'adjustment'],
  ])('calls %s by its name', (_, inside, outside, effect, more, kind) => {
    expect(lineKindOf(crossing(inside, outside, effect, more))).toBe(kind);
  });
});

describe('referenceOf', () => {
  it.each([
    [{ number: 'RIV000001', paymentReference: 'WP1' }, 'RIV000001'],
    [{ paymentReference: 'WP1' }, 'WP1'],
    [{}, 's1'],
  ])('of %j is %s', (more, reference) => {
    expect(referenceOf(crossing('owed', 'accrued', 1n, more))).toBe(reference);
  });
});

describe('entriesOfEvent', () => {
  it('makes one line of net and VAT, and one for each contract', () => {
    const lines = entriesOfEvent(
      [
        crossing('owed', 'accrued', 100n),
        crossing('owed', 'accrued', 70n, { contractId: 'c2' }),
        crossing('owed', 'vat_input', 20n),
      ],
      CONTRACTS,
    );
    expect(lines).toMatchObject([
      { contract: 'WALK-26', effectMinor: 120n, vatMinor: 20n, provider: { code: 'RIV' } },
      { contract: 'SING-26', effectMinor: 70n, vatMinor: 0n },
    ]);
  });

  it('counts VAT that is not recovered as VAT, and the net of a credit note not', () => {
    const [invoice] = entriesOfEvent([crossing('owed', 'accrued', 100n), crossing('owed', 'activity', 20n)], CONTRACTS);
    expect(invoice).toMatchObject({ effectMinor: 120n, vatMinor: 20n });
    const [credit] = entriesOfEvent(
      [crossing('owed', 'activity', -100n), crossing('owed', 'vat_input', -20n)],
      CONTRACTS,
    );
    expect(credit).toMatchObject({ kind: 'credit_note', effectMinor: -120n, vatMinor: -20n });
  });

  it('leaves out what cancels out, and loses nothing else', () => {
    const kinds = fc.constantFrom<AccountKind>('accrued', 'vat_input', 'activity', 'rail', 'bank', 'fees');
    const transfer = fc
      .record({ outside: kinds, effect: fc.bigInt({ min: -9n, max: 9n }), contractId: fc.constantFrom('c1', 'c2') })
      .map(({ outside, effect, contractId }) => crossing('owed', outside, effect, { contractId }));
    fc.assert(
      fc.property(fc.array(transfer, { maxLength: 12 }), (transfers) => {
        const lines = entriesOfEvent(transfers, CONTRACTS);
        const sum = (amounts: readonly { effectMinor: bigint }[]) =>
          amounts.reduce((total, { effectMinor }) => total + effectMinor, 0n);
        expect(sum(lines)).toBe(sum(transfers));
        expect(lines.every(({ effectMinor }) => effectMinor !== 0n)).toBe(true);
      }),
    );
  });
});

describe('dayRanges', () => {
  it.each([
    ['no day', [], []],
    ['days that fit together', [3, 3, 4], [[1, 3]]],
    [
      'days that do not',
      [3, 8, 2],
      [
        [1, 1],
        [2, 3],
      ],
    ],
    [
      'a day with more than a page',
      [3, 50, 2],
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ],
  ])('cuts %s', (_, counts, expected) => {
    const day = (n: number) => `2026-10-0${n}`;
    const days = counts.map((count, index) => ({ day: day(index + 1), count }));
    expect(dayRanges(days, 10)).toEqual(expected.map(([from = 0, to = 0]) => ({ from: day(from), to: day(to) })));
  });
});
