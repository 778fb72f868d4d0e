import type { Translate } from '../../words/index.js';
import { summed, wordMove, type NormalOf } from './move-words.rules.js';

const NORMAL: Readonly<Record<string, 'D' | 'C'>> = {
  funds: 'D',
  bank: 'D',
  activity: 'D',
  owed: 'C',
  in_transit: 'C',
};
const normalOf: NormalOf = (account) => NORMAL[account] ?? 'D';
const t = Object.assign(
  (key: string, params: Record<string, unknown> = {}) => `${key} ${Object.values(params).join(' ')}`.trim(),
  { has: (key: string) => key !== 'accounts.unheard_of.name', money: (minor: bigint) => `${minor}p` },
) as unknown as Translate;
const move = (debit: string, credit: string, isReversal = false) => ({ debit, credit, amountMinor: 100n, isReversal });

describe('a transfer in words', () => {
  it.each([
    ['owed', 'in_transit', 'audit.moves.moved 100p accounts.owed.name accounts.in_transit.name'],
    ['funds', 'bank', 'audit.moves.moved 100p accounts.bank.name accounts.funds.name'],
    ['activity', 'owed', 'audit.moves.grew 100p accounts.activity.name accounts.owed.name'],
    ['in_transit', 'funds', 'audit.moves.shrank 100p accounts.in_transit.name accounts.funds.name'],
    ['unheard_of', 'bank', 'audit.moves.moved 100p accounts.bank.name unheard_of'],
  ])('that debits %s and credits %s', (debit, credit, text) => {
    expect(wordMove(t, move(debit, credit), normalOf)).toEqual({ text, note: null });
  });

  it('says when it takes something back', () => {
    expect(wordMove(t, move('owed', 'in_transit', true), normalOf).note).toBe('audit.moves.reversal');
  });
});

it('transfers between the same accounts are one, and those that take back stand apart', () => {
  const sums = summed([
    move('owed', 'in_transit'),
    move('funds', 'bank'),
    move('owed', 'in_transit'),
    move('owed', 'in_transit', true),
  ]);
  expect(sums.map(({ debit, amountMinor, isReversal }) => [debit, amountMinor, isReversal])).toEqual([
    ['owed', 200n, false],
    ['funds', 100n, false],
    ['owed', 100n, true],
  ]);
});
