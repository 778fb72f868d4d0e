import { basisPoints, multiply, sumMinor, type Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Ending } from './price-ending.rules.js';
import { billedMinutes, elapsedMinutes } from './price-hours.rules.js';
import type { AttendanceLine, SessionLine } from './price-line.rules.js';
import type { Flag, Reason } from './price-reasons.rules.js';
import { sharingOf, shareOf } from './price-split.rules.js';
import { supplementsOf } from './price-supplements.rules.js';
import { ratesOf, tierReasons, type Volume } from './price-tiers.rules.js';
import type {
  AttendanceTerms,
  Delivered,
  GroupSplitTerms,
  HourTerms,
  MissedTerms,
  RecognisedTerms,
  SessionTerms,
  WithMinimumAttendance,
} from './rate-card-terms.rules.js';

/** A price on its way: the amount so far, and how it came about. */
export interface Price {
  readonly amountMinor: Minor;
  readonly reasons: readonly Reason[];
  readonly flags: readonly Flag[];
}

export interface Delivery {
  readonly line: SessionLine | AttendanceLine;
  readonly ending: Ending;
  readonly volume: Volume;
  readonly bankHolidays: ReadonlySet<IsoDate>;
}

interface WholeSession {
  readonly priceMinor: Minor;
  readonly share: (amount: Minor) => Minor;
}

const MINUTES_IN_HOUR = 60;

/** A line on a session, attendance or hour card: the price of its units, then what its ending makes of it. */
export function priceDelivery(terms: SessionTerms | AttendanceTerms | HourTerms, delivery: Delivery): Price {
  const { ending } = delivery;
  if (ending.kind === 'nil') return cancelledInTime(ending);
  const base = terms.basis === 'hour' ? hourPrice(terms, delivery) : unitPrice(terms, delivery);
  if (ending.kind === 'delivered') {
    const minimum = terms.basis === 'attendance' ? undefined : belowMinimum(terms, base, delivery);
    return minimum ?? delivered(terms, base, delivery);
  }
  const didNotAttend = terms.basis === 'session' ? undefined : terms.didNotAttend;
  const missed = ending.kind === 'did_not_attend' ? didNotAttend : terms.lateCancel;
  return missedPrice(ending.kind, missed, base, ending);
}

/** One person's line of a shared session. The session's price is rounded first, then divided. */
export function priceShare(terms: GroupSplitTerms, line: AttendanceLine, delivery: Delivery): Price {
  const { ending } = delivery;
  if (ending.kind === 'nil') return cancelledInTime(ending);
  const sharing = sharingOf(line, terms);
  if (!sharing.isOnRoll) throw new Error('A line that shares a session names an attendance on its roll');
  if (sharing.people === 0) return nil([], [{ code: 'nobody_to_split', splitBy: terms.splitBy }]);
  if (terms.splitBy === 'present' && ending.kind !== 'delivered') return notPaid(ending.kind);

  const whole: Price = { amountMinor: terms.priceMinor, reasons: [], flags: [] };
  const below = belowMinimum(terms, whole, delivery);
  const session = below ?? whole;
  const shareMinor = shareOf(session.amountMinor, sharing);
  const share: Price = {
    amountMinor: shareMinor,
    reasons: [
      ...session.reasons,
      {
        amountMinor: shareMinor.toString(),
        code: 'group_share',
        people: sharing.people,
        sessionMinor: session.amountMinor.toString(),
        splitBy: terms.splitBy,
      },
    ],
    flags: session.flags,
  };
  if (ending.kind !== 'delivered') return absentShare(terms, share);
  return below
    ? share
    : delivered(terms, share, delivery, { priceMinor: terms.priceMinor, share: (amount) => shareOf(amount, sharing) });
}

/** Nothing is paid; what was delivered is shown at its indicative value. */
export function recognise(terms: RecognisedTerms, ending: Ending): Price {
  if (ending.kind === 'nil') return cancelledInTime(ending);
  if (ending.kind !== 'delivered') return notPaid(ending.kind);
  return nil([{ code: 'recognised', indicativeMinor: terms.indicativeMinor.toString() }]);
}

function unitPrice(terms: SessionTerms | AttendanceTerms, { volume }: Delivery): Price {
  const rates = ratesOf(terms, volume, 1);
  const amountMinor = sumMinor(rates.map((rate) => rate.priceMinor));
  const unit = terms.basis === 'session' ? 'session' : 'person';
  const reason: Reason = { code: 'unit_price', unit, unitMinor: amountMinor.toString() };
  return { amountMinor, reasons: [reason, ...tierReasons(terms.tiers, rates)], flags: [] };
}

