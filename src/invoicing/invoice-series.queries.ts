import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { SeriesKey, SeriesNow } from './numbering.rules.js';

/** $1 commissioner, $2 year, $3 providers, $4 their kinds. */
const SERIES = `
select s.provider_id as "providerId", s.kind, s.prefix, s.last_number as "lastNumber"
from unnest($3::uuid[], $4::text[]) as t (provider_id, kind)
join invoice_series s on s.commissioner_id = $1 and s.provider_id = t.provider_id and s.kind = t.kind and s.year = $2
order by s.provider_id, s.kind`;

const TAKEN = 'select prefix from invoice_series where commissioner_id = $1 and year = $2 and prefix = any ($3)';

/** $1 commissioner, $2 year, $3 providers, $4 kinds, $5 prefixes. */
const OPEN = `
insert into invoice_series (commissioner_id, provider_id, kind, year, prefix)
select $1, provider_id, kind, $2, prefix from unnest($3::uuid[], $4::text[], $5::text[]) as t (provider_id, kind, prefix)
order by provider_id, kind
on conflict do nothing`;

/** $1 commissioner, $2 year, $3 providers, $4 kinds, $5 numbers. */
const MOVE = `
update invoice_series s set last_number = t.last_number
from unnest($3::uuid[], $4::text[], $5::int[]) as t (provider_id, kind, last_number)
where s.commissioner_id = $1 and s.provider_id = t.provider_id and s.kind = t.kind and s.year = $2`;

/** Whose series, and of which year: that of the day of issue in London. */
export interface SeriesOf {
  readonly commissionerId: string;
  readonly year: number;
}

const columnsOf = (keys: readonly SeriesKey[]) => [
  keys.map(({ providerId }) => providerId),
  keys.map(({ kind }) => kind),
];

/** Those of the series that are open. */
export function findSeries(reader: Reader, of: SeriesOf, keys: readonly SeriesKey[]): Promise<SeriesNow[]> {
  return reader.query<SeriesNow>(SERIES, [of.commissionerId, of.year, ...columnsOf(distinct(keys))]);
}

/** Those of the prefixes that some series has. */
export async function findTaken(
  reader: Reader,
  of: SeriesOf,
  prefixes: readonly string[],
): Promise<ReadonlySet<string>> {
  if (prefixes.length === 0) return new Set();
  const rows = await reader.query<{ prefix: string }>(TAKEN, [of.commissionerId, of.year, prefixes]);
  return new Set(rows.map(({ prefix }) => prefix));
}

/**
 * Opens the series that are missing under the given prefixes, unless another has opened them or taken their prefixes
 * meanwhile, and locks those that are open until `tx` ends, in one order for everybody.
 */
export async function lockSeries(
  tx: Tx,
  of: SeriesOf,
  series: readonly (SeriesKey & { readonly prefix: string; readonly isNew: boolean })[],
): Promise<SeriesNow[]> {
  const { commissionerId, year } = of;
  const missing = series.filter(({ isNew }) => isNew);
  if (missing.length > 0) {
    await tx.execute(OPEN, [commissionerId, year, ...columnsOf(missing), missing.map(({ prefix }) => prefix)]);
  }
  return tx.query<SeriesNow>(`${SERIES} for update of s`, [commissionerId, year, ...columnsOf(distinct(series))]);
}

/** Moves locked series on. A number that was taken goes back when `tx` is rolled back: the numbers have no gap. */
export async function moveSeries(
  tx: Tx,
  { commissionerId, year }: SeriesOf,
  series: readonly SeriesNow[],
): Promise<void> {
  if (series.length === 0) return;
  const last = series.map(({ lastNumber }) => lastNumber);
  const moved = await tx.execute(MOVE, [commissionerId, year, ...columnsOf(series), last]);
  assert(moved === series.length, 'a series that is locked is there');
}

function distinct(keys: readonly SeriesKey[]): SeriesKey[] {
  return [...new Map(keys.map((key) => [`${key.kind} ${key.providerId}`, key])).values()];
}
