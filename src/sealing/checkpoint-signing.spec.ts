import {
  contradictionOf,
  HOLD_CODES,
  isHeldByWitness,
  pointsOf,
  whyHeld,
  type HoldCode,
  type KeptLog,
  type StoreReading,
} from './checkpoint-signing.rules.js';

const at = (size: number) => ({ size, root: Buffer.alloc(32, size) });
const published = (size: number): StoreReading => ({ kind: 'published', published: at(size) });

describe('a log', () => {
  const kept: KeptLog = { size: 20, publishedSize: 10, signed: at(10) };

  it.each<[string, Partial<KeptLog>, StoreReading, HoldCode | undefined]>([
    ['goes on from what is published', {}, published(10), undefined],
    ['goes on where another process of its database has published more', {}, published(20), undefined],
    ['is published for the first time', { publishedSize: null }, { kind: 'nothing' }, undefined],
    ['is published nowhere', {}, { kind: 'none' }, undefined],
    ['was never sealed', { size: 0, publishedSize: null, signed: null }, { kind: 'nothing' }, undefined],
    ['is behind what was published', {}, published(21), 'behind_published'],
    [
      'is behind though nothing is left of it',
      { size: 0, publishedSize: null, signed: null },
      published(1),
      'behind_published',
    ],
    ['was published and is no longer', {}, { kind: 'nothing' }, 'published_missing'],
    ['was published further than the store says', { publishedSize: 15 }, published(10), 'published_missing'],
    ['has something else in its place', {}, { kind: 'unreadable' }, 'published_unreadable'],
    ['cannot be compared', {}, { kind: 'unreachable' }, 'store_unreachable'],
    ['was signed by somebody else', { signed: 'unknown' }, { kind: 'none' }, 'key_unknown'],
    ['has a note that is not its own', { signed: 'other' }, { kind: 'none' }, 'differs_from_signed'],
    ['was signed and published by somebody else', { signed: 'unknown' }, { kind: 'unreadable' }, 'key_unknown'],
  ])('%s', (_, more, store, code) => {
    expect(whyHeld({ ...kept, ...more }, store)).toBe(code);
  });

  it('is known at the sizes that were signed, are to be signed, and are published, in this order', () => {
    const sizes = (signed: KeptLog['signed'], store: StoreReading) =>
      pointsOf(signed, [at(12), at(20)], store).map(
        ({ size, isPublished }) => `${size}${isPublished ? ' published' : ''}`,
      );
    expect(sizes(at(10), published(15))).toEqual(['10', '12', '15 published', '20']);
    expect(sizes(at(10), published(10))).toEqual(['10', '10 published', '12', '20']);
    expect(sizes(null, { kind: 'nothing' })).toEqual(['12', '20']);
  });

  it('contradicts what was published wherever that is one of the two', () => {
    const here = { ...at(3), isPublished: false };
    const outside = { ...at(4), isPublished: true };
    expect(contradictionOf(here, here)).toBe('differs_from_signed');
    expect([contradictionOf(here, outside), contradictionOf(outside, here)]).toEqual([
      'differs_from_published',
      'differs_from_published',
    ]);
  });

  it('is let go by a witness that held it, and by nobody else', () => {
    expect(HOLD_CODES.filter(isHeldByWitness)).toEqual(['behind_witness', 'differs_from_witness']);
    expect(isHeldByWitness(null)).toBe(false);
  });
});
