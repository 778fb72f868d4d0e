import fc from 'fast-check';
import {
  ERASURE_GROUNDS,
  REMAINING,
  remainsOf,
  whyNotErase,
  type ErasureGround,
  type ErasureRefusal,
} from './erasure.rules.js';

const AT = new Date('2026-11-25T09:00:00Z');
const KNOWN = { erasedAt: null, heldAt: null };
const NOTHING_OPEN = { openReferrals: 0, undecidedClaims: 0 };
const OPEN = { openReferrals: 1, undecidedClaims: 2 };

describe('whether a person can be erased', () => {
  it.each<[string, typeof KNOWN | object, typeof OPEN, ErasureGround, boolean, ErasureRefusal | undefined]>([
    ['nothing open', {}, NOTHING_OPEN, 'objection', false, undefined],
    [
      'an open referral',
      {},
      { openReferrals: 1, undecidedClaims: 0 },
      'objection',
      false,
      { why: 'open_work', openReferrals: 1, undecidedClaims: 0 },
    ],
    [
      'an undecided claim',
      {},
      { openReferrals: 0, undecidedClaims: 1 },
      'unlawful',
      false,
      { why: 'open_work', openReferrals: 0, undecidedClaims: 1 },
    ],
    ['open work, passed over because the law demands it', {}, OPEN, 'legal_obligation', true, undefined],
    ['open work, passed over because it was unlawful', {}, OPEN, 'unlawful', true, undefined],
    [
      'open work, passed over on a ground that can wait',
      {},
      OPEN,
      'consent_withdrawn',
      true,
      { why: 'force_not_lawful' },
    ],
    ['force where nothing is open', {}, NOTHING_OPEN, 'objection', true, undefined],
    ['a hold', { heldAt: AT }, NOTHING_OPEN, 'objection', false, { why: 'held' }],
    ['a hold, before what the law demands', { heldAt: AT }, OPEN, 'legal_obligation', true, { why: 'held' }],
    ['erased already', { erasedAt: AT }, OPEN, 'unlawful', true, { why: 'erased' }],
  ])('%s', (_, person, work, ground, force, expected) => {
    expect(whyNotErase({ ...KNOWN, ...person }, work, { ground, force })).toEqual(expected);
  });

  it('never goes before a hold, and never twice', () => {
    const grounds = fc.constantFrom(...ERASURE_GROUNDS);
    fc.assert(
      fc.property(grounds, fc.boolean(), fc.nat(9), fc.nat(9), fc.boolean(), (ground, force, open, undecided, held) => {
        const work = { openReferrals: open, undecidedClaims: undecided };
        const person = held ? { erasedAt: null, heldAt: AT } : { erasedAt: AT, heldAt: null };
        expect(whyNotErase(person, work, { ground, force })?.why).toBe(held ? 'held' : 'erased');
      }),
    );
  });
});

describe('what remains', () => {
  it('is all of it, each with a reason and where to look', () => {
    const remains = remainsOf({ referrals: 3, claims: 5, hashes: 2 });
    expect(remains.map(({ what }) => what)).toEqual([...REMAINING]);
    expect(remains.map(({ count }) => count)).toEqual([5, 3, null, 2, null, null, null, null]);
    for (const { means, why, find } of remains) expect([means, why, find].every((text) => text.length > 10)).toBe(true);
  });
});
