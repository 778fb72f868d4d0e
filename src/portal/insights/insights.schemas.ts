import { z } from 'zod';
import { STATEMENT_FORMATS, STATEMENT_PARTIES } from '../../statements/index.js';

const text = z.string().max(200).optional().catch(undefined);
const id = z.uuid().optional().catch(undefined);

/** Which figures: the days by their name, and of whom. */
export const InsightsAddress = z.object({ range: text, provider: id, contract: id });
export type InsightsAddress = z.infer<typeof InsightsAddress>;

export const ReportAddress = z.object({ range: text });
export type ReportAddress = z.infer<typeof ReportAddress>;

/** Whose statements, as `provider:` and an id, and days of one's own as people type them. */
export const StatementsAddress = z.object({
  account: text,
  own: text,
  'from-day': text,
  'from-month': text,
  'from-year': text,
  'to-day': text,
  'to-month': text,
  'to-year': text,
});
export type StatementsAddress = z.infer<typeof StatementsAddress>;

export const FileAddress = z.object({
  party: z.enum(STATEMENT_PARTIES).optional().catch(undefined),
  id,
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  format: z.enum(STATEMENT_FORMATS).catch('pdf').default('pdf'),
});
export type FileAddress = z.infer<typeof FileAddress>;

export const BalancesAddress = z.object({ contract: id, 'on-day': text, 'on-month': text, 'on-year': text });
export type BalancesAddress = z.infer<typeof BalancesAddress>;
