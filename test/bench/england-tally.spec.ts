import type { DeliveredRow } from './england-delivery.js';
import { grossOf, NOTHING, plus, tallyOf } from './england-tally.js';

const row = (outcome: DeliveredRow['outcome'], more: Partial<DeliveredRow> = {}): DeliveredRow => ({
  referral: 'P00001-01-0001',
  on: '2025-04-07',
  start: '09:00',
  minutes: 60,
  outcome,
  session: null,
  attendedSoFar: 1,
  missedSoFar: 0,
  ...more,
});
const rows = (count: number, one: DeliveredRow) => Array.from({ length: count }, () => one);

/** Worked out by hand from what docs/ and the cards say. */
describe('what a month must come to', () => {
  it('pays each who came, half for one who did not, and a quarter for one who called it off late', () => {
    const month = [...rows(3, row('attended')), row('missed', { missedSoFar: 2 }), row('cancelled_late')];
    expect(tallyOf('flat', month)).toEqual({
      ...NOTHING,
      sessions: 5n,
      claims: 5n,
      batches: 1n,
      claimedMinor: 12_000n,
      approvedMinor: 12_000n,
    });
    expect(tallyOf('flat', [row('missed', { missedSoFar: 3 })])).toMatchObject({ flagged: 1n, claimedMinor: 1_600n });
  });

  it.each([
    [100, 300_000n],
    [101, 302_750n],
    [250, 712_500n],
    [252, 717_498n],
  ])('goes by the step of each of %d people', (people, minor) => {
    expect(tallyOf('tiers', [...rows(people, row('attended')), row('missed')]).claimedMinor).toBe(minor);
  });

  it('pays a group as a whole, whoever came, and nothing when nobody did', () => {
    const group = (session: string, came: number) => [
      ...rows(came, row('attended', { session })),
      ...rows(8 - came, row('missed', { session })),
    ];
    const month = [...group('G-0-0-0', 7), ...group('G-0-0-1', 1), ...group('G-0-0-2', 0)];
    expect(tallyOf('split', month)).toMatchObject({ sessions: 3n, claims: 24n, flagged: 8n, claimedMinor: 32_000n });
  });

  it('rounds each visit once, half up, and again where a part of it is due', () => {
    const came = [30, 45, 60, 90].map((minutes) => tallyOf('hours', [row('attended', { minutes })]).claimedMinor);
    expect(came).toEqual([2_125n, 3_188n, 4_250n, 6_375n]);
    expect(tallyOf('hours', [row('missed', { minutes: 45 })]).claimedMinor).toBe(1_063n);
  });

  it('takes off the line that is rejected, and works VAT out once', () => {
    const month = [
      ...rows(2, row('attended', { attendedSoFar: 8 })),
      ...rows(3, row('attended', { attendedSoFar: 9 })),
    ];
    const tally = tallyOf('capped', [...month, row('missed')]);
    expect(tally).toMatchObject({ flagged: 3n, rejected: 1n, claimedMinor: 13_995n, approvedMinor: 11_196n });
    expect([tally.vatMinor, grossOf(tally)]).toEqual([2_239n, 13_435n]);
  });

  it('adds up, and is nothing where nothing was done', () => {
    expect(tallyOf('tiers', [])).toEqual(NOTHING);
    const one = tallyOf('tiers', [row('attended')]);
    expect(plus(one, one)).toMatchObject({ claims: 2n, batches: 2n, approvedMinor: 6_000n, referrals: 0n });
  });
});
