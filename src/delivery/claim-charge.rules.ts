import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { EarningFact, LineKind, PricedLine } from '../pricing/index.js';
import type { ClaimFlag } from './claim-flag.rules.js';

/** What one claim charges for: a fact, and the rate that it earns. Ids are opaque. */
export interface Charge {
  readonly claimId: string;
  readonly serviceId: string;
  readonly chargeKind: string;
  readonly factKind: EarningFact;
  readonly factId: string;
  readonly referralId: string | null;
  readonly sessionId: string | null;
  readonly attendanceId: string | null;
  /** The day of service in Europe/London, by which the card is found. */
  readonly servedOn: IsoDate;
  readonly servedAt: Date;
  /** The last day of a period; null of any other fact. */
  readonly periodEndsOn: IsoDate | null;
  /** What the provider expects, net, if it said. */
  readonly expectedMinor: Minor | null;
  /** The day in Europe/London on which it was claimed. */
  readonly submittedOn: IsoDate;
}

/** A price with everything that explains it. */
export interface ClaimPrice extends Pick<
  PricedLine,
  'netMinor' | 'indicativeMinor' | 'quantity' | 'unit' | 'unitPriceMinor' | 'reasons'
> {
  /** Of the card that gave the price; null where none was in force. */
  readonly rateCardId: string | null;
  readonly flags: readonly ClaimFlag[];
  /** How it counts towards caps and tiers, and its volume: billed minutes on an hourly card, lines on the others. */
  readonly lineKind: LineKind;
  readonly units: number;
}

/** The facts of one row of delivery that can earn something. */
export interface EarningFacts {
  readonly serviceId: string;
  readonly session: { readonly id: string; readonly heldOn: IsoDate; readonly startsAt: Date };
  readonly attendanceId: string | null;
  readonly referral: { readonly id: string; readonly acceptedOn: IsoDate; readonly acceptedAt: Date } | null;
}

export type EarnedFact = Pick<
  Charge,
  'chargeKind' | 'factKind' | 'factId' | 'referralId' | 'sessionId' | 'attendanceId' | 'servedOn' | 'servedAt'
>;

/** What the published cards say about who earns what, without their prices. */
export interface Rates {
  /** The kinds of charge that a service of the contract has, in alphabetical order. */
  readonly chargeKinds: (serviceId: string) => readonly string[];
  /** The kind of fact that earns a charge on a day; undefined where no card is in force. */
  readonly earningFact: (serviceId: string, day: IsoDate, chargeKind: string) => EarningFact | undefined;
  /** Whether a card in force on a day pays by the hour, so that the length of a session is needed. */
  readonly isHourly: (serviceId: string, day: IsoDate) => boolean;
}

/**
 * What delivery earns by the cards in force: one charge for each kind whose card is earned by the session, by the
 * attendance or, once and by the card in force on its day, by the acceptance of the referral. Milestones and monthly
 * amounts are earned by facts of their own.
 */
export function earnedBy(facts: EarningFacts, rates: Rates): EarnedFact[] {
  const { serviceId, session, attendanceId, referral } = facts;
  const earned: EarnedFact[] = [];
  for (const chargeKind of rates.chargeKinds(serviceId)) {
    const fact = rates.earningFact(serviceId, session.heldOn, chargeKind);
    if (fact === 'session') {
      earned.push(inSession(facts, chargeKind, fact, session.id));
    } else if (fact === 'attendance' && attendanceId !== null) {
      earned.push(inSession(facts, chargeKind, fact, attendanceId));
    } else if (referral && rates.earningFact(serviceId, referral.acceptedOn, chargeKind) === 'referral') {
      earned.push(acceptanceOf(referral, chargeKind));
    }
  }
  return earned;
}

function inSession(
  { session, referral, attendanceId }: EarningFacts,
  chargeKind: string,
  factKind: 'session' | 'attendance',
  factId: string,
): EarnedFact {
  const isOfPerson = factKind === 'attendance';
  return {
    chargeKind,
    factKind,
    factId,
    referralId: isOfPerson ? (referral?.id ?? null) : null,
    sessionId: session.id,
    attendanceId: isOfPerson ? attendanceId : null,
    servedOn: session.heldOn,
    servedAt: session.startsAt,
  };
}

/** The fee of an accepted referral: it belongs to the day of acceptance. */
export function acceptanceOf(referral: NonNullable<EarningFacts['referral']>, chargeKind: string): EarnedFact {
  const { id, acceptedOn, acceptedAt } = referral;
  return {
    chargeKind,
    factKind: 'referral',
    factId: id,
    referralId: id,
    sessionId: null,
    attendanceId: null,
    servedOn: acceptedOn,
    servedAt: acceptedAt,
  };
}
