import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Outcome } from '../pricing/index.js';
import type { Rates } from './claim-charge.rules.js';
import type { DeliveredRow, GivenSession } from './delivered-row.rules.js';

export interface KnownReferral {
  readonly id: string;
  readonly contractId: string;
  readonly state: 'made' | 'accepted' | 'declined' | 'closed';
  readonly acceptedOn: IsoDate | null;
}

/** A row with what the database knows of its referral, and the hashes of what it means. */
export interface FoundRow {
  readonly given: DeliveredRow;
  readonly referral: KnownReferral | 'unknown' | 'ambiguous' | null;
  /** SHA-256 in hexadecimal of `sessionKeyText`. */
  readonly sessionKey: string;
  /** SHA-256 in hexadecimal of the row's meaning; null in a request. */
  readonly rowHash: string | null;
}

export interface KnownSession extends Omit<GivenSession, 'evidenceSha256'> {
  readonly id: string;
  readonly eventId: string;
}

export interface KnownAttendance {
  readonly id: string;
  readonly sessionId: string;
  readonly referralId: string;
  readonly outcome: Outcome;
  readonly cancelledAt: Date | null;
  readonly travel: boolean;
}

/** A claim that stands, as the row says it: what makes a second one a repeat or another. */
export interface KnownClaim {
  readonly id: string;
  readonly factId: string;
  readonly chargeKind: string;
  readonly expectedMinor: Minor | null;
  readonly yourReference: string | null;
}

/** What is recorded already about the sessions, people and facts of some rows, under the contract's lock. */
export interface KnownDelivery {
  /** By session key. */
  readonly sessions: ReadonlyMap<string, KnownSession>;
  readonly attendances: readonly KnownAttendance[];
  readonly claims: readonly KnownClaim[];
  /** Row hashes that were taken before; true for those of this very file. */
  readonly hashes: ReadonlyMap<string, { readonly isOfThisFile: boolean }>;
}

export interface PlanSetting {
  readonly contractId: string;
  readonly rates: Rates;
  readonly isInForce: (day: IsoDate) => boolean;
  readonly now: Date;
  readonly today: IsoDate;
  /** False where delivery is only recorded. */
  readonly claims: boolean;
  readonly newId: () => string;
}
