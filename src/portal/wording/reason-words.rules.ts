import type { ClaimFlag } from '../../delivery/index.js';
import type { Flag, Reason } from '../../pricing/index.js';
import type { Translate } from '../../words/index.js';

type Words<T extends { readonly code: string }> = {
  readonly [Code in T['code']]: (t: Translate, figures: Extract<T, { readonly code: Code }>) => string;
};

const REASONS: Words<Reason> = {
  unit_price: (t, { unit, unitMinor }) => t(`reasons.unit_price.${unit}`, { price: pounds(t, unitMinor) }),
  hours: (t, { elapsedMinutes, billedMinutes, rates, amountMinor }) =>
    t(billedMinutes === elapsedMinutes ? 'reasons.hours.whole' : 'reasons.hours.rounded', {
      time: duration(t, elapsedMinutes),
      billed: duration(t, billedMinutes),
      rate: hourlyRates(t, rates),
      amount: pounds(t, amountMinor),
    }),
  tier: (t, { mode, per, above, unitMinor }) =>
    t(`reasons.tier.${mode}.${per}`, { above, price: pounds(t, unitMinor) }),
  group_share: (t, { splitBy, people, sessionMinor, amountMinor }) =>
    t(`reasons.group_share.${splitBy}`, {
      count: people,
      price: pounds(t, sessionMinor),
      amount: pounds(t, amountMinor),
    }),
  absent_share: (t, { basisPoints, shareMinor, amountMinor }) =>
    t('reasons.absent_share', part(t, basisPoints, shareMinor, amountMinor)),
  did_not_attend: (t, figures) => missed(t, figures),
  cancelled_late: (t, figures) => missed(t, figures),
  cancelled_in_time: (t, figures) => {
    const { form, ...notice } = noticeGiven(t, figures);
    return t(`reasons.cancelled_in_time.${form}`, notice);
  },
  missed_not_paid: (t, { outcome }) => t('reasons.missed_not_paid', { outcome: t(`reasons.outcome.${outcome}`) }),
  below_minimum: (t, { attended, minimum, basisPoints, baseMinor, amountMinor }) =>
    t('reasons.below_minimum', { attended, minimum, ...part(t, basisPoints, baseMinor, amountMinor) }),
  minimum_charge: (t, { priceMinor, minimumMinor }) =>
    t('reasons.minimum_charge', { price: pounds(t, priceMinor), minimum: pounds(t, minimumMinor) }),
  out_of_hours: (t, { when, ...figures }) =>
    supplement(t, 'reasons.out_of_hours', figures, { when: t(`reasons.when.${when}`) }),
  travel: (t, figures) => supplement(t, 'reasons.travel', figures),
  covered: (t, figures) => covered(t, figures),
  milestone: (t, { name, amountMinor }) => t('reasons.milestone', { name, amount: pounds(t, amountMinor) }),
  block_month: (t, { days, daysInMonth, monthlyMinor, amountMinor }) =>
    t(days === daysInMonth ? 'reasons.block_month.whole' : 'reasons.block_month.part', {
      days,
      daysInMonth,
      monthly: pounds(t, monthlyMinor),
      amount: pounds(t, amountMinor),
    }),
  block_in_proportion: (t, { bound, activityUnits, units, amountMinor }) =>
    t(`reasons.block_in_proportion.${bound}`, { activity: activityUnits, units, amount: pounds(t, amountMinor) }),
  block_further_units: (t, { furtherUnits, unitMinor, amountMinor }) =>
    t('reasons.block_further_units', {
      units: furtherUnits,
      price: pounds(t, unitMinor),
      amount: pounds(t, amountMinor),
    }),
  recognised: (t, { indicativeMinor }) => t('reasons.recognised', { value: pounds(t, indicativeMinor) }),
};

const FLAGS: Words<ClaimFlag> = {
  over_cap: (t, figures) => t('reasons.flag.over_cap', { covered: covered(t, figures) }),
  over_missed_maximum: (t, { outcome, number, maximum }) =>
    t('reasons.flag.over_missed_maximum', {
      outcome: t(`reasons.outcome.${outcome}`),
      nth: nth(t, number),
      maximum,
    }),
  below_minimum_attendance: (t, { attended, minimum }) =>
    t('reasons.flag.below_minimum_attendance', { attended, minimum }),
  nobody_to_split: (t, { splitBy }) => t(`reasons.flag.nobody_to_split.${splitBy}`),
  limit_not_checked: (t, { missing }) => t(`reasons.flag.limit_not_checked.${missing}`),
  notice_not_recorded: (t) => t('reasons.flag.notice_not_recorded'),
  block_below_floor: (t, { activityUnits, units }) =>
    t('reasons.flag.block_below_floor', { activity: activityUnits, units }),
  block_above_ceiling: (t, { activityUnits, units }) =>
    t('reasons.flag.block_above_ceiling', { activity: activityUnits, units }),
  no_rate_card: (t) => t('reasons.flag.no_rate_card'),
  fact_does_not_earn: (t, { fact, basis }) =>
    t('reasons.flag.fact_does_not_earn', {
      fact: known(t, `reasons.fact.${fact}`, fact),
      basis: known(t, `reasons.basis.${basis}`, basis.replaceAll('_', ' ')),
    }),
  milestone_not_on_card: (t, { milestone }) => t('reasons.flag.milestone_not_on_card', { milestone }),
  late_claim: (t, { lastDay, submittedOn }) =>
    t('reasons.flag.late_claim', { last: t.day(lastDay), submitted: t.day(submittedOn) }),
  unconfirmed_referral: (t) => t('reasons.flag.unconfirmed_referral'),
  referral_closed: (t, { closedOn }) => t('reasons.flag.referral_closed', { closed: t.day(closedOn) }),
  before_acceptance: (t, { acceptedOn }) => t('reasons.flag.before_acceptance', { accepted: t.day(acceptedOn) }),
  service_differs: (t) => t('reasons.flag.service_differs'),
  amount_differs: (t, { expectedMinor, priceMinor }) =>
    t('reasons.flag.amount_differs', { expected: pounds(t, expectedMinor), price: pounds(t, priceMinor) }),
  another_that_day: (t) => t('reasons.flag.another_that_day'),
  roll_incomplete: (t, { booked, recorded }) => t('reasons.flag.roll_incomplete', { booked, recorded }),
};

