import type {
  AttendanceLine,
  Outcome,
  PricedLine,
  PricingContext,
  RollEntry,
  SessionLine,
} from '../../src/pricing/price-line.rules.js';
import { priceLine, priceLines } from '../../src/pricing/price.calculator.js';
import type { PricingLine } from '../../src/pricing/price-line.rules.js';
import type { RateCard, RateCardTerms } from '../../src/pricing/rate-card.rules.js';

/** Plain data for specifications: a Tuesday in June at noon in London, unless an example says otherwise. */
export const NOON = new Date('2026-06-09T11:00:00Z');
export const DAY_MINUTES = 1_440;

export function card(terms: RateCardTerms): RateCard {
  return { id: 'card-1', rateKey: 'rate-1', effectiveFrom: '2026-01-01', agreedOn: '2025-12-01', terms };
}

type DeliveredDetails = Partial<Omit<AttendanceLine, 'fact' | 'session'>> & {
  readonly startsAt?: Date;
  readonly minutes?: number;
  readonly attendedCount?: number;
  readonly roll?: readonly RollEntry[];
};

export function attendance(details: DeliveredDetails = {}): AttendanceLine {
  const { startsAt = NOON, minutes = 60, attendedCount = 1, roll, ...rest } = details;
  const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
  const claimId = rest.claimId ?? 'claim-1';
  return {
    attendanceId: claimId,
    outcome: 'attended',
    referralId: 'referral-1',
    personId: 'person-1',
    ...rest,
    claimId,
    fact: 'attendance',
    session: { startsAt, endsAt, attendedCount, ...(roll ? { roll } : {}) },
  };
}

export function session(details: DeliveredDetails = {}): SessionLine {
  const { attendanceId: _, ...line } = attendance(details);
  return { ...line, fact: 'session' };
}

/** `minutes` before noon; negative is after it. */
export function notice(minutes: number): Date {
  return new Date(NOON.getTime() - minutes * 60_000);
}

export function rollOf(...outcomes: Outcome[]): RollEntry[] {
  return outcomes.map((outcome, index) => ({ attendanceId: `claim-${index + 1}`, outcome }));
}

/** One line for each day from the first of June at noon, in order: `claim-01`, `claim-02`. */
export function days(count: number, details: DeliveredDetails = {}): AttendanceLine[] {
  return Array.from({ length: count }, (_, index) =>
    attendance({
      ...details,
      claimId: `claim-${String(index + 1).padStart(2, '0')}`,
      startsAt: new Date(Date.UTC(2026, 5, 1 + index, 11)),
    }),
  );
}

export function quote(
  terms: RateCardTerms,
  line: PricingLine,
  context: Omit<PricingContext, 'cardOf'> = {},
): PricedLine {
  return priceLine(line, { ...context, cardOf: () => card(terms) });
}

export function quoteAll(
  terms: RateCardTerms,
  lines: readonly PricingLine[],
  context: Omit<PricingContext, 'cardOf'> = {},
): PricedLine[] {
  return priceLines(lines, { ...context, cardOf: () => card(terms) });
}

export function codesOf(findings: readonly { readonly code: string }[]): string[] {
  return findings.map(({ code }) => code);
}
