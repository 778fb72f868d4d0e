import type { Minor } from './money.js';
import { basisPoints, multiply } from './multiply.js';

/**
 * How a supply is treated for VAT, by UNCL5305: standard, lower (reduced), zero, exempt, outside the scope. EN 16931
 * knows no `AA`: an e-invoice writes a lower rate as `S` with its own rate (`en16931CategoryOf`).
 */
export const VAT_CATEGORIES = ['S', 'AA', 'Z', 'E', 'O'] as const;
export type VatCategory = (typeof VAT_CATEGORIES)[number];

export interface VatTreatment {
  readonly category: VatCategory;
  /** `2_000` is 20 %. More than zero for `S` and `AA`, zero for the others. */
  readonly rateBasisPoints: number;
}

export interface VatLine extends VatTreatment {
  /** Prices are net of VAT. */
  readonly netMinor: Minor;
}

export interface VatTotal extends VatTreatment {
  readonly netMinor: Minor;
  readonly vatMinor: Minor;
}

export const OUTSIDE_SCOPE: VatTreatment = { category: 'O', rateBasisPoints: 0 };

/** The treatment on the day of service: a provider that is not registered on it charges no VAT, whatever the service. */
export function vatTreatmentOn(isRegistered: boolean, treatment: VatTreatment): VatTreatment {
  return isRegistered ? treatment : OUTSIDE_SCOPE;
}

/** Whether the rate fits the category. */
export function isVatTreatment({ category, rateBasisPoints }: VatTreatment): boolean {
  const charged = category === 'S' || category === 'AA';
  return (
    Number.isInteger(rateBasisPoints) &&
    (charged ? rateBasisPoints > 0 && rateBasisPoints <= 10_000 : rateBasisPoints === 0)
  );
}

/** VAT on the net total of one rate of one invoice, rounded once, half up (HMRC VATREC12030). */
export function vatOn(netMinor: Minor, treatment: VatTreatment): Minor {
  return multiply(netMinor, basisPoints(treatment.rateBasisPoints), 'half_up');
}

/**
 * The totals of an invoice per category and rate, in the order S, AA, Z, E, O and then from the highest rate: VAT is
 * worked out once for each, never by line, so exempt lines stand apart from taxed ones.
 */
export function vatTotals(lines: readonly VatLine[]): VatTotal[] {
  const nets = new Map<string, VatLine>();
  for (const line of lines) {
    const key = `${line.category} ${line.rateBasisPoints}`;
    nets.set(key, { ...line, netMinor: (nets.get(key)?.netMinor ?? 0n) + line.netMinor });
  }
  return [...nets.values()]
    .map(({ category, rateBasisPoints, netMinor }) => {
      const treatment = { category, rateBasisPoints };
      return { ...treatment, netMinor, vatMinor: vatOn(netMinor, treatment) };
    })
    .sort(
      (a, b) =>
        VAT_CATEGORIES.indexOf(a.category) - VAT_CATEGORIES.indexOf(b.category) ||
        b.rateBasisPoints - a.rateBasisPoints,
    );
}

/**
 * VAT given back by a credit of one rate. The credit that takes the last of an invoice's net takes the VAT that is left,
 * so that several credits never give back a penny more or less than was charged. Positive amounts.
 */
export function vatOnCredit(creditNetMinor: Minor, left: VatTotal): Minor {
  if (creditNetMinor === left.netMinor) return left.vatMinor;
  const vatMinor = vatOn(creditNetMinor, left);
  return vatMinor > left.vatMinor ? left.vatMinor : vatMinor;
}

/** Outside the scope of VAT cannot share an e-invoice with another category (EN 16931, BR-O-11 to BR-O-14). */
export function mayShareInvoice(a: VatCategory, b: VatCategory): boolean {
  return (a === 'O') === (b === 'O');
}

export function en16931CategoryOf(category: VatCategory): Exclude<VatCategory, 'AA'> {
  return category === 'AA' ? 'S' : category;
}
