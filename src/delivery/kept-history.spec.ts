import type { HistoryRow } from './claim-history.rules.js';
import { KeptHistory } from './kept-history.rules.js';

const BY_REFERRAL = { referrals: true, persons: false, contract: false, nothing: false };
const BY_PERSON = { ...BY_REFERRAL, persons: true };

const row = (changes: Partial<HistoryRow> = {}): HistoryRow => ({
  rateCardId: 'card',
  month: '2026-10',
  kind: 'delivered',
  referralId: 'r1',
  personId: 'p1',
  lines: 1,
  units: 1,
  ...changes,
});

describe('what is kept of the history of a file', () => {
  it('is what was read, with what was stored since', () => {
    const kept = new KeptHistory();
    kept.open('a');
    kept.learn(BY_REFERRAL, ['r1', 'r2'], [row({ lines: 4, units: 240 })]);
    kept.add(BY_REFERRAL, [row({ units: 60 }), row({ month: '2026-11' }), row({ kind: 'did_not_attend' })]);
    kept.close('b');
    kept.open('b');
    expect(kept.of('r1')).toEqual([
      row({ lines: 5, units: 300 }),
      row({ month: '2026-11' }),
      row({ kind: 'did_not_attend' }),
    ]);
    expect([kept.has('r2'), kept.of('r2'), kept.has('r3')]).toEqual([true, [], false]);
  });

  it.each([
    ['somebody else changed a claim since', (kept: KeptHistory) => kept.close('b'), 'c'],
    ['what was added was undone', () => undefined, 'a'],
  ])('is forgotten when %s', (_why, end, stamp) => {
    const kept = new KeptHistory();
    kept.open('a');
    kept.learn(BY_REFERRAL, ['r1'], []);
    kept.add(BY_REFERRAL, [row()]);
    end(kept);
    kept.open(stamp);
    expect([kept.has('r1'), kept.of('r1')]).toEqual([false, []]);
  });

  it('never has part of a group: claims of one that was not read are left out', () => {
    const kept = new KeptHistory();
    kept.open('a');
    kept.add(BY_REFERRAL, [row()]);
    expect(kept.has('r1')).toBe(false);
  });

  it('goes by persons where a cap does, over all of their referrals; a claim of no one is in none', () => {
    const kept = new KeptHistory();
    kept.open('a');
    kept.learn(BY_PERSON, ['p1'], [row(), row({ referralId: 'r2' })]);
    kept.add(BY_PERSON, [row({ referralId: 'r2' }), row({ referralId: null, personId: null })]);
    expect(kept.of('p1')).toEqual([row(), row({ referralId: 'r2', lines: 2, units: 2 })]);
  });

  it('is open from when it was opened until the next transaction begins', () => {
    const kept = new KeptHistory();
    expect(kept.isOpen).toBe(false);
    kept.open('a');
    kept.close('b');
    expect(kept.isOpen).toBe(true);
    kept.begin();
    expect(kept.isOpen).toBe(false);
  });

  it('begins anew when it has grown too large', () => {
    const kept = new KeptHistory(1);
    kept.open('a');
    kept.learn(BY_REFERRAL, ['r1'], [row(), row({ month: '2026-11' })]);
    kept.open('a');
    expect(kept.has('r1')).toBe(false);
  });
});
