import {
  bankHappening,
  HAPPENINGS,
  positionOf,
  transitionOf,
  type HappeningKind,
  type PayoutPosition,
} from './payout-state.rules.js';

const POSITIONS: readonly PayoutPosition[] = [
  'requested',
  'transfer_unknown',
  'sent',
  'bank_unknown',
  'paid',
  'failed',
  'returned',
  'cancelled',
];

/** Every happening in every position, in the order of POSITIONS; a dash is what cannot be. */
const TABLE: Readonly<Record<HappeningKind, string>> = {
  transfer_done: 'sent sent sent unknown paid failed returned -',
  transfer_refused: 'cancelled cancelled - - - - - -',
  transfer_unknown: 'unknown unknown - - - - - -',
  transfer_absent: '- cancelled - - - - - -',
  transfer_reversed: '- - returned - - returned returned -',
  bank_begun: '- - sent sent paid - - -',
  bank_unknown: '- - unknown unknown - - - -',
  bank_paid: '- - paid paid paid - - -',
  bank_failed: '- - failed failed failed failed returned -',
  bank_retried: '- - - - - sent - -',
  confirmed: 'paid - - - - - - -',
  withdrawn: 'cancelled - - - - - - -',
};

describe('the states of a payout', () => {
  it.each(HAPPENINGS.flatMap((happening) => POSITIONS.map((position, index) => ({ happening, position, index }))))(
    '$happening when $position',
    ({ happening, position, index }) => {
      const expected = TABLE[happening].split(' ')[index];
      expect(transitionOf(position, happening) ?? '-').toBe(expected);
    },
  );

  it('lead from an end nowhere, and back from paid only by a failure', () => {
    expect(HAPPENINGS.filter((happening) => transitionOf('cancelled', happening) !== undefined)).toEqual([]);
    expect(
      HAPPENINGS.filter((happening) => (transitionOf('returned', happening) ?? 'returned') !== 'returned'),
    ).toEqual([]);
    expect(HAPPENINGS.filter((happening) => (transitionOf('paid', happening) ?? 'paid') !== 'paid')).toEqual([
      'bank_failed',
    ]);
  });

  it('tell what is unknown by what is known', () => {
    expect(positionOf({ state: 'unknown', transferId: null })).toBe('transfer_unknown');
    expect(positionOf({ state: 'unknown', transferId: 'tr_1' })).toBe('bank_unknown');
    expect(positionOf({ state: 'sent', transferId: 'tr_1' })).toBe('sent');
  });

  it.each([
    ['pending', 'bank_begun'],
    ['in_transit', 'bank_begun'],
    ['paid', 'bank_paid'],
    ['failed', 'bank_failed'],
    ['canceled', 'bank_failed'],
  ] as const)('read %s of the rail as %s', (status, happening) => {
    expect(bankHappening(status)).toBe(happening);
  });
});
