import { londonDay, type IsoDate } from '../platform/clock.js';
import { cardPeriods, type ContractCard } from './card.rules.js';
import type {
  CountedLines,
  Flag,
  Outcome,
  PricedLine,
  PricingLine,
  Reason,
  RollEntry,
  SessionFacts,
  Unit,
} from './price.calculator.js';
import type { QuoteIncomplete } from './quote.rules.js';
import { earningFactOf } from './rate-card.rules.js';

/** Something that could happen under a card: a session with its people, or the one fact that the card is earned by. */
export interface CardExample {
  readonly servedAt: Date;
  readonly minutes?: number | undefined;
  readonly booked: number;
  readonly present: number;
  /** How it ended for those who did not come. */
  readonly absence: Exclude<Outcome, 'attended'>;
  readonly noticeMinutes?: number | undefined;
  readonly travelled: boolean;
  /** A code on the card; without it one person reaches all of them. */
  readonly milestone?: string | undefined;
  readonly activityUnits?: number | undefined;
  /** Charges of this rate before, for each of the people, in the same month. */
  readonly earlier: number;
}

/** What some people of an example, or the example as a whole, come to: those whose price and reasons are the same. */
export interface ExampleLine {
  /** How many such charges there are. */
  readonly count: number;
  /** Of charges for people; null where the charge is for something else. */
  readonly outcome: Outcome | null;
  /** Of each. */
  readonly netMinor: bigint;
  readonly indicativeMinor: bigint;
  readonly unit: Unit;
  readonly reasons: readonly Reason[];
  readonly flags: readonly Flag[];
}

const MINUTE_MS = 60_000;
const MINUTES_UNLESS_SAID = 60;

/** All charges that the example gives rise to, in the order of the roll: those who came first. */
export function linesOfExample(
  example: CardExample,
  card: ContractCard,
  cards: readonly ContractCard[],
  contract: { readonly startsOn: IsoDate; readonly endsOn: IsoDate },
): PricingLine[] | QuoteIncomplete {
  const who = { ...claimOf(0), ...personOf(0) };
  const fact = earningFactOf(card.terms.basis);
  switch (fact) {
    case 'referral':
      return [{ ...who, fact, acceptedAt: example.servedAt }];
    case 'milestone':
      return milestonesOf(example, card).map((milestone, index) => ({
        ...claimOf(index),
        ...personOf(0),
        fact,
        milestone,
        reachedAt: example.servedAt,
      }));
    case 'period': {
      if (example.activityUnits === undefined) return { missing: 'activityUnits' };
      return [
        { ...claimOf(0), fact, ...periodOf(example, card, cards, contract), activityUnits: example.activityUnits },
      ];
    }
    default:
      if (card.terms.basis === 'hour' && example.minutes === undefined) return { missing: 'minutes' };
      return fact === 'session' ? [sessionLine(example)] : attendanceLines(example);
  }
}

/** The charges before, as the history of each person of the example. */
export function historyOfExample(example: CardExample, card: ContractCard): CountedLines[] {
  if (example.earlier === 0) return [];
  const each = card.terms.basis === 'hour' ? (example.minutes ?? MINUTES_UNLESS_SAID) : 1;
  const people = earningFactOf(card.terms.basis) === 'attendance' ? Math.max(example.booked, 1) : 1;
  return Array.from({ length: people }, (_, index) => ({
    rateKey: card.rateKey,
    ...personOf(index),
    month: londonDay(example.servedAt).slice(0, 7),
    kind: 'delivered',
    standing: 'standing',
    lines: example.earlier,
    units: example.earlier * each,
  }));
}

/** Priced charges of an example, those alike put together, in their order. */
export function gathered(lines: readonly PricingLine[], priced: readonly PricedLine[]): ExampleLine[] {
  const outcomes = new Map(lines.map((line) => [line.claimId, line.fact === 'attendance' ? line.outcome : null]));
  const groups = new Map<string, ExampleLine>();
  for (const { claimId, netMinor, indicativeMinor, unit, reasons, flags } of priced) {
    const outcome = outcomes.get(claimId) ?? null;
    const key = JSON.stringify([outcome, netMinor.toString(), indicativeMinor.toString(), reasons, flags]);
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { count, outcome, netMinor, indicativeMinor, unit, reasons, flags });
  }
  return [...groups.values()];
}

function milestonesOf({ milestone }: CardExample, { terms }: ContractCard): readonly string[] {
  if (milestone !== undefined) return [milestone];
  return terms.basis === 'milestone' ? terms.milestones.map(({ code }) => code) : [];
}

/** Claims are numbered so that they are priced in the order of the roll. */
function claimOf(index: number) {
  return { claimId: `example ${String(index).padStart(4, '0')}` };
}

function personOf(index: number) {
  return { referralId: `referral ${index}`, personId: `person ${index}` };
}

function attendanceLines(example: CardExample): PricingLine[] {
  const session = sessionOf(example);
  return rollOf(example).map((entry, index) => ({
    ...claimOf(index),
    ...personOf(index),
    ...entry,
    fact: 'attendance',
    session,
    travelled: example.travelled,
  }));
}

/** A session ends as its people did where each of them cancelled, or where its one person did not come. */
function sessionLine(example: CardExample): PricingLine {
  const only = example.booked === 1;
  const isHeld = example.present > 0 || (example.absence === 'did_not_attend' && !only);
  const ending = isHeld ? { outcome: 'attended' as const } : absenceOf(example);
  const session = sessionOf(example);
  return { ...claimOf(0), ...(only && personOf(0)), fact: 'session', session, travelled: example.travelled, ...ending };
}

function sessionOf(example: CardExample): SessionFacts {
  const { servedAt, minutes = MINUTES_UNLESS_SAID, present } = example;
  const endsAt = new Date(servedAt.getTime() + minutes * MINUTE_MS);
  return { startsAt: servedAt, endsAt, attendedCount: present, roll: rollOf(example) };
}

function rollOf(example: CardExample): RollEntry[] {
  return Array.from({ length: Math.max(example.booked, example.present) }, (_, index) => ({
    attendanceId: `attendance ${index}`,
    ...(index < example.present ? { outcome: 'attended' as const } : absenceOf(example)),
  }));
}

function absenceOf({ absence, servedAt, noticeMinutes }: CardExample): Pick<RollEntry, 'outcome' | 'cancelledAt'> {
  if (absence === 'did_not_attend' || noticeMinutes === undefined) return { outcome: absence };
  return { outcome: absence, cancelledAt: new Date(servedAt.getTime() - noticeMinutes * MINUTE_MS) };
}

/** The part of the month around the day in which the card would hold. */
function periodOf(
  { servedAt }: CardExample,
  card: ContractCard,
  cards: readonly ContractCard[],
  contract: { readonly startsOn: IsoDate; readonly endsOn: IsoDate },
) {
  const day = londonDay(servedAt);
  const periods = cardPeriods(cards, contract, card.serviceId, day.slice(0, 7), card.chargeKind);
  const period = periods.find(({ firstDay, lastDay }) => firstDay <= day && day <= lastDay);
  const { firstDay, lastDay } = period ?? { firstDay: day, lastDay: day };
  return { firstDay, lastDay };
}
