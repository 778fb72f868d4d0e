import type { IsoDate } from '../platform/clock.js';

/** What somebody means to claim: what is left of a recorded session, or one other fact. Ids are UUIDs. */
export type ListedFact =
  | { readonly kind: 'session'; readonly contractId: string; readonly sessionId: string }
  | {
      readonly kind: 'milestone';
      readonly contractId: string;
      readonly referralId: string;
      /** Its code on the rate card. */
      readonly name: string;
      readonly reachedOn: IsoDate;
    }
  | { readonly kind: 'referral'; readonly contractId: string; readonly referralId: string }
  | {
      readonly kind: 'period';
      readonly contractId: string;
      /** `YYYY-MM`. */
      readonly month: string;
      /** The code of the service. */
      readonly service: string;
    };

export interface ListedClaim {
  /** Of the fact: the same fact twice is one entry. */
  readonly key: string;
  readonly fact: ListedFact;
  /** The provider's own, where it gave one; a session has none, because it may be several claims. */
  readonly yourReference: string | null;
}

/** Names a fact in a list: letters, digits, dots and hyphens. */
export function keyOfFact(fact: ListedFact): string {
  switch (fact.kind) {
    case 'session':
      return `session.${fact.sessionId}`;
    case 'milestone':
      return `milestone.${fact.referralId}.${fact.name}`;
    case 'referral':
      return `referral.${fact.referralId}`;
    default:
      return `period.${fact.contractId}.${fact.month}.${fact.service}`;
  }
}
