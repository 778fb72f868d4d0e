import { londonDay, type IsoDate } from '../platform/clock.js';
import { endingOf, type Ending } from './price-ending.rules.js';
import { billedMinutes } from './price-hours.rules.js';
import type { AttendanceLine, CountedLines, PricingLine, SessionLine } from './price-line.rules.js';
import { earningFactOf, type DeliveryTerms, type RateCard } from './rate-card.rules.js';

/** A line before it has a price: all that does not depend on the other lines. */
export interface Draft {
  readonly line: PricingLine;
  readonly card: RateCard | undefined;
  /** Service time: the start, the acceptance, the day reached, or the first of a period. Milliseconds. */
  readonly servedAtMs: number;
  readonly servedOn: IsoDate;
  /** Of a line that is delivered in a session. */
  readonly ending: Ending | undefined;
  /** How it counts, or undefined where no card earns on its fact. */
  readonly counted: CountedLines | undefined;
}

export function draftOf(line: PricingLine, card: RateCard | undefined): Draft {
  const servedOn = servedOnOf(line);
  const servedAtMs = line.fact === 'period' ? Date.parse(line.firstDay) : servedAtOf(line).getTime();
  const terms = card && earningFactOf(card.terms.basis) === line.fact ? card.terms : undefined;
  if (!card || !terms) return { line, card, servedAtMs, servedOn, ending: undefined, counted: undefined };

  const delivery = deliveryOf(line, terms);
  const ending = delivery && endingOf(delivery.line, delivery.line.session.startsAt, delivery.terms);
  const kind = ending?.kind ?? 'delivered';
  const minutes = delivery?.terms.basis === 'hour' ? billedMinutes(delivery.line.session, delivery.terms) : undefined;
  const referralId = line.fact === 'period' ? undefined : line.referralId;
  const personId = line.fact === 'period' ? undefined : line.personId;
  const counted: CountedLines = {
    rateKey: card.rateKey,
    ...(referralId === undefined ? {} : { referralId }),
    ...(personId === undefined ? {} : { personId }),
    month: servedOn.slice(0, 7),
    kind,
    standing: 'standing',
    lines: 1,
    units: kind === 'nil' ? 0 : (minutes ?? 1),
  };
  return { line, card, servedAtMs, servedOn, ending, counted };
}

/**
 * The day of service in Europe/London, by which the card in force is found. A referral fee belongs to the day of
 * acceptance, a period to its first day.
 */
export function servedOnOf(line: PricingLine): IsoDate {
  return line.fact === 'period' ? line.firstDay : londonDay(servedAtOf(line));
}

/** By service time, then id, whatever the order of arrival. Ids compare by code unit, as PostgreSQL's "C" collation does. */
export function byServiceTimeThenId(a: Draft, b: Draft): number {
  if (a.servedAtMs !== b.servedAtMs) return a.servedAtMs - b.servedAtMs;
  return a.line.claimId < b.line.claimId ? -1 : 1;
}

function servedAtOf(line: Exclude<PricingLine, { fact: 'period' }>): Date {
  switch (line.fact) {
    case 'referral':
      return line.acceptedAt;
    case 'milestone':
      return line.reachedAt;
    default:
      return line.session.startsAt;
  }
}

function deliveryOf(
  line: PricingLine,
  terms: RateCard['terms'],
): { line: SessionLine | AttendanceLine; terms: DeliveryTerms } | undefined {
  if (line.fact !== 'session' && line.fact !== 'attendance') return undefined;
  if (terms.basis === 'referral' || terms.basis === 'milestone' || terms.basis === 'block') return undefined;
  return { line, terms };
}
