import { formatPounds } from '../money/index.js';
import type { Cap, CountedUnit, Flag, MinorText, MissedFigures, Reason } from './price-reasons.rules.js';

type Wording<T extends { readonly code: string }> = {
  readonly [Code in T['code']]: (figures: Extract<T, { readonly code: Code }>) => string;
};

const UNIT_WORDS = { session: 'Session', person: 'Person who attended', referral: 'Accepted referral' } as const;
const HOUR_WORDS = { early_or_late: 'Out of hours', weekend: 'Weekend', bank_holiday: 'Bank holiday' } as const;
const MISSED_WORDS = { did_not_attend: 'Did not attend', cancelled_late: 'Cancelled late' } as const;
const SPLIT_WORDS = { booked: 'booked', present: 'present' } as const;
const COUNTED_IN: Readonly<Record<Cap, string>> = {
  referral: '',
  person_month: ' in the month',
  contract: ' of the contract',
};

const REASONS: Wording<Reason> = {
  unit_price: ({ unit, unitMinor }) => `${UNIT_WORDS[unit]}: ${pounds(unitMinor)}`,
  hours: ({ elapsedMinutes, billedMinutes, rates, amountMinor }) => {
    const charged = billedMinutes === elapsedMinutes ? '' : `, charged as ${duration(billedMinutes)}`;
    const [first, ...others] = rates.map(({ minutes, hourMinor }) => ({
      time: duration(minutes),
      price: `${pounds(hourMinor)} an hour`,
    }));
    const price =
      others.length === 0
        ? (first?.price ?? '')
        : [first, ...others].map((rate) => `${rate?.time} at ${rate?.price}`).join(' and ');
    return `${duration(elapsedMinutes)}${charged}: ${price} = ${pounds(amountMinor)}`;
  },
  tier: ({ mode, per, above, unitMinor }) => {
    const scope = per === 'month' ? 'in the month' : 'over the contract';
    const whole = mode === 'whole_volume' ? ', for the whole volume' : '';
    return `Above ${above} ${scope} the price is ${pounds(unitMinor)}${whole}`;
  },
  group_share: ({ splitBy, people, sessionMinor, amountMinor }) =>
    `Share of ${pounds(sessionMinor)} between ${count(people, 'person', 'people')} ${SPLIT_WORDS[splitBy]}: ${pounds(amountMinor)}`,
  absent_share: ({ basisPoints, shareMinor, amountMinor }) =>
    `Absent: ${percentOf(basisPoints, shareMinor, amountMinor)}`,
  did_not_attend: (figures) => missed(MISSED_WORDS.did_not_attend, figures),
  cancelled_late: (figures) => missed(MISSED_WORDS.cancelled_late, figures),
  cancelled_in_time: ({ noticeMinutes, requiredMinutes }) =>
    `Cancelled in time${notice(noticeMinutes, requiredMinutes)}: nothing is due`,
  missed_not_paid: ({ outcome }) => `${MISSED_WORDS[outcome]}: the card pays nothing for it`,
  below_minimum: ({ attended, minimum, basisPoints, baseMinor, amountMinor }) =>
    `${attended} attended, the minimum is ${minimum}: ${percentOf(basisPoints, baseMinor, amountMinor)}`,
  minimum_charge: ({ priceMinor, minimumMinor }) =>
    `Minimum charge of ${pounds(minimumMinor)} instead of ${pounds(priceMinor)}`,
  out_of_hours: ({ when, basisPoints, amountMinor }) =>
    `${HOUR_WORDS[when]} supplement${atPercent(basisPoints)}: ${pounds(amountMinor)}`,
  travel: ({ basisPoints, amountMinor }) => `Travel supplement${atPercent(basisPoints)}: ${pounds(amountMinor)}`,
  covered: (figures) => covered(figures),
  milestone: ({ name, amountMinor }) => `${name}: ${pounds(amountMinor)}`,
  block_month: ({ days, daysInMonth, monthlyMinor, amountMinor }) =>
    days === daysInMonth
      ? `Monthly amount: ${pounds(amountMinor)}`
      : `${days} of the ${daysInMonth} days of a month at ${pounds(monthlyMinor)} = ${pounds(amountMinor)}`,
  block_in_proportion: ({ bound, activityUnits, units, amountMinor }) =>
    `Activity of ${activityUnits} ${bound === 'floor' ? 'is below the floor' : 'is above the ceiling'} of ${units} a month: in proportion ${pounds(amountMinor)}`,
  block_further_units: ({ furtherUnits, unitMinor, amountMinor }) =>
    `${furtherUnits} above the ceiling at ${pounds(unitMinor)} each = ${pounds(amountMinor)}`,
  recognised: ({ indicativeMinor }) => `Recognised, not paid: worth ${pounds(indicativeMinor)}`,
};

