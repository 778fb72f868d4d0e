import type { Minor } from '../money/index.js';
import type { LineKind } from '../pricing/index.js';
import type { ClaimPrice } from './claim-charge.rules.js';

/** What is kept of a price beside its amount, as JSON: codes with figures, never text. */
export type StoredPricing = Pick<ClaimPrice, 'quantity' | 'unit' | 'reasons' | 'flags'> & {
  readonly unitPriceMinor: string;
};

/** The columns of a claim that its price fills. A type, because it is spelled as JSON. */
export type StoredPrice = {
  readonly rate_card_id: string | null;
  readonly price_minor: string;
  readonly indicative_minor: string;
  readonly pricing: StoredPricing;
  readonly flags: string[];
  readonly line_kind: LineKind;
  readonly units: number;
};

export function storedPrice(price: ClaimPrice): StoredPrice {
  const { quantity, unit, unitPriceMinor, reasons, flags } = price;
  return {
    rate_card_id: price.rateCardId,
    price_minor: price.netMinor.toString(),
    indicative_minor: price.indicativeMinor.toString(),
    pricing: { quantity, unit, unitPriceMinor: unitPriceMinor.toString(), reasons, flags },
    flags: [...new Set(flags.map(({ code }) => code))],
    line_kind: price.lineKind,
    units: price.units,
  };
}

/** The columns of a claim from which its price is made again. */
export interface PriceColumns {
  readonly rateCardId: string;
  readonly pricing: StoredPricing;
  readonly indicativeMinor: Minor;
  readonly lineKind: LineKind;
  readonly units: number;
}

/** A price as it was stored, with the amount that counts: the final one, or the provisional one before that. */
export function priceOfColumns(columns: PriceColumns, netMinor: Minor): ClaimPrice {
  const { rateCardId, pricing, indicativeMinor, lineKind, units } = columns;
  return {
    ...pricing,
    unitPriceMinor: BigInt(pricing.unitPriceMinor),
    rateCardId,
    netMinor,
    indicativeMinor,
    lineKind,
    units,
  };
}
