import fc from 'fast-check';
import { PublishCard, type Basis } from '../../pricing/index.js';
import type { Translate } from '../../words/index.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { readTerms } from './card-form.rules.js';
import { typedCard } from './card-typed.rules.js';
import { basisPointsOf, rowsOf, slugOf, tidyCode } from './typed.rules.js';

const Terms = PublishCard.shape.terms;

/** Says a message by its key. */
const t = ((key: string) => key) as unknown as Translate;

function read(basis: Basis, typed: Record<string, string | string[]>) {
  const fields = new Fields(typed);
  const form = new Form(t, fields);
  return { terms: readTerms(form, fields, basis), errors: form.errors.map(({ field, text }) => `${field}: ${text}`) };
}

const EXTRAS = {
  caps: { perReferral: 6, perPersonPerMonth: 4, perContract: 300 },
  countMissed: true,
  minimumChargeMinor: '1500',
  outOfHours: {
    supplement: { kind: 'percentage', basisPoints: 2_050 },
    from: '09:00',
    until: '17:30',
    weekends: true,
    bankHolidays: false,
  },
  travel: { kind: 'fixed', amountMinor: '450' },
} as const;
const TIERS = {
  mode: 'marginal',
  per: 'contract',
  steps: [
    { above: 50, priceMinor: '3000' },
    { above: 100, priceMinor: '2805' },
  ],
} as const;
const LATE = { basisPoints: 5_000, maximumPerReferral: 2, noticeMinutes: 1_440 };

const CARDS: readonly object[] = [
  { basis: 'session', priceMinor: '9000', tiers: TIERS, lateCancel: LATE, minimumAttendance: 4, ...EXTRAS },
  { basis: 'attendance', priceMinor: '3200', didNotAttend: { basisPoints: 2_500, maximumPerReferral: 1 }, ...EXTRAS },
  {
    basis: 'group_split',
    priceMinor: '10001',
    splitBy: 'booked',
    absentShareBasisPoints: 5_000,
    noticeMinutes: 90,
    minimumAttendance: 3,
    belowMinimumBasisPoints: 1_250,
    ...EXTRAS,
  },
  { basis: 'group_split', priceMinor: '5', splitBy: 'present' },
  { basis: 'hour', priceMinor: '4000', minuteStep: 15, minuteRounding: 'nearest', tiers: TIERS, lateCancel: LATE },
  { basis: 'referral', priceMinor: '5000', tiers: { ...TIERS, mode: 'whole_volume', per: 'month' } },
  { basis: 'milestone', milestones: [{ code: 'follow_up_12', name: 'Follow-up', priceMinor: '7000' }] },
  { basis: 'block', monthlyMinor: '310000' },
  {
    basis: 'block',
    monthlyMinor: '310000',
    floor: { units: 20, rule: 'in_proportion' },
    ceiling: { units: 90, rule: 'each_further_unit', unitPriceMinor: '3105' },
  },
  { basis: 'recognised', indicativeMinor: '2500', caps: { perContract: 9 } },
];

describe('a rate card', () => {
  it.each(CARDS)('%j is read from its form as it was', (card) => {
    const terms = Terms.parse(card);
    const { terms: again, errors } = read(terms.basis, typedCard(terms));
    expect(errors).toEqual([]);
    expect(Terms.parse(again)).toEqual(terms);
  });

  it.each<[Basis, Record<string, string>, string[]]>([
    ['session', {}, ['price: contracts.card.priceMissing']],
    ['session', { price: '9', absentPercent: '50' }, []],
    ['attendance', { price: '9', absentPercent: '101' }, ['absentPercent: contracts.notPercent']],
    ['attendance', { price: '9', absentMax: '2' }, ['absentPercent: contracts.card.missedPercentMissing']],
    ['attendance', { price: '9', latePercent: '50' }, ['lateNotice: contracts.card.lateNoticeMissing']],
    ['attendance', { price: '9', lateNotice: '24' }, ['latePercent: contracts.card.missedPercentMissing']],
    ['attendance', { price: '9', travelKind: 'fixed' }, ['travelAmount: contracts.card.supplementMissing']],
    [
      'attendance',
      { price: '9', 'tier-0-above': '9' },
      [
        'tier-0-price: contracts.card.tierPriceMissing',
        'tierMode: contracts.card.tierModeMissing',
        'tierPer: contracts.card.tierPerMissing',
      ],
    ],
    ['group_split', { price: '9' }, ['splitBy: contracts.card.splitByMissing']],
    ['milestone', {}, ['milestone-0-name: contracts.card.milestoneNameMissing']],
    [
      'milestone',
      { 'milestone-3-name': '12', 'milestone-3-price': '1' },
      ['milestone-3-name: contracts.card.milestoneNameWrong'],
    ],
    ['block', { price: '9', ceilingUnits: '5' }, ['ceilingRule: contracts.card.boundRuleMissing']],
  ])('by %s with %j says what to mend', (basis, typed, errors) => expect(read(basis, typed).errors).toEqual(errors));
});

describe('what people type', () => {
  it.each([
    ['50', 5_000],
    ['12.5', 1_250],
    ['12,05', 1_205],
    ['0', 0],
    ['-1', undefined],
    ['1.234', undefined],
    ['', undefined],
  ])('%s %% is %s', (text, points) => expect(basisPointsOf(text)).toBe(points));

  it.each([
    ['Follow-up, 12 weeks', 'follow_up_12_weeks'],
    ['Ŵythnos gyntaf!', 'wythnos_gyntaf'],
    ['12 weeks', 'weeks'],
    ['   ', ''],
    ['x'.repeat(60), 'x'.repeat(40)],
  ])('%s is called %s', (text, slug) => expect(slugOf(text)).toBe(slug));

  it('is called by a code, or by nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(slugOf(text)).toMatch(/^(?:[a-z][a-z0-9_]{0,39})?$/)));
  });

  it('becomes a code in one spelling', () => expect(tidyCode('sp walk_2 x')).toBe('SP-WALK-2-X'));

  it.each<[Record<string, string>, number[]]>([
    [{}, [0]],
    [{ 'tier-2-above': '1', 'tier-0-above': '' }, [0, 2]],
    [{ 'tier-2-above': '1', _add: '1' }, [2, 3]],
    [{ 'tier-2-above': '1', 'tier-3-above': '1', _remove: '2' }, [3]],
    [{ 'tier-2-above': '1', _remove: '2' }, [0]],
  ])('in rows %j has the rows %j', (typed, rows) => expect(rowsOf(new Fields(typed), 'tier', 'above')).toEqual(rows));
});