const FLAGS: Wording<Flag> = {
  over_cap: (figures) => `Over the cap: ${covered(figures)}`,
  over_missed_maximum: ({ outcome, number, maximum }) =>
    `${MISSED_WORDS[outcome]} for the ${ordinal(number)} time on this referral; the card pays for ${maximum}`,
  below_minimum_attendance: ({ attended, minimum }) => `Only ${attended} attended; the minimum is ${minimum}`,
  nobody_to_split: ({ splitBy }) => `Nobody was ${SPLIT_WORDS[splitBy]}, so there is nobody to divide the price by`,
  limit_not_checked: ({ missing: what }) => `The card has a limit for each ${what}, and the line names no ${what}`,
  notice_not_recorded: () => 'Cancelled late, but it is not recorded when',
  block_below_floor: ({ activityUnits, units }) =>
    `Activity of ${activityUnits} is below the floor of ${units} a month`,
  block_above_ceiling: ({ activityUnits, units }) =>
    `Activity of ${activityUnits} is above the ceiling of ${units} a month`,
  no_rate_card: () => 'No rate card was in force on the day',
  fact_does_not_earn: ({ fact, basis }) =>
    `A charge for a ${fact} has no price on a card by ${basis.replaceAll('_', ' ')}`,
  milestone_not_on_card: ({ milestone }) => `The card has no milestone "${milestone}"`,
};

/** One line of plain English: "6th session; the card covers 6". */
export function wordReason(reason: Reason): string {
  return word(REASONS, reason);
}

/** What a person is asked to look at, in one line of plain English. */
export function wordFlag(flag: Flag): string {
  return word(FLAGS, flag);
}

function word<T extends { readonly code: string }>(wording: Wording<T>, figures: T): string {
  const write = wording[figures.code as T['code']] as (figures: T) => string;
  return write(figures);
}

interface CapFigures {
  readonly cap: Cap;
  readonly unit: CountedUnit;
  readonly number: number;
  readonly limit: number;
}

/** A person who attends counts sessions; only a whole contract counts attendances. */
function covered({ cap, unit, number, limit }: CapFigures): string {
  const noun = unit === 'attendance' && cap !== 'contract' ? 'session' : unit;
  return `${ordinal(number)} ${noun}${COUNTED_IN[cap]}; the card covers ${limit}`;
}

function missed(outcome: string, figures: MissedFigures): string {
  const { noticeMinutes, requiredMinutes, basisPoints, baseMinor, amountMinor } = figures;
  return `${outcome}${notice(noticeMinutes, requiredMinutes)}: ${percentOf(basisPoints, baseMinor, amountMinor)}`;
}

function notice(noticeMinutes: number | null, requiredMinutes: number | null): string {
  if (noticeMinutes === null) return '';
  if (noticeMinutes < 0) return ', after the start';
  const required = requiredMinutes === null ? '' : ` of ${duration(requiredMinutes)}`;
  return `, notice ${duration(noticeMinutes)}${required}`;
}

function percentOf(basisPoints: number, baseMinor: MinorText, amountMinor: MinorText): string {
  return `${percent(basisPoints)} of ${pounds(baseMinor)} = ${pounds(amountMinor)}`;
}

function atPercent(basisPoints: number | null): string {
  return basisPoints === null ? '' : ` of ${percent(basisPoints)}`;
}

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}

function pounds(amountMinor: MinorText): string {
  return formatPounds(BigInt(amountMinor));
}

/** `90` → `1 h 30 min` */
function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

const SUFFIXES = ['th', 'st', 'nd', 'rd'];

/** `1st`, `22nd`, `113th`. Not by `Intl.PluralRules`, which takes as long as all else about an answer's words. */
function ordinal(number: number): string {
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(isTeen ? undefined : SUFFIXES[number % 10]) ?? 'th'}`;
}
