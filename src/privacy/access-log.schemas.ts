import { z } from 'zod';
import { ACCESS_KINDS } from '../platform/access-log.js';

export const AccessLogQuery = z
  .strictObject({
    before: z
      .string()
      .regex(/^\d{1,18}$/, 'must be the `next` of the page before')
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50).describe('How many reads, at most 500.'),
    subject: z.uuid().optional().describe('Only reads of this person, or of this referral.'),
    kind: z.enum(ACCESS_KINDS).optional(),
    from: z.iso.date().optional().describe('Read on this day in London or later.'),
    to: z.iso.date().optional().describe('Read on this day in London or earlier.'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    error: 'must not be before from',
  });
export type AccessLogQuery = z.infer<typeof AccessLogQuery>;

export const AccessLogPage = z
  .object({
    items: z.array(
      z.object({
        seq: z.string(),
        readAt: z.iso.datetime(),
        kind: z.enum(ACCESS_KINDS).describe('What the answer was about.'),
        route: z.string().describe('Method and pattern of the route: what it was read for.'),
        actorKind: z.enum(['person', 'service', 'system']),
        actorOrgId: z.uuid(),
        actorOrgName: z.string(),
        memberId: z.uuid().nullable(),
        memberName: z.string().nullable().describe('Null of somebody else’s members.'),
        keyId: z.uuid().nullable(),
        correlationId: z.string().describe('That of the answer, and of its lines in the log of the instance.'),
        referralIds: z.array(z.uuid()),
        personIds: z
          .array(z.uuid())
          .describe(
            'Empty for a provider. Where both lists are empty the answer was a file of all that the reader may see.',
          ),
      }),
    ),
    next: z.string().nullable().describe('Give it as `before` to read on; null at the end.'),
  })
  .meta({ id: 'AccessLog' });
