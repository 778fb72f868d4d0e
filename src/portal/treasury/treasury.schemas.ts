import { z } from 'zod';
import { INVOICE_STATES } from '../../invoicing/index.js';
import { PAYOUT_STATES } from '../../payouts/index.js';

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const id = z.uuid().optional().catch(undefined);
const month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
  .optional()
  .catch(undefined);

export const InvoicesAddress = z.object({
  state: z.enum(INVOICE_STATES).optional().catch(undefined),
  contract: id,
  month,
  after: id,
});
export type InvoicesAddress = z.infer<typeof InvoicesAddress>;

export const PayoutsAddress = z.object({
  state: z.enum(PAYOUT_STATES).optional().catch(undefined),
  after: id,
});
export type PayoutsAddress = z.infer<typeof PayoutsAddress>;

/** `keep` stores a document rather than showing it. */
export const DocumentAddress = z.object({ keep: z.literal('1').optional().catch(undefined) });
export type DocumentAddress = z.infer<typeof DocumentAddress>;

/** For whom an account is opened: a commissioner, and the way in which it pays. */
export const OpeningAddress = z.object({
  for: z
    .string()
    .regex(/^[0-9a-f-]{36}:(?:stripe|outside)$/)
    .optional()
    .catch(undefined),
});
export type OpeningAddress = z.infer<typeof OpeningAddress>;

export const ChangeParameter = z.object({ id: z.uuid(), changeId: z.uuid() });
export type ChangeParameter = z.infer<typeof ChangeParameter>;
