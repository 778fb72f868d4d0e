import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { invoiceNumber } from './invoice-number.rules.js';
import { seriesPrefixes, type SeriesKind } from './issue.rules.js';

const OPEN_SERIES = `
insert into invoice_series (commissioner_id, provider_id, kind, year, prefix) values ($1, $2, $3, $4, $5)
on conflict do nothing`;

const NEXT = `
update invoice_series set last_number = last_number + 1
where commissioner_id = $1 and provider_id = $2 and kind = $3 and year = $4
returning prefix, last_number as count`;

export interface Series {
  readonly commissionerId: string;
  readonly providerId: string;
  readonly kind: SeriesKind;
  /** Of the day of issue in London. */
  readonly year: number;
}

export interface NumberInSeries {
  readonly number: string;
  readonly prefix: string;
  readonly count: number;
}

/**
 * Takes the next number of a series. The series stays locked until `tx` ends, and a number that was taken goes back when
 * it is rolled back, so the numbers of issued documents have no gap.
 */
export async function takeNumber(
  tx: Tx,
  series: Series,
  codes: { readonly provider: string; readonly commissioner: string },
): Promise<NumberInSeries> {
  const { commissionerId, providerId, kind, year } = series;
  const key = [commissionerId, providerId, kind, year];
  for (const prefix of seriesPrefixes(codes.provider, codes.commissioner, kind)) {
    const [taken] = await tx.query<{ prefix: string; count: number }>(NEXT, key);
    if (taken) return { ...taken, number: invoiceNumber(taken.prefix, year, taken.count) };
    await tx.execute(OPEN_SERIES, [...key, prefix]);
  }
  const [taken] = await tx.query<{ prefix: string; count: number }>(NEXT, key);
  assert(taken, 'some prefix is free for the series');
  return { ...taken, number: invoiceNumber(taken.prefix, year, taken.count) };
}
