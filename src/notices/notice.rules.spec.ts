import fc from 'fast-check';
import { londonClock } from '../platform/clock.js';
import { dedupeKey, isLastTry, isPostTime, nextMorning, reminderDay } from './notice.rules.js';
import { contentOf, groupNews, NEWS_TYPES, tellableAt, type News } from './notice-news.rules.js';

describe('the post', () => {
  it.each([
    ['2026-10-23T22:59:00Z', '2026-10-24T07:00:00.000Z'],
    ['2026-10-23T23:30:00Z', '2026-10-25T08:00:00.000Z'], // half past midnight in London, and the clocks go back
    ['2026-10-25T00:30:00Z', '2026-10-26T08:00:00.000Z'],
    ['2027-03-27T12:00:00Z', '2027-03-28T07:00:00.000Z'],
    ['2026-12-31T23:59:59Z', '2027-01-01T08:00:00.000Z'],
  ])('after %s goes at %s', (now, next) => {
    expect(nextMorning(new Date(now)).toISOString()).toBe(next);
  });

  it('always goes at eight in London on the next day', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }), (now) => {
        const next = nextMorning(now);
        expect(londonClock(next)).toMatchObject({ hour: 8, minute: 0 });
        expect(isPostTime(next)).toBe(true);
        const hours = (next.getTime() - now.getTime()) / 3_600_000;
        expect(hours > 7 && hours <= 33).toBe(true);
      }),
    );
  });

  it('does not go before eight', () => {
    expect(isPostTime(new Date('2026-10-29T07:59:59Z'))).toBe(false);
    expect(isPostTime(new Date('2026-07-29T07:00:00Z'))).toBe(true);
  });
});

describe('a month is reminded of', () => {
  const days = { claimBy: '2026-11-06', lastDay: '2027-02-04' };
  it.each([
    ['2026-10-31', undefined],
    ['2026-11-01', '2026-11-06'],
    ['2026-11-06', '2026-11-06'],
    ['2026-11-07', undefined],
    ['2027-01-29', undefined],
    ['2027-01-30', '2027-02-04'],
    ['2027-02-04', '2027-02-04'],
    ['2027-02-05', undefined],
  ])('on %s: %s', (today, day) => {
    expect(reminderDay(today, days)).toBe(day);
  });
});

describe('a notice', () => {
  it('is given up after eight refusals of its address, or two hundred tries with a server that is away', () => {
    expect([isLastTry(7, true), isLastTry(8, true), isLastTry(199, false), isLastTry(200, false)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('has one key for each kind, subject, day and member', () => {
    const keys = [
      dedupeKey('query', 'a', 'm'),
      dedupeKey('rejection', 'a', 'm'),
      dedupeKey('query', 'b', 'm'),
      dedupeKey('query', 'a', 'n'),
      dedupeKey('query', 'a', 'm', '2026-11-01'),
      dedupeKey('query', 'a', 'm', '2026-11-02'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

function news(more: Partial<News>): News {
  return {
    eventId: 'e1',
    type: 'claim.queried',
    subjectId: 's1',
    commissionerId: 'c1',
    providerId: 'p1',
    provider: 'PROV',
    recordedAt: new Date('2026-10-29T09:00:00Z'),
    lookAgainAt: null,
    stands: true,
    batchId: 'b1',
    batch: 'SP-1-2026-10-1',
    reference: null,
    amountMinor: null,
    accountId: null,
    appliesOn: null,
    ...more,
  };
}

describe('news', () => {
  it('of one batch is told together, and of another on its own', () => {
    const groups = groupNews([news({}), news({ eventId: 'e2' }), news({ eventId: 'e3', batchId: 'b2' })]);
    expect(groups.map(({ kind, subject, news: told }) => [kind, subject, told.length])).toEqual([
      ['query', 'b1', 2],
      ['query', 'b2', 1],
    ]);
  });

  it('goes to those who can act on it', () => {
    const recipients = groupNews(NEWS_TYPES.map((type) => news({ type, eventId: type }))).map((group) => [
      group.kind,
      ...group.recipients.map(({ organisationId, roles }) => `${organisationId}: ${roles.join(', ')}`),
    ]);
    const bank = ['bank_details_changed', 'p1: treasurer, admin', 'c1: finance'];
    expect(recipients).toEqual([
      ['referral_waiting', 'p1: coordinator'],
      ['query', 'p1: coordinator'],
      ['rejection', 'p1: coordinator'],
      ['batch_waiting', 'c1: approver'],
      ['remittance', 'p1: treasurer'],
      bank,
      bank,
      bank,
      bank,
    ]);
  });

  it('that no longer stands is not told, and does not count', () => {
    const [group] = groupNews([news({ stands: false }), news({ eventId: 'e2' }), news({ eventId: 'e3' })]);
    expect(group && contentOf(group, 0)).toEqual({
      kind: 'query',
      data: { batchId: 'b1', batch: 'SP-1-2026-10-1', count: 2 },
    });
    const [none] = groupNews([news({ stands: false })]);
    expect(none && contentOf(none, 5)).toBeUndefined();
  });

  it('waits five minutes for more of its kind, counted from the first, unless it is told on its own', () => {
    const at = (time: string) => new Date(`2026-10-29T${time}:00Z`);
    const tellable = (...all: Partial<News>[]) =>
      groupNews(all.map(news)).map((group) => tellableAt(group).toISOString().slice(11, 16));
    expect(tellable({ recordedAt: at('09:00') }, { recordedAt: at('09:04') })).toEqual(['09:05']);
    expect(tellable({ recordedAt: at('09:00'), lookAgainAt: at('12:00') })).toEqual(['12:00']);
    expect(tellable({ type: 'payout.paid', recordedAt: at('09:00') })).toEqual(['09:00']);
  });

  it('of a payment and of bank details is told one by one', () => {
    const paid = { type: 'payout.paid', subjectId: 'o1', reference: 'NM-P1', amountMinor: 6_400n } as const;
    const change = { type: 'payout_account.change_confirmed', accountId: 'a1', appliesOn: '2026-10-31' } as const;
    const contents = groupNews([news(paid), news({ ...change, eventId: 'e2' })]).map((group) => contentOf(group, 0));
    expect(contents).toEqual([
      { kind: 'remittance', data: { payoutId: 'o1', reference: 'NM-P1', amountMinor: '6400' } },
      {
        kind: 'bank_details_changed',
        data: { step: 'confirmed', accountId: 'a1', provider: 'PROV', appliesOn: '2026-10-31' },
      },
    ]);
  });
});
