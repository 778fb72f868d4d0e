import { rateKeyOf, type ContractCard } from './card.rules.js';
import { historyToQuote, lineToQuote, type QuoteRequest } from './quote.rules.js';
import type { RateCardTerms } from './rate-card.rules.js';

const CONTRACT = { startsOn: '2026-04-01', endsOn: '2027-03-31' };
const START = new Date('2026-07-01T23:30:00Z'); // 2 July in London
const REQUEST: QuoteRequest = {
  chargeKind: 'primary',
  servedAt: START,
  outcome: 'attended',
  travelled: false,
  earlier: 0,
};
const WHO = { claimId: 'quote', referralId: 'quote', personId: 'quote' };

const TERMS: Record<string, RateCardTerms> = {
  session: { basis: 'session', priceMinor: 9_000n },
  attendance: { basis: 'attendance', priceMinor: 3_200n },
  group_split: { basis: 'group_split', priceMinor: 9_000n, splitBy: 'booked' },
  hour: { basis: 'hour', priceMinor: 4_000n, minuteStep: 15, minuteRounding: 'up' },
  referral: { basis: 'referral', priceMinor: 5_000n },
  milestone: { basis: 'milestone', milestones: [{ code: 'completed', name: 'Completed', priceMinor: 7_000n }] },
  block: { basis: 'block', monthlyMinor: 310_000n },
  recognised: { basis: 'recognised', indicativeMinor: 2_500n },
};

function card(
  terms: RateCardTerms = { basis: 'attendance', priceMinor: 1n },
  effectiveFrom = '2026-04-01',
): ContractCard {
  const what = { contractId: 'contract', serviceId: 'walk', chargeKind: 'primary' };
  const rateKey = rateKeyOf('contract', 'walk', 'primary');
  return { id: `card from ${effectiveFrom}`, ...what, rateKey, effectiveFrom, agreedOn: '2026-03-01', terms };
}

function quoted(basis: string, change: Partial<QuoteRequest> = {}) {
  const held = card(TERMS[basis]);
  return lineToQuote({ ...REQUEST, ...change }, held, [held], CONTRACT);
}

describe('lineToQuote', () => {
  it.each([
    ['session', 'session'],
    ['hour', 'session'],
    ['attendance', 'attendance'],
    ['group_split', 'attendance'],
    ['recognised', 'attendance'],
    ['referral', 'referral'],
    ['milestone', 'milestone'],
    ['block', 'period'],
  ])('quotes by %s what that is earned by: %s', (basis, fact) => {
    expect(quoted(basis, { minutes: 45, milestone: 'completed', activityUnits: 12 })).toMatchObject({ fact });
  });

  it.each([
    ['hour', 'minutes'],
    ['milestone', 'milestone'],
    ['block', 'activityUnits'],
  ])('by %s asks for %s', (basis, missing) => {
    expect(quoted(basis)).toEqual({ missing });
  });

  it('is an attendance where no card is in force', () => {
    expect(lineToQuote(REQUEST, undefined, [], CONTRACT)).toMatchObject({ fact: 'attendance' });
  });

  it('lasts as long as the request says', () => {
    expect(quoted('session', { minutes: 45 })).toMatchObject({
      session: { startsAt: START, endsAt: new Date('2026-07-02T00:15:00Z') },
    });
  });

  it.each<[string, Partial<QuoteRequest>, number, string[]]>([
    ['alone', {}, 1, ['attended']],
    ['absent', { outcome: 'did_not_attend' }, 0, ['did_not_attend']],
    [
      'with two who came and one who did not',
      { booked: 4, present: 3 },
      3,
      ['attended', 'attended', 'attended', 'did_not_attend'],
    ],
    [
      'absent where two came',
      { outcome: 'did_not_attend', booked: 3, present: 2 },
      2,
      ['did_not_attend', 'attended', 'attended'],
    ],
    ['where more came than were booked', { booked: 1, present: 2 }, 2, ['attended', 'attended']],
    ['where nobody says who came', { booked: 2 }, 1, ['attended', 'did_not_attend']],
  ])('puts the person on the roll first: %s', (_, change, attendedCount, outcomes) => {
    const line = quoted('group_split', change);
    const session = 'session' in line ? line.session : undefined;
    expect(session?.attendedCount).toBe(attendedCount);
    expect(session?.roll?.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(session?.roll?.[0]?.attendanceId).toBe('quote');
    expect(line).toMatchObject({ ...WHO, attendanceId: 'quote' });
  });

  it('counts notice back from the start, and only for who cancelled', () => {
    const cancelledAt = new Date('2026-07-01T20:30:00Z');
    expect(quoted('attendance', { outcome: 'cancelled_late', noticeMinutes: 180 })).toMatchObject({ cancelledAt });
    expect(quoted('attendance', { outcome: 'cancelled', noticeMinutes: 180 })).toMatchObject({ cancelledAt });
    expect(quoted('attendance', { noticeMinutes: 180 })).not.toHaveProperty('cancelledAt');
    expect(quoted('attendance', { outcome: 'cancelled_late' })).not.toHaveProperty('cancelledAt');
  });

  it('quotes a monthly amount for the part of the month in which the card holds', () => {
    const old = card(TERMS.block);
    const next = card(TERMS.block, '2026-07-16');
    const part = (held: ContractCard, servedAt: string) =>
      lineToQuote({ ...REQUEST, servedAt: new Date(servedAt), activityUnits: 3 }, held, [old, next], CONTRACT);
    expect(part(old, '2026-07-01T09:00:00Z')).toMatchObject({ firstDay: '2026-07-01', lastDay: '2026-07-15' });
    expect(part(next, '2026-07-30T09:00:00Z')).toMatchObject({ firstDay: '2026-07-16', lastDay: '2026-07-31' });
  });
});

describe('historyToQuote', () => {
  it('is empty for a first charge, and without a card', () => {
    expect(historyToQuote(REQUEST, card())).toEqual([]);
    expect(historyToQuote({ ...REQUEST, earlier: 3 }, undefined)).toEqual([]);
  });

  it.each([
    ['attendance', 6],
    ['hour', 270],
  ])('counts by %s what came before', (basis, units) => {
    expect(historyToQuote({ ...REQUEST, earlier: 6, minutes: 45 }, card(TERMS[basis]))).toEqual([
      {
        rateKey: 'contract/walk/primary',
        referralId: 'quote',
        personId: 'quote',
        month: '2026-07',
        kind: 'delivered',
        standing: 'standing',
        lines: 6,
        units,
      },
    ]);
  });
});
