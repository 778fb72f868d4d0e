import { z } from 'zod';

/** As many contracts as are made together. */
const TOGETHER_MAX = 100;

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/)
  .optional()
  .catch(undefined);
const ids = z
  .preprocess((value) => [value ?? []].flat(), z.array(z.uuid()).max(TOGETHER_MAX))
  .catch([])
  .transform((all) => [...new Set(all)]);

/** The month, and the contracts that were chosen. */
export const MakingAddress = z.object({ month, contract: ids });
export type MakingAddress = z.infer<typeof MakingAddress>;

/** The batches that were made of a month, and the contracts of which none was. */
export const MadeAddress = z.object({ month, batch: ids, contract: ids });
export type MadeAddress = z.infer<typeof MadeAddress>;
