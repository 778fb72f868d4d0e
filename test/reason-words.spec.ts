import fc from 'fast-check';
import type { ClaimFlag } from '../src/delivery/index.js';
import { wordClaimFlag } from '../src/delivery/index.js';
import { wordClaimFlagIn, wordFlagIn, wordReasonIn } from '../src/portal/wording/reason-words.rules.js';
import { wordFlag, wordReason, type Flag, type Reason } from '../src/pricing/index.js';
import type { Translate } from '../src/words/index.js';
import { readCatalogue } from '../src/words/words.service.js';
import { saying } from './support/words.js';

const minor = fc.bigInt({ min: 0n, max: 99_999_999n }).map(String);
const count = fc.integer({ min: 0, max: 2_000 });
const minutes = fc.oneof(fc.constantFrom(45, 60, 90), fc.integer({ min: 0, max: 6_000 }));
const notice = fc.option(fc.integer({ min: -600, max: 6_000 }), { nil: null });
const required = fc.option(minutes, { nil: null });
const basisPoints = fc.integer({ min: 0, max: 20_000 });
const share = fc.option(basisPoints, { nil: null });
const outcome = fc.constantFrom('did_not_attend' as const, 'cancelled_late' as const);
const splitBy = fc.constantFrom('booked' as const, 'present' as const);
const name = fc.string({ minLength: 1, maxLength: 30 });
const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2039-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const capFigures = {
  cap: fc.constantFrom('referral' as const, 'person_month' as const, 'contract' as const),
  unit: fc.constantFrom('session' as const, 'attendance' as const, 'referral' as const, 'milestone' as const),
  number: count,
  limit: count,
};
const missedFigures = {
  basisPoints,
  noticeMinutes: notice,
  requiredMinutes: required,
  baseMinor: minor,
  amountMinor: minor,
};

type Figures<T extends { readonly code: string }> = {
  readonly [Code in T['code']]: {
    readonly [Field in Exclude<keyof Extract<T, { readonly code: Code }>, 'code'>]: fc.Arbitrary<
      Extract<T, { readonly code: Code }>[Field]
    >;
  };
};

/** Figures of every reason: a code that is added does not compile until it is here. */
const REASONS: Figures<Reason> = {
  unit_price: { unit: fc.constantFrom('session', 'person', 'referral'), unitMinor: minor },
  hours: {
    elapsedMinutes: minutes,
    billedMinutes: minutes,
    rates: fc.array(fc.record({ minutes, hourMinor: minor }), { maxLength: 4 }),
    amountMinor: minor,
  },
  tier: {
    mode: fc.constantFrom('marginal', 'whole_volume'),
    per: fc.constantFrom('contract', 'month'),
    above: count,
    unitMinor: minor,
  },
  group_share: { splitBy, people: count, sessionMinor: minor, amountMinor: minor },
  absent_share: { basisPoints, shareMinor: minor, amountMinor: minor },
  did_not_attend: missedFigures,
  cancelled_late: missedFigures,
  cancelled_in_time: { noticeMinutes: notice, requiredMinutes: required },
  missed_not_paid: { outcome },
  below_minimum: { attended: count, minimum: count, basisPoints, baseMinor: minor, amountMinor: minor },
  minimum_charge: { priceMinor: minor, minimumMinor: minor },
  out_of_hours: {
    when: fc.constantFrom('early_or_late', 'weekend', 'bank_holiday'),
    basisPoints: share,
    amountMinor: minor,
  },
  travel: { basisPoints: share, amountMinor: minor },
  covered: capFigures,
  milestone: { milestone: name, name, amountMinor: minor },
  block_month: {
    days: fc.integer({ min: 28, max: 31 }),
    daysInMonth: fc.integer({ min: 28, max: 31 }),
    monthlyMinor: minor,
    amountMinor: minor,
  },
  block_in_proportion: {
    bound: fc.constantFrom('floor', 'ceiling'),
    activityUnits: count,
    units: count,
    amountMinor: minor,
  },
  block_further_units: { furtherUnits: count, unitMinor: minor, amountMinor: minor },
  recognised: { indicativeMinor: minor },
};

