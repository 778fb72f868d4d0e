import { sumMinor, type VatTreatment } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';

export interface DayRange {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** Why no VAT is charged. A closed list, so that no free text reaches a document. */
export type VatReason =
  | 'welfare'
  | 'health'
  | 'education'
  | 'zero_rated'
  | 'not_registered'
  | 'not_business'
  | 'grant'
  | 'other';

export interface InvoiceVat extends VatTreatment {
  /** Null where VAT is charged. */
  readonly reason: VatReason | null;
}

export type InvoiceUnit = 'session' | 'person' | 'hour' | 'referral' | 'milestone' | 'month' | 'charge';

/** One line of the invoice. `netMinor` is exactly `unitPriceMinor × quantityThousandths / 1000`. */
export interface InvoiceLine {
  /** Counts from 1. */
  readonly position: number;
  readonly serviceCode: string;
  /** The service's name and, where it is not a plain charge, what is charged: "Singing group — did not attend, 50 %". */
  readonly description: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly period: DayRange;
  readonly unit: InvoiceUnit;
  readonly quantityThousandths: bigint;
  readonly unitPriceMinor: bigint;
  readonly netMinor: bigint;
  readonly vat: InvoiceVat;
  /** How many claims stand behind the line. */
  readonly claimCount: number;
}

/**
 * One approved charge, or several that share everything here. There is no field for a person, a claim's reference or
 * free text: the service is named as its contract names it, and everything else is a code or a figure.
 */
export interface ApprovedLine {
  readonly serviceCode: string;
  readonly serviceName: string;
  readonly servedOn: IsoDate;
  /** `YYYY-MM`, the month in which it is invoiced as delivered. */
  readonly month: string;
  readonly unit: InvoiceUnit;
  /** In units, three decimals at the most. */
  readonly quantity: number;
  readonly unitPriceMinor: bigint;
  readonly netMinor: bigint;
  readonly vat: InvoiceVat;
  readonly claimCount: number;
  readonly reasons: readonly LineReason[];
}

/** What an invoice says of a price's reasons. */
export interface LineReason {
  readonly code: string;
  readonly basisPoints?: number | null;
  /** The code on the rate card. */
  readonly milestone?: string;
}

interface Measured extends ApprovedLine {
  readonly quantityThousandths: bigint;
  readonly words: string;
}

/**
 * Sums lines that share service, unit price, VAT treatment, month and what is charged for, so that a missed appointment
 * stands apart from an attended one. The result does not depend on the order of the lines, and each sum is exactly its
 * quantity times its unit price.
 */
export function groupLines(approved: readonly ApprovedLine[]): InvoiceLine[] {
  const groups = new Map<string, Measured[]>();
  for (const line of approved.map(measure)) {
    const { serviceCode, serviceName, month, words, unit, unitPriceMinor, vat } = line;
    const treatment = [vat.category, vat.rateBasisPoints, vat.reason];
    const key = JSON.stringify([serviceName, serviceCode, month, words, unit, String(unitPriceMinor), ...treatment]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  // Code points, not a locale: the same on every machine. Plain charges come before those with words.
  const inOrder = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.map(([, lines], index) => sumLines(lines, index + 1));
}

function sumLines(lines: readonly Measured[], position: number): InvoiceLine {
  const [first] = lines;
  if (first === undefined) throw new RangeError('A group has a line');
  const { serviceCode, serviceName, words, month, unit, unitPriceMinor } = first;
  const { category, rateBasisPoints, reason } = first.vat;
  const days = lines.map((line) => line.servedOn).sort();
  return {
    position,
    serviceCode,
    description: words === '' ? serviceName : `${serviceName} — ${words}`,
    month,
    period: { from: days[0] ?? first.servedOn, to: days.at(-1) ?? first.servedOn },
    unit,
    quantityThousandths: sumMinor(lines.map((line) => line.quantityThousandths)),
    unitPriceMinor,
    netMinor: sumMinor(lines.map((line) => line.netMinor)),
    vat: { category, rateBasisPoints, reason },
    claimCount: lines.reduce((sum, line) => sum + line.claimCount, 0),
  };
}

/**
 * Makes quantity times unit price the net exactly, with the sign on the quantity (EN 16931 BR-27: a price is not
 * negative). Where the two do not multiply to the net, the charge is one of its net amount.
 */
function measure(line: ApprovedLine): Measured {
  const words = wordsOf(line.reasons);
  const quantityThousandths = BigInt(Math.round(line.quantity * 1000));
  const exact = quantityThousandths * line.unitPriceMinor === line.netMinor * 1000n;
  const [quantity, price] = exact ? [quantityThousandths, line.unitPriceMinor] : [1000n, line.netMinor];
  const sign = price < 0n ? -1n : 1n;
  return {
    ...line,
    words,
    unit: exact ? line.unit : 'charge',
    quantityThousandths: quantity * sign,
    unitPriceMinor: price * sign,
  };
}

/** What is charged for, where it is not the plain thing. Codes that change no description have no words. */
const WORDS: Readonly<Record<string, string>> = {
  did_not_attend: 'did not attend',
  cancelled_late: 'cancelled late',
  cancelled_in_time: 'cancelled in time',
  missed_not_paid: 'missed, not paid',
  below_minimum: 'below the minimum attendance',
  absent_share: 'absent from a group',
  group_share: 'share of a group session',
  minimum_charge: 'minimum charge',
  out_of_hours: 'out of hours',
  travel: 'with travel',
  block_month: 'monthly amount',
  block_in_proportion: 'in proportion to activity',
  block_further_units: 'with further units',
  recognised: 'recognised, not paid',
};

function wordsOf(reasons: readonly LineReason[]): string {
  const said = reasons.flatMap(({ code, basisPoints, milestone }) => {
    if (code === 'milestone') return [(milestone ?? code).replaceAll('_', ' ')];
    const words = WORDS[code];
    if (words === undefined) return [];
    return [typeof basisPoints === 'number' ? `${words}, ${basisPoints / 100} %` : words];
  });
  return [...new Set(said)].join('; ');
}
