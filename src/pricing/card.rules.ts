import type { IsoDate } from '../platform/clock.js';
import { cardInForce, type RateCard } from './rate-card.rules.js';

/** The charge that a service has of itself. Another kind is a second rate, such as a milestone beside attendances. */
export const PRIMARY = 'primary';

/** A published card with what it prices. */
export interface ContractCard extends RateCard {
  readonly contractId: string;
  readonly serviceId: string;
  readonly chargeKind: string;
}

/** Names one rate, whose versions share caps and tiers: a contract, a service and a charge kind. */
export function rateKeyOf(contractId: string, serviceId: string, chargeKind: string): string {
  return `${contractId}/${serviceId}/${chargeKind}`;
}

/** The card that prices a charge for a service on a day, out of those of its contract. */
export function cardFor(
  cards: readonly ContractCard[],
  serviceId: string,
  day: IsoDate,
  chargeKind: string = PRIMARY,
): ContractCard | undefined {
  return cardInForce(
    cards.filter((card) => card.serviceId === serviceId && card.chargeKind === chargeKind),
    day,
  );
}
