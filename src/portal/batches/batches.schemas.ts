import { z } from 'zod';
import { BATCH_STATES } from '../../batches/index.js';

/** How many lines a page of a batch shows, which is how many can be decided together. */
export const PAGE_LINES = 100;

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const id = z.uuid().optional().catch(undefined);
const month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
  .optional()
  .catch(undefined);
const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional()
  .catch(undefined);
const lines = z
  .preprocess((value) => [value ?? []].flat(), z.array(z.uuid()).max(PAGE_LINES))
  .catch([])
  .transform((ids) => [...new Set(ids)]);

export const BatchesAddress = z.object({
  provider: id,
  contract: id,
  month,
  state: z.enum(BATCH_STATES).optional().catch(undefined),
  after: id,
});
export type BatchesAddress = z.infer<typeof BatchesAddress>;

/** Of a batch: where the page begins, and which of its lines are selected. */
export const LinesAddress = z.object({ after: id, line: lines });
export type LinesAddress = z.infer<typeof LinesAddress>;

/** The batch as it was when its lines were looked at: its digest binds, the figures tell what has changed since. */
export const SeenAddress = z.object({
  digest,
  count: z.coerce.number().int().min(0).max(1_000_000).optional().catch(undefined),
  total: z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(BigInt)
    .optional()
    .catch(undefined),
});
export type SeenAddress = z.infer<typeof SeenAddress>;
