import type { Minor } from '../money/index.js';
import type { LineKind } from '../pricing/index.js';
import type { ClaimFlag } from './claim-flag.rules.js';
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

export function storedPricing({ quantity, unit, unitPriceMinor, reasons, flags }: ClaimPrice): StoredPricing {
  return { quantity, unit, unitPriceMinor: unitPriceMinor.toString(), reasons, flags };
}

/** Each once. */
export function flagCodes({ flags }: ClaimPrice): ClaimFlag['code'][] {
  return [...new Set(flags.map(({ code }) => code))];
}

export function storedPrice(price: ClaimPrice): StoredPrice {
  return {
    rate_card_id: price.rateCardId,
    price_minor: price.netMinor.toString(),
    indicative_minor: price.indicativeMinor.toString(),
    pricing: storedPricing(price),
    flags: flagCodes(price),
    line_kind: price.lineKind,
    units: price.units,
  };
}

/** The same as an event says it: what a claim is charged by, beside its amount. */
export type PricedData = {
  readonly rateCardId: string | null;
  readonly indicativeMinor: bigint;
  readonly quantity: number;
  readonly unit: string;
  readonly unitPriceMinor: bigint;
  readonly reasons: readonly Finding[];
  readonly flags: readonly Finding[];
  readonly lineKind: LineKind;
  readonly units: number;
};

/** Reasons and flags are plain data with a code each; their interfaces are closed, which an event cannot know. */
type Finding = { readonly [name: string]: string | number | boolean };

export function pricedData(price: Omit<ClaimPrice, 'netMinor'>): PricedData {
  const { rateCardId, indicativeMinor, quantity, unit, unitPriceMinor, lineKind, units } = price;
  const [reasons, flags] = [price.reasons, price.flags] as unknown as Finding[][];
  return {
    rateCardId,
    indicativeMinor,
    quantity,
    unit,
    unitPriceMinor,
    reasons: reasons ?? [],
    flags: flags ?? [],
    lineKind,
    units,
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