/** Why a line has its price, in one line in the visitor's language. In English it is what `wordReason` says. */
export function wordReasonIn(t: Translate, reason: Reason): string {
  return word(REASONS, t, reason);
}

/** What a person is asked to look at, in one line. In English it is what `wordFlag` says. */
export function wordFlagIn(t: Translate, flag: Flag): string {
  return word<ClaimFlag>(FLAGS, t, flag);
}

/** A flag of a claim, in one line. In English it is what `wordClaimFlag` says, with days as people write them. */
export function wordClaimFlagIn(t: Translate, flag: ClaimFlag): string {
  return word(FLAGS, t, flag);
}

function word<T extends { readonly code: string }>(words: Words<T>, t: Translate, figures: T): string {
  const write = words[figures.code as T['code']] as (t: Translate, figures: T) => string;
  return write(t, figures);
}

/** A person who attends counts sessions; only a whole contract counts attendances. */
function covered(t: Translate, { cap, unit, number, limit }: Pick<CapFigures, 'cap' | 'unit' | 'number' | 'limit'>) {
  const noun = unit === 'attendance' && cap !== 'contract' ? 'session' : unit;
  return t(`reasons.covered.${cap}`, { counted: t(`reasons.counted.${noun}`, { nth: nth(t, number) }), limit });
}

type CapFigures = Extract<Reason, { readonly code: 'covered' }>;
type MissedFigures = Extract<Reason, { readonly code: 'did_not_attend' | 'cancelled_late' }>;
type NoticeFigures = Pick<MissedFigures, 'noticeMinutes' | 'requiredMinutes'>;
type HourlyRate = Extract<Reason, { readonly code: 'hours' }>['rates'][number];

function missed(t: Translate, figures: MissedFigures): string {
  const { form, ...notice } = noticeGiven(t, figures);
  const { code, basisPoints, baseMinor, amountMinor } = figures;
  return t(`reasons.missed.${form}`, {
    outcome: t(`reasons.outcome.${code}`),
    ...notice,
    ...part(t, basisPoints, baseMinor, amountMinor),
  });
}

function noticeGiven(t: Translate, { noticeMinutes, requiredMinutes }: NoticeFigures) {
  if (noticeMinutes === null) return { form: 'plain' };
  if (noticeMinutes < 0) return { form: 'after_start' };
  const notice = duration(t, noticeMinutes);
  return requiredMinutes === null
    ? { form: 'notice', notice }
    : { form: 'notice_of', notice, required: duration(t, requiredMinutes) };
}

function hourlyRates(t: Translate, rates: readonly HourlyRate[]): string {
  const said = rates.map(({ minutes, hourMinor }) => ({
    time: duration(t, minutes),
    rate: t('reasons.hours.rate', { price: pounds(t, hourMinor) }),
  }));
  if (said.length < 2) return said[0]?.rate ?? '';
  const parts = said.map((each) => t('reasons.hours.part', each));
  return parts.reduce((first, next) => t('reasons.hours.both', { first, next }));
}

function supplement(
  t: Translate,
  key: string,
  { basisPoints, amountMinor }: { readonly basisPoints: number | null; readonly amountMinor: string },
  more: Readonly<Record<string, string>> = {},
): string {
  const amount = pounds(t, amountMinor);
  if (basisPoints === null) return t(`${key}.fixed`, { ...more, amount });
  return t(`${key}.percentage`, { ...more, percent: percentage(t, basisPoints), amount });
}

/** What fills `{percent} of {base} = {amount}`. */
function part(t: Translate, basisPoints: number, baseMinor: string, amountMinor: string) {
  return { percent: percentage(t, basisPoints), base: pounds(t, baseMinor), amount: pounds(t, amountMinor) };
}

function percentage(t: Translate, basisPoints: number): string {
  return t('reasons.percent', { percent: basisPoints / 100 });
}

function pounds(t: Translate, amountMinor: string): string {
  return t.money(BigInt(amountMinor));
}

function duration(t: Translate, minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return t('reasons.time.minutes', { minutes: rest });
  return rest === 0 ? t('reasons.time.hours', { hours }) : t('reasons.time.both', { hours, minutes: rest });
}

/** The ending of an English ordinal; a language that writes them otherwise says the same for each. */
const ENDINGS: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { one: 'st', two: 'nd', few: 'rd' };
const ORDINALS = new Intl.PluralRules('en-GB', { type: 'ordinal' });

function nth(t: Translate, number: number): string {
  return t(`reasons.nth.${ENDINGS[ORDINALS.select(number)] ?? 'th'}`, { number });
}

/** What is stored as a code of its own time may have no words any more. */
function known(t: Translate, key: string, fallback: string): string {
  return t.has(key) ? t(key) : fallback;
}
