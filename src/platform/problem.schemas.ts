import { z } from 'zod';

/** An error on the wire: RFC 9457, with our code, details and correlation id. */
export const ProblemSchema = z
  .object({
    type: z.string().describe('Where this code is explained.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('Stable: never renamed.'),
    correlationId: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof ProblemSchema>;