const PRICE_FLAGS: Figures<Flag> = {
  over_cap: capFigures,
  over_missed_maximum: { outcome, number: count, maximum: count },
  below_minimum_attendance: { attended: count, minimum: count },
  nobody_to_split: { splitBy },
  limit_not_checked: { missing: fc.constantFrom('referral', 'person') },
  notice_not_recorded: {},
  block_below_floor: { activityUnits: count, units: count },
  block_above_ceiling: { activityUnits: count, units: count },
  no_rate_card: {},
  fact_does_not_earn: {
    fact: fc.constantFrom('session', 'attendance', 'referral', 'milestone', 'period', 'an older fact'),
    basis: fc.constantFrom(
      'session',
      'attendance',
      'group_split',
      'hour',
      'referral',
      'milestone',
      'block',
      'recognised',
      'per_head_old',
    ),
  },
  milestone_not_on_card: { milestone: name },
};

const CLAIM_FLAGS: Figures<ClaimFlag> = {
  ...PRICE_FLAGS,
  late_claim: { lastDay: day, submittedOn: day },
  unconfirmed_referral: {},
  referral_closed: { closedOn: day },
  before_acceptance: { acceptedOn: day },
  service_differs: {},
  amount_differs: { expectedMinor: minor, priceMinor: minor },
  another_that_day: {},
  roll_incomplete: { booked: count, recorded: count },
};

function anyOf<T extends { readonly code: string }>(figures: Figures<T>, code: string): fc.Arbitrary<T> {
  const fields = figures[code as T['code']] as Readonly<Record<string, fc.Arbitrary<unknown>>>;
  return fc.record({ code: fc.constant(code), ...fields }) as unknown as fc.Arbitrary<T>;
}

const codesOf = (figures: object) => Object.keys(figures).map((code) => [code]);

let en: Translate;
let cy: Translate;

beforeAll(async () => {
  en = await saying('en');
  cy = await saying('cy');
});

describe('the portal says in English what documents and the API say', () => {
  it.each(codesOf(REASONS))('of the reason %s', (code) => {
    fc.assert(fc.property(anyOf(REASONS, code), (reason) => expect(wordReasonIn(en, reason)).toBe(wordReason(reason))));
  });

  it.each(codesOf(PRICE_FLAGS))('of the flag %s', (code) => {
    fc.assert(fc.property(anyOf(PRICE_FLAGS, code), (flag) => expect(wordFlagIn(en, flag)).toBe(wordFlag(flag))));
  });

  it.each(codesOf(CLAIM_FLAGS))('of the flag %s of a claim, with days as people write them', (code) => {
    const spoken = (text: string) => text.replace(/\b20\d\d-\d\d-\d\d\b/g, (iso) => en.day(iso));
    fc.assert(
      fc.property(anyOf(CLAIM_FLAGS, code), (flag) =>
        expect(wordClaimFlagIn(en, flag)).toBe(spoken(wordClaimFlag(flag))),
      ),
    );
  });
});

describe('the portal says it in Welsh', () => {
  const catalogue = readCatalogue('cy');

  it('with every place filled, and every message of the catalogue used', () => {
    const said = new Set<string>();
    const listening: Translate = Object.assign(
      (key: string, params = {}) => {
        said.add(key);
        return cy(key, params);
      },
      { ...cy, has: (key: string) => cy.has(key) },
    );
    const hear = <T extends { readonly code: string }>(figures: Figures<T>, word: (t: Translate, one: T) => string) => {
      for (const code of Object.keys(figures)) {
        const filled = fc.property(anyOf(figures, code), (one) =>
          expect(word(listening, one)).not.toMatch(/\{@?\w+\}|reasons\./),
        );
        fc.assert(filled, { seed: 1, numRuns: 300 }); // always the same figures, so that every message is heard
      }
    };
    hear(REASONS, (t, reason) => (reason.code === 'milestone' ? '' : wordReasonIn(t, reason)));
    hear(CLAIM_FLAGS, (t, flag) => (flag.code === 'milestone_not_on_card' ? '' : wordClaimFlagIn(t, flag)));
    wordReasonIn(listening, { code: 'milestone', milestone: 'm', name: 'M', amountMinor: '1' });
    wordClaimFlagIn(listening, { code: 'milestone_not_on_card', milestone: 'm' });
    const all = [...catalogue.keys()].filter((key) => key.startsWith('reasons.'));
    expect(all.filter((key) => !said.has(key))).toEqual([]);
  });

  it.each([
    [
      { code: 'covered', cap: 'referral', unit: 'attendance', number: 7, limit: 6 },
      "Sesiwn rhif 7; mae'r cerdyn yn talu am 6",
    ],
    [{ code: 'unit_price', unit: 'session', unitMinor: '3500' }, 'Sesiwn: £35.00'],
  ] as const)('%j', (reason, expected) => expect(wordReasonIn(cy, reason)).toBe(expected));
});
