import { z } from 'zod';
import { LINE_STATES } from '../../batches/index.js';

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const id = z.uuid().optional().catch(undefined);
const month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
  .optional()
  .catch(undefined);
const yes = z.literal('1').optional().catch(undefined);
const ids = z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.uuid()).max(50)).catch([]);

export const SessionsAddress = z.object({ contract: id, month, unclaimed: yes, after: id });
export type SessionsAddress = z.infer<typeof SessionsAddress>;

export const ServiceAddress = z.object({ service: z.string().max(80).optional().catch(undefined) });
export type ServiceAddress = z.infer<typeof ServiceAddress>;

export const ClaimsAddress = z.object({
  contract: id,
  month,
  state: z.enum(LINE_STATES).optional().catch(undefined),
  flagged: yes,
  file: id,
  after: id,
});
export type ClaimsAddress = z.infer<typeof ClaimsAddress>;

export const NewClaimAddress = z.object({ contract: id, item: z.string().max(200).optional().catch(undefined) });
export type NewClaimAddress = z.infer<typeof NewClaimAddress>;

export const MonthAddress = z.object({ month, contract: ids });
export type MonthAddress = z.infer<typeof MonthAddress>;

export const SentAddress = z.object({ id: ids });
export type SentAddress = z.infer<typeof SentAddress>;

export const PageAddress = z.object({ after: id, all: yes });
export type PageAddress = z.infer<typeof PageAddress>;
