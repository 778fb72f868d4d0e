import { z } from 'zod';

export const PageAddress = z.object({ after: z.uuid().optional().catch(undefined) });
export type PageAddress = z.infer<typeof PageAddress>;
