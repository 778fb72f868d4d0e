import { z } from 'zod';

/** Query parameters of a list: keyset, so that a page costs the same however far down it lies. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('How many rows, at most 500.'),
  after: z.uuid().optional().describe('The `next` of the page before.'),
});
export type PageQuery = z.infer<typeof PageQuery>;

export interface Page<Row> {
  items: Row[];
  /** Give it as `after` to read on; null at the end. */
  next: string | null;
}

/** Makes a page from limit + 1 rows that are ordered by id. */
export function pageOf<Row extends { id: string }>(rows: Row[], limit: number): Page<Row> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
