import fc from 'fast-check';
import { ACCOUNT_PATIENCE, afterFailure, mayTry, networkOf, type Failures } from './back-off.rules.js';

const START = new Date('2026-10-29T09:00:00Z');
const MINUTE_MS = 60_000;
const later = (at: Date, ms: number) => new Date(at.getTime() + ms);

/** Somebody who fails whenever they are let, for so many tries. */
function failing(tries: number): Failures[] {
  const all: Failures[] = [];
  let known: Failures | null = null;
  for (let done = 0; done < tries; done++) {
    known = afterFailure(known, known?.freeAt ?? START, ACCOUNT_PATIENCE);
    all.push(known);
  }
  return all;
}

describe('backing off', () => {
  it('lets the first tries follow one another, then doubles the wait up to a quarter of an hour', () => {
    const waits = failing(20).map(({ freeAt, lastFailedAt }) => (freeAt.getTime() - lastFailedAt.getTime()) / 1000);
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(waits.slice(5, 10)).toEqual([1, 2, 4, 8, 16]);
    expect(waits.slice(15)).toEqual([900, 900, 900, 900, 900]);
  });

  it('never locks anybody out: whatever came before, a quarter of an hour is enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(1_000_000), (count, ago) => {
        const lastFailedAt = later(START, -ago);
        const next = afterFailure({ count, lastFailedAt, freeAt: lastFailedAt }, START, ACCOUNT_PATIENCE);
        expect(mayTry(next, later(START, 15 * MINUTE_MS))).toBe(true);
      }),
    );
  });

  it('looks at no try before its time', () => {
    const [sixth] = failing(6).slice(-1);
    expect(mayTry(sixth ?? null, later(sixth?.lastFailedAt ?? START, 999))).toBe(false);
    expect(mayTry(sixth ?? null, later(sixth?.lastFailedAt ?? START, 1000))).toBe(true);
    expect(mayTry(null, START)).toBe(true);
  });

  it('forgets failures after a day without one', () => {
    const many = { count: 50, lastFailedAt: START, freeAt: START };
    expect(afterFailure(many, later(START, 24 * 60 * MINUTE_MS), ACCOUNT_PATIENCE).count).toBe(1);
    expect(afterFailure(many, later(START, 24 * 60 * MINUTE_MS - 1), ACCOUNT_PATIENCE).count).toBe(51);
  });
});

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.99', '203.0.113.0/24'],
    ['2001:db8:0:12::1', '2001:db8:0:12::/64'],
    ['2001:0db8:0000:0012:ffff:ffff:ffff:ffff', '2001:db8:0:12::/64'],
    ['2001:DB8:0:12::2%eth0', '2001:db8:0:12::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1', 'fe80:0:0:0::/64'],
  ])('%s is in %s', (address, network) => expect(networkOf(address)).toBe(network));

  it.each(['', 'localhost', '1.2.3', '1:2:3', '1::2::3', 'g::1', '1:2:3:4:5:6:7:8:9', '::1:2:3:4:5:6:7:8'])(
    '%j is in none',
    (address) => expect(networkOf(address)).toBe('unknown'),
  );
});