function hourPrice(terms: HourTerms, { line, volume }: Delivery): Price {
  const minutes = billedMinutes(line.session, terms);
  const rates = ratesOf(terms, volume, minutes, MINUTES_IN_HOUR);
  const minuteMinor = sumMinor(rates.map(({ units, priceMinor }) => BigInt(units) * priceMinor));
  const amountMinor = multiply(minuteMinor, { numerator: 1n, denominator: 60n }, 'half_up');
  const reason: Reason = {
    code: 'hours',
    elapsedMinutes: elapsedMinutes(line.session),
    billedMinutes: minutes,
    rates: rates.map(({ units, priceMinor }) => ({ minutes: units, hourMinor: priceMinor.toString() })),
    amountMinor: amountMinor.toString(),
  };
  return { amountMinor, reasons: [reason, ...tierReasons(terms.tiers, rates)], flags: [] };
}

/** The minimum charge, then supplements: on the line, or this line's share of those on the whole session. */
function delivered(terms: Delivered, price: Price, { line, bankHolidays }: Delivery, whole?: WholeSession): Price {
  const charged = atLeast(terms.minimumChargeMinor, price);
  const visit = { startsAt: line.session.startsAt, travelled: line.travelled ?? false };
  const supplements = supplementsOf(terms, whole?.priceMinor ?? charged.amountMinor, visit, bankHolidays, whole?.share);
  return {
    amountMinor: charged.amountMinor + supplements.amountMinor,
    reasons: [...charged.reasons, ...supplements.reasons],
    flags: charged.flags,
  };
}

function atLeast(minimumMinor: Minor | undefined, price: Price): Price {
  if (minimumMinor === undefined || price.amountMinor >= minimumMinor) return price;
  const priceMinor = price.amountMinor.toString();
  const reason: Reason = { code: 'minimum_charge', priceMinor, minimumMinor: minimumMinor.toString() };
  return { ...price, amountMinor: minimumMinor, reasons: [...price.reasons, reason] };
}

/** The price of a session that too few attended, flagged, or undefined when enough did. Nothing is added to it. */
function belowMinimum(terms: WithMinimumAttendance, price: Price, { line }: Delivery): Price | undefined {
  const attended = line.session.attendedCount;
  const minimum = terms.minimumAttendance;
  if (minimum === undefined || attended >= minimum) return undefined;
  const points = terms.belowMinimumBasisPoints ?? 0;
  const amountMinor = multiply(price.amountMinor, basisPoints(points), 'half_up');
  const reason: Reason = {
    code: 'below_minimum',
    attended,
    minimum,
    basisPoints: points,
    baseMinor: price.amountMinor.toString(),
    amountMinor: amountMinor.toString(),
  };
  return {
    amountMinor,
    reasons: [...price.reasons, reason],
    flags: [...price.flags, { code: 'below_minimum_attendance', attended, minimum }],
  };
}

function missedPrice(
  code: 'did_not_attend' | 'cancelled_late',
  terms: MissedTerms | undefined,
  base: Price,
  { noticeMinutes, requiredMinutes }: Ending,
): Price {
  const flags: Flag[] = code === 'cancelled_late' && noticeMinutes === null ? [{ code: 'notice_not_recorded' }] : [];
  if (!terms) return notPaid(code, flags);
  const amountMinor = multiply(base.amountMinor, basisPoints(terms.basisPoints), 'half_up');
  const reason: Reason = {
    amountMinor: amountMinor.toString(),
    baseMinor: base.amountMinor.toString(),
    basisPoints: terms.basisPoints,
    code,
    noticeMinutes,
    requiredMinutes,
  };
  return { amountMinor, reasons: [...base.reasons, reason], flags };
}

function absentShare(terms: GroupSplitTerms, share: Price): Price {
  const points = terms.absentShareBasisPoints ?? 10_000;
  const amountMinor = multiply(share.amountMinor, basisPoints(points), 'half_up');
  const reason: Reason = {
    code: 'absent_share',
    basisPoints: points,
    shareMinor: share.amountMinor.toString(),
    amountMinor: amountMinor.toString(),
  };
  return { ...share, amountMinor, reasons: [...share.reasons, reason] };
}

function cancelledInTime({ noticeMinutes, requiredMinutes }: Ending): Price {
  return nil([{ code: 'cancelled_in_time', noticeMinutes, requiredMinutes }]);
}

function notPaid(outcome: 'did_not_attend' | 'cancelled_late', flags: readonly Flag[] = []): Price {
  return nil([{ code: 'missed_not_paid', outcome }], flags);
}

function nil(reasons: readonly Reason[], flags: readonly Flag[] = []): Price {
  return { amountMinor: 0n, reasons, flags };
}
