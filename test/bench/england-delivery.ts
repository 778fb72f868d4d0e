import { dayNumberOf, firstMondayOf, isoOf } from './england-calendar.js';
import { digits, GROUP_SIZE, mixed, MONTHS, type ProviderPlan, type YearPlan } from './england-plan.js';

/** A person as the system of the link worker exports them. */
export interface ReferralRow {
  readonly reference: string;
  /** Every fourth person comes with an NHS number, of the range that is never issued; the others with an opaque reference. */
  readonly nhsNumber: string | null;
  readonly person: string | null;
  readonly sessionsPlanned: number;
}

export type Outcome = 'attended' | 'missed' | 'cancelled_late';

/** What one person did at one session: a row of a claim file. */
export interface DeliveredRow {
  readonly referral: string;
  /** `YYYY-MM-DD`. */
  readonly on: string;
  readonly start: string;
  readonly minutes: number;
  readonly outcome: Outcome;
  /** Of a group session; null when the person came alone. */
  readonly session: string | null;
  /** How many sessions of the referral were attended up to here, and how many missed without a word. */
  readonly attendedSoFar: number;
  readonly missedSoFar: number;
}

/** A session in a week for as long as two and a half months: nobody is seen after the second month that follows. */
const MONTHS_AFTER = 2;
const LEAST_SESSIONS = 7;
const SPREAD_OF_SESSIONS = 5;
const MINUTES = [30, 45, 60, 90] as const;
/** One in so many does not come, or, of those who are paid for it, calls it off on the day. */
const MISSED = 13;
const CANCELLED = 41;

/** What is drawn for each thing, so that no two draws are the same. */
const DRAW = { length: 1, weekday: 2, hour: 3, minutes: 4, outcome: 5 } as const;

export function* referralsOf(plan: YearPlan, provider: ProviderPlan, month: number): Generator<ReferralRow> {
  for (let place = 0; place < provider.cohort; place++) {
    const number = personNumber(provider, month, place);
    const isNumbered = place % 4 === 0;
    yield {
      reference: referenceOf(provider, month, place),
      nhsNumber: isNumbered ? nhsNumberOf(number) : null,
      person: isNumbered ? null : `X-${number}`,
      sessionsPlanned: courseOf(plan, provider, month, place).length,
    };
  }
}

/** All that a provider did in a month, in no order that matters. */
export function* deliveredIn(plan: YearPlan, provider: ProviderPlan, month: number): Generator<DeliveredRow> {
  const [first, after] = [dayNumberOf(month, 1), dayNumberOf(month + 1, 1)];
  for (let cohort = Math.max(0, month - MONTHS_AFTER); cohort <= month; cohort++) {
    for (let place = 0; place < provider.cohort; place++) {
      yield* sessionsOf(plan, provider, cohort, place, first, after);
    }
  }
}

function* sessionsOf(
  plan: YearPlan,
  provider: ProviderPlan,
  cohort: number,
  place: number,
  first: number,
  after: number,
): Generator<DeliveredRow> {
  const { length, day, hour, minutes, group } = courseOf(plan, provider, cohort, place);
  const referral = referenceOf(provider, cohort, place);
  let [attendedSoFar, missedSoFar] = [0, 0];
  for (let week = 0; week < length && day + 7 * week < after; week++) {
    const outcome = outcomeOf(mixed(plan.seed, provider.index, cohort, place, week, DRAW.outcome), provider);
    if (outcome === 'attended') attendedSoFar++;
    if (outcome === 'missed') missedSoFar++;
    if (day + 7 * week < first) continue;
    const session = group === null ? null : `G-${cohort}-${group}-${week}`;
    const on = isoOf(day + 7 * week);
    yield { referral, on, start: `${digits(hour, 2)}:00`, minutes, outcome, session, attendedSoFar, missedSoFar };
  }
}

interface Course {
  /** Sessions, one a week. */
  readonly length: number;
  /** Of the first, in days since 1970. */
  readonly day: number;
  readonly hour: number;
  readonly minutes: number;
  readonly group: number | null;
}

/** The people of a group have one course between them. */
function courseOf(plan: YearPlan, provider: ProviderPlan, cohort: number, place: number): Course {
  const group = provider.kind === 'split' ? Math.floor(place / GROUP_SIZE) : null;
  const draw = (what: number) => mixed(plan.seed, provider.index, cohort, group ?? place, what);
  return {
    length: LEAST_SESSIONS + (draw(DRAW.length) % SPREAD_OF_SESSIONS),
    day: firstMondayOf(cohort) + (draw(DRAW.weekday) % 5),
    hour: 9 + (draw(DRAW.hour) % 8),
    minutes: provider.kind === 'hours' ? (MINUTES[draw(DRAW.minutes) % MINUTES.length] ?? 60) : 60,
    group,
  };
}

function outcomeOf(chance: number, { kind }: ProviderPlan): Outcome {
  if (chance % MISSED === 0) return 'missed';
  return kind === 'flat' && chance % CANCELLED === 0 ? 'cancelled_late' : 'attended';
}

function referenceOf({ code }: ProviderPlan, cohort: number, place: number): string {
  return `${code}-${digits(cohort + 1, 2)}-${digits(place + 1, 4)}`;
}

/** Of its own for everybody of a commissioner, which has at most 120 providers; no provider takes on 300 people in a month. */
function personNumber({ index }: ProviderPlan, cohort: number, place: number): number {
  return ((index % 120) * MONTHS + cohort) * 300 + place;
}

/**
 * An NHS number of the test range, which begins with 999. Its check digit is 11 less the weighted sum modulo 11; a number that would
 * need 10 is never given, and the one after it, which needs 8, stands in. There are half a million of them, from 0.
 */
export function nhsNumberOf(person: number): string {
  const even = 999_000_000 + person * 2;
  const check = checkDigitOf(even);
  return check === 10 ? `${even + 1}8` : `${even}${check}`;
}

function checkDigitOf(nine: number): number {
  const sum = String(nine)
    .split('')
    .reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
  return (11 - (sum % 11)) % 11;
}
