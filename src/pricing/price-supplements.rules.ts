import { basisPoints, multiply, type Minor } from '../money/index.js';
import { londonDay, type IsoDate } from '../platform/clock.js';
import type { Reason } from './price-reasons.rules.js';
import type { Delivered, OutOfHours, Supplement } from './rate-card-terms.rules.js';

type When = Extract<Reason, { code: 'out_of_hours' }>['when'];

const LONDON_CLOCK = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export interface Visit {
  readonly startsAt: Date;
  readonly travelled: boolean;
}

/**
 * What is added to a delivered line. Both percentages are of the base alone, never of each other. `share` takes this line's
 * part of a supplement that belongs to a whole session.
 */
export function supplementsOf(
  terms: Delivered,
  baseMinor: Minor,
  visit: Visit,
  bankHolidays: ReadonlySet<IsoDate>,
  share: (amount: Minor) => Minor = (amount) => amount,
): { amountMinor: Minor; reasons: Reason[] } {
  const reasons: Reason[] = [];
  let amountMinor = 0n;
  const add = (supplement: Supplement, describe: (amountMinor: string, points: number | null) => Reason) => {
    const amount = share(supplementOn(baseMinor, supplement));
    amountMinor += amount;
    reasons.push(describe(amount.toString(), supplement.kind === 'percentage' ? supplement.basisPoints : null));
  };

  const { outOfHours, travel } = terms;
  const when = outOfHours && whenOutOfHours(visit.startsAt, outOfHours, bankHolidays);
  if (outOfHours && when)
    add(outOfHours.supplement, (amount, points) => ({
      code: 'out_of_hours',
      when,
      basisPoints: points,
      amountMinor: amount,
    }));
  if (travel && visit.travelled)
    add(travel, (amount, points) => ({ code: 'travel', basisPoints: points, amountMinor: amount }));
  return { amountMinor, reasons };
}

/**
 * Why a start is out of hours on this card, or undefined: by the local time in London, a start at the end of the working day
 * is out of it. Paid once, whatever the number of reasons; bank holiday goes before weekend, weekend before the hour.
 */
export function whenOutOfHours(
  startsAt: Date,
  { weekends, bankHolidays: paysBankHolidays, from, until }: OutOfHours,
  bankHolidays: ReadonlySet<IsoDate>,
): When | undefined {
  if (paysBankHolidays && bankHolidays.has(londonDay(startsAt))) return 'bank_holiday';
  const { weekday, time } = londonClock(startsAt);
  if (weekends && (weekday === 'Sat' || weekday === 'Sun')) return 'weekend';
  if ((from !== undefined && time < from) || (until !== undefined && time >= until)) return 'early_or_late';
  return undefined;
}

function supplementOn(baseMinor: Minor, supplement: Supplement): Minor {
  return supplement.kind === 'fixed'
    ? supplement.amountMinor
    : multiply(baseMinor, basisPoints(supplement.basisPoints), 'half_up');
}

function londonClock(at: Date): { weekday: string; time: string } {
  const parts = Object.fromEntries(LONDON_CLOCK.formatToParts(at).map(({ type, value }) => [type, value]));
  return { weekday: parts['weekday'] ?? '', time: `${parts['hour']}:${parts['minute']}` };
}
