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

/** A part of a month in which one card holds. Both days are included. */
export interface CardPeriod {
  readonly card: ContractCard;
  readonly firstDay: IsoDate;
  readonly lastDay: IsoDate;
}

/**
 * The parts of a month, `YYYY-MM`, in which a card is in force and the contract too: one for a whole month, more where the
 * card changes, shorter ones where the contract starts or ends. A monthly amount is charged once for each.
 */
export function cardPeriods(
  cards: readonly ContractCard[],
  contract: { readonly startsOn: IsoDate; readonly endsOn: IsoDate },
  serviceId: string,
  month: string,
  chargeKind: string = PRIMARY,
): CardPeriod[] {
  const periods: CardPeriod[] = [];
  let unbroken = false;
  for (const day of daysOf(month)) {
    const held = contract.startsOn <= day && day <= contract.endsOn;
    const card = held ? cardFor(cards, serviceId, day, chargeKind) : undefined;
    const last = periods.at(-1);
    if (card && unbroken && last?.card === card) periods[periods.length - 1] = { ...last, lastDay: day };
    else if (card) periods.push({ card, firstDay: day, lastDay: day });
    unbroken = card !== undefined;
  }
  return periods;
}

function daysOf(month: string): IsoDate[] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`);
}
