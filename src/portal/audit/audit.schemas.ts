import { z } from 'zod';
import { REFERENCE_MAX, TRACE_KINDS } from '../../assurance/index.js';

const text = z.string().max(200).optional().catch(undefined);

/** What is looked for: anything that somebody typed. */
export const SearchAddress = z.object({
  q: z
    .string()
    .max(4 * REFERENCE_MAX)
    .optional(),
});
export type SearchAddress = z.infer<typeof SearchAddress>;

/** Where to read on among what one thing came from or led to. */
export const FollowAddress = z.object({
  kind: z.enum(TRACE_KINDS).optional().catch(undefined),
  after: z.uuid().optional().catch(undefined),
});
export type FollowAddress = z.infer<typeof FollowAddress>;

/** Which events: the filters as people type them, and the place in the log. */
export const JournalAddress = z.object({
  type: text,
  subject: text,
  'from-day': text,
  'from-month': text,
  'from-year': text,
  'to-day': text,
  'to-month': text,
  'to-year': text,
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .catch(undefined),
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .catch(undefined),
});
export type JournalAddress = z.infer<typeof JournalAddress>;

/** Which reads of persons: the filters as people type them, and the place in the log. */
export const AccessAddress = z.object({
  kind: text,
  subject: text,
  'from-day': text,
  'from-month': text,
  'from-year': text,
  'to-day': text,
  'to-month': text,
  'to-year': text,
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .catch(undefined),
});
export type AccessAddress = z.infer<typeof AccessAddress>;
