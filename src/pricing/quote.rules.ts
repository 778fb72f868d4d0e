import { cardPeriods, type ContractCard } from './card.rules.js';
import type { CountedLines, Outcome, PricingLine, RollEntry, SessionFacts } from './price-line.rules.js';
import { earningFactOf } from './rate-card.rules.js';
import { londonDay, type IsoDate } from '../platform/clock.js';

/** What is to be priced before anyone claims it. */
export interface QuoteRequest {
  readonly chargeKind: string;
  readonly servedAt: Date;
  readonly outcome: Outcome;
  readonly minutes?: number | undefined;
  readonly booked?: number | undefined;
  readonly present?: number | undefined;
  readonly noticeMinutes?: number | undefined;
  readonly travelled: boolean;
  readonly milestone?: string | undefined;
  readonly activityUnits?: number | undefined;
  readonly earlier: number;
}

/** What the card's basis needs to know and the request does not say. */
export interface QuoteIncomplete {
  readonly missing: 'minutes' | 'milestone' | 'activityUnits';
}

const QUOTED = 'quote';
const MINUTE_MS = 60_000;
const MINUTES_UNLESS_SAID = 60;

/**
 * The line that would be claimed: what the card is earned by, with as much of the request as that needs. Without a card it
 * is an attendance, which the price function then answers with a flag.
 */
export function lineToQuote(
  request: QuoteRequest,
  card: ContractCard | undefined,
  cards: readonly ContractCard[],
  contract: { readonly startsOn: IsoDate; readonly endsOn: IsoDate },
): PricingLine | QuoteIncomplete {
  const who = { claimId: QUOTED, referralId: QUOTED, personId: QUOTED };
  const fact = card ? earningFactOf(card.terms.basis) : 'attendance';
  switch (fact) {
    case 'referral':
      return { ...who, fact, acceptedAt: request.servedAt };
    case 'milestone':
      if (request.milestone === undefined) return { missing: 'milestone' };
      return { ...who, fact, milestone: request.milestone, reachedAt: request.servedAt };
    case 'period':
      return periodToQuote(request, card, cards, contract);
    default:
      if (card?.terms.basis === 'hour' && request.minutes === undefined) return { missing: 'minutes' };
      return { ...who, fact, attendanceId: QUOTED, ...deliveryOf(request) };
  }
}

/** Earlier charges of the same rate, as the history that a price is given: all for this person, in this month. */
export function historyToQuote(request: QuoteRequest, card: ContractCard | undefined): CountedLines[] {
  if (!card || request.earlier === 0) return [];
  const unitsEach = card.terms.basis === 'hour' ? (request.minutes ?? MINUTES_UNLESS_SAID) : 1;
  return [
    {
      rateKey: card.rateKey,
      referralId: QUOTED,
      personId: QUOTED,
      month: londonDay(request.servedAt).slice(0, 7),
      kind: 'delivered',
      standing: 'standing',
      lines: request.earlier,
      units: request.earlier * unitsEach,
    },
  ];
}

/** The part of the month around the day in which the card holds. */
function periodToQuote(
  request: QuoteRequest,
  card: ContractCard | undefined,
  cards: readonly ContractCard[],
  contract: { readonly startsOn: IsoDate; readonly endsOn: IsoDate },
): PricingLine | QuoteIncomplete {
  if (request.activityUnits === undefined) return { missing: 'activityUnits' };
  const day = londonDay(request.servedAt);
  const periods = cardPeriods(cards, contract, card?.serviceId ?? '', day.slice(0, 7), request.chargeKind);
  const period = periods.find(({ firstDay, lastDay }) => firstDay <= day && day <= lastDay);
  const { firstDay, lastDay } = period ?? { firstDay: day, lastDay: day };
  return { claimId: QUOTED, fact: 'period', firstDay, lastDay, activityUnits: request.activityUnits };
}

function deliveryOf(request: QuoteRequest) {
  const { servedAt, outcome, noticeMinutes, travelled } = request;
  const gaveNotice = outcome === 'cancelled' || outcome === 'cancelled_late';
  const cancelledAt =
    gaveNotice && noticeMinutes !== undefined ? new Date(servedAt.getTime() - noticeMinutes * MINUTE_MS) : undefined;
  return { outcome, travelled, session: sessionOf(request, cancelledAt), ...(cancelledAt && { cancelledAt }) };
}

/** The quoted person stands first on the roll; of the others, those present attended and the rest did not. */
function sessionOf(request: QuoteRequest, cancelledAt: Date | undefined): SessionFacts {
  const { servedAt, outcome, minutes = MINUTES_UNLESS_SAID } = request;
  const came = outcome === 'attended' ? 1 : 0;
  const attendedCount = request.present ?? came;
  const booked = Math.max(request.booked ?? attendedCount, attendedCount, 1);
  const roll: RollEntry[] = Array.from({ length: booked }, (_, index) => {
    if (index === 0) return { attendanceId: QUOTED, outcome, ...(cancelledAt && { cancelledAt }) };
    return {
      attendanceId: `${QUOTED} ${index}`,
      outcome: index - 1 < attendedCount - came ? 'attended' : 'did_not_attend',
    };
  });
  return { startsAt: servedAt, endsAt: new Date(servedAt.getTime() + minutes * MINUTE_MS), attendedCount, roll };
}
