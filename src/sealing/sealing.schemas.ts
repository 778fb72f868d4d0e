import { z } from 'zod';

export const EventParameter = z.strictObject({ id: z.uuid() });
export type EventParameter = z.infer<typeof EventParameter>;

export const CommissionerQuery = z.strictObject({
  commissioner: z
    .uuid()
    .optional()
    .describe('Whose log. A provider with contracts of one commissioner may leave it out.'),
});
export type CommissionerQuery = z.infer<typeof CommissionerQuery>;
