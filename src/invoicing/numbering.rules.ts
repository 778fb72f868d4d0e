import { invoiceNumber } from './invoice-number.rules.js';
import { seriesPrefixes, type SeriesKind } from './issue.rules.js';

/** The numbers of one supplier to one commissioner, of one kind and year. */
export interface SeriesKey {
  readonly providerId: string;
  readonly kind: SeriesKind;
}

export interface SeriesNow extends SeriesKey {
  readonly prefix: string;
  readonly lastNumber: number;
}

export interface NumberInSeries {
  readonly number: string;
  readonly prefix: string;
  /** Counts from 1. */
  readonly count: number;
}

export interface NumberWanted extends SeriesKey {
  readonly id: string;
  readonly providerCode: string;
}

export interface NumbersKnown {
  readonly commissionerCode: string;
  /** Of the day of issue in London. */
  readonly year: number;
  readonly series: readonly SeriesNow[];
  /** Prefixes of this commissioner and year that are some series' already. */
  readonly taken: ReadonlySet<string>;
}

const keyOf = ({ providerId, kind }: SeriesKey) => `${kind} ${providerId}`;

/** The series that are not open yet, each with the prefixes that it might get. */
export function prefixesWanted(wanted: readonly NumberWanted[], known: Omit<NumbersKnown, 'taken'>): string[] {
  const open = new Set(known.series.map(keyOf));
  const missing = wanted.filter((one) => !open.has(keyOf(one)));
  return missing.flatMap(({ providerCode, kind }) => seriesPrefixes(providerCode, known.commissionerCode, kind));
}

/**
 * The numbers that documents will get, in this order, if nobody else takes one meanwhile: what is drawn before its series is
 * locked. Throws RangeError where every prefix of a series is another's.
 */
export function foreseeNumbers(
  wanted: readonly NumberWanted[],
  { commissionerCode, year, series, taken }: NumbersKnown,
): ReadonlyMap<string, NumberInSeries> {
  const now = new Map(series.map((one) => [keyOf(one), one]));
  const prefixes = new Set(taken);
  const foreseen = new Map<string, NumberInSeries>();
  for (const { id, providerId, kind, providerCode } of wanted) {
    const key = keyOf({ providerId, kind });
    const last = now.get(key) ?? {
      prefix: freePrefix(seriesPrefixes(providerCode, commissionerCode, kind), prefixes),
      lastNumber: 0,
    };
    const [prefix, count] = [last.prefix, last.lastNumber + 1];
    prefixes.add(prefix);
    now.set(key, { providerId, kind, prefix, lastNumber: count });
    foreseen.set(id, { number: invoiceNumber(prefix, year, count), prefix, count });
  }
  return foreseen;
}

function freePrefix(candidates: readonly string[], taken: ReadonlySet<string>): string {
  const free = candidates.find((prefix) => !taken.has(prefix));
  if (free === undefined) throw new RangeError('No prefix is free for the series');
  return free;
}

/** What was foreseen of a document. */
export interface Foreseen extends SeriesKey {
  readonly id: string;
  readonly series: NumberInSeries;
}

export interface NumbersHeld {
  /** Documents whose number is still the next one of its series. */
  readonly ids: ReadonlySet<string>;
  /** Those series, after these documents. */
  readonly series: readonly SeriesNow[];
}

/** Which foreseen numbers hold, in their order, now that the series are locked. A document that fell out leaves no gap. */
export function heldNumbers(foreseen: readonly Foreseen[], locked: readonly SeriesNow[]): NumbersHeld {
  const now = new Map(locked.map((one) => [keyOf(one), one]));
  const ids = new Set<string>();
  const moved = new Map<string, SeriesNow>();
  for (const one of foreseen) {
    const key = keyOf(one);
    const last = moved.get(key) ?? now.get(key);
    if (!last || last.prefix !== one.series.prefix || last.lastNumber + 1 !== one.series.count) continue;
    moved.set(key, { ...last, lastNumber: one.series.count });
    ids.add(one.id);
  }
  return { ids, series: [...moved.values()] };
}
