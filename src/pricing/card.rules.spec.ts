import { expectedMinor, shortfallOf } from './budget.rules.js';
import { cardFor, cardPeriods, rateKeyOf, type ContractCard } from './card.rules.js';
import type { RateCardTerms } from './rate-card.rules.js';

const CONTRACT = { startsOn: '2026-04-01', endsOn: '2027-03-31' };
const ATTENDANCE: RateCardTerms = { basis: 'attendance', priceMinor: 3_200n };
const HOUR: RateCardTerms = { basis: 'hour', priceMinor: 4_000n, minuteStep: 15, minuteRounding: 'up' };

function card(id: string, effectiveFrom: string, more: Partial<ContractCard> = {}): ContractCard {
  const { serviceId = 'walk', chargeKind = 'primary' } = more;
  return {
    id,
    contractId: 'contract',
    serviceId,
    chargeKind,
    rateKey: rateKeyOf('contract', serviceId, chargeKind),
    effectiveFrom,
    agreedOn: '2026-03-01',
    terms: ATTENDANCE,
    ...more,
  };
}

describe('cardFor', () => {
  const cards = [
    card('old', '2026-04-01'),
    card('new', '2026-10-01'),
    card('sing', '2026-01-01', { serviceId: 'sing' }),
    card('end', '2026-11-01', { chargeKind: 'completion' }),
  ];

  it.each([
    ['walk', '2026-09-30', 'primary', 'old'],
    ['walk', '2026-12-01', 'primary', 'new'],
    ['walk', '2026-12-01', 'completion', 'end'],
    ['walk', '2026-10-31', 'completion', undefined],
    ['sing', '2026-12-01', 'primary', 'sing'],
    ['walk', '2026-03-31', 'primary', undefined],
  ])('prices %s on %s as %s by %s', (serviceId, day, chargeKind, expected) => {
    expect(cardFor(cards, serviceId, day, chargeKind)?.id).toBe(expected);
  });

  it('is the primary rate unless another is named', () => {
    expect(cardFor(cards, 'walk', '2026-12-01')?.id).toBe('new');
  });
});

describe('cardPeriods', () => {
  const inWords = (cards: ContractCard[], month: string, contract = CONTRACT) =>
    cardPeriods(cards, contract, 'walk', month).map(
      (period) => `${period.card.id} ${period.firstDay} ${period.lastDay}`,
    );

  it.each<[string, ContractCard[], string, string[]]>([
    ['a whole month', [card('a', '2026-01-01')], '2026-06', ['a 2026-06-01 2026-06-30']],
    ['a February', [card('a', '2026-01-01')], '2027-02', ['a 2027-02-01 2027-02-28']],
    [
      'a change of card',
      [card('a', '2026-01-01'), card('b', '2026-06-16')],
      '2026-06',
      ['a 2026-06-01 2026-06-15', 'b 2026-06-16 2026-06-30'],
    ],
    [
      'a card that comes back after another',
      [card('a', '2026-01-01'), card('b', '2026-06-10', { effectiveTo: '2026-06-19' })],
      '2026-06',
      ['a 2026-06-01 2026-06-09', 'b 2026-06-10 2026-06-19', 'a 2026-06-20 2026-06-30'],
    ],
    [
      'days without a card',
      [card('a', '2026-01-01', { effectiveTo: '2026-06-09' }), card('b', '2026-06-20')],
      '2026-06',
      ['a 2026-06-01 2026-06-09', 'b 2026-06-20 2026-06-30'],
    ],
    ['no card', [], '2026-06', []],
    ['the month before the contract', [card('a', '2026-01-01')], '2026-03', []],
  ])('of %s', (_, cards, month, expected) => {
    expect(inWords(cards, month)).toEqual(expected);
  });

  it('are cut at the first and the last day of the contract', () => {
    const short = { startsOn: '2026-06-05', endsOn: '2026-06-25' };
    expect(inWords([card('a', '2026-01-01')], '2026-06', short)).toEqual(['a 2026-06-05 2026-06-25']);
  });
});

describe('expectedMinor', () => {
  const cards = [
    card('a', '2026-04-01'),
    card('b', '2026-10-01', { terms: { basis: 'attendance', priceMinor: 5_000n } }),
    card('h', '2026-04-01', { serviceId: 'advice', terms: HOUR }),
    card('s', '2026-04-01', { serviceId: 'sing', terms: { basis: 'session', priceMinor: 9_000n } }),
  ];
  const activity = (serviceId: string, sessionsLeft: number) => ({ serviceId, referrals: 1, sessionsLeft });

  it.each([
    ['nobody is referred', [], 0n],
    ['a person has sessions left', [activity('walk', 6)], 19_200n],
    ['hours are left too', [activity('walk', 1), activity('advice', 3)], 15_200n],
    ['the price is for a session, however many come', [activity('sing', 6)], 0n],
    ['the service has no card', [activity('paint', 6)], 0n],
  ])('when %s', (_, activities, expected) => {
    expect(expectedMinor(activities, cards, '2026-09-30')).toBe(expected);
  });

  it('goes by the price of today', () => {
    expect(expectedMinor([activity('walk', 2)], cards, '2026-10-01')).toBe(10_000n);
  });
});

describe('shortfallOf', () => {
  it.each([
    [-500n, 500n, undefined],
    [-501n, 500n, 1n],
    [501n, 0n, undefined],
    [-1n, 0n, 1n],
    [10n, -30n, undefined],
    [-10n, -30n, 40n],
  ])('a change of %s with %s left', (changeMinor, leftMinor, expected) => {
    expect(shortfallOf(changeMinor, leftMinor)).toBe(expected);
  });
});
