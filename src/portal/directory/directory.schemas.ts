import { z } from 'zod';
import { DAYS, PLACES } from '../../directory/index.js';

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((typed) => (typed === '' ? undefined : typed))
    .optional()
    .catch(undefined);
const age = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.number().max(120))
  .optional()
  .catch(undefined);

const code = z
  .string()
  .regex(/^[A-Za-z0-9]{2,12}$/)
  .transform((typed) => typed.toUpperCase());

export const CodeParameter = z.object({ code });
export type CodeParameter = z.infer<typeof CodeParameter>;
export const EntryParameter = z.object({ code, serviceId: z.uuid() });
export type EntryParameter = z.infer<typeof EntryParameter>;
export const ServiceParameter = z.object({ serviceId: z.uuid() });
export type ServiceParameter = z.infer<typeof ServiceParameter>;

export const ServicesAddress = z.object({
  q: text(100),
  postcode: text(10),
  age,
  day: z.enum(DAYS).optional().catch(undefined),
  places: z.enum(PLACES).optional().catch(undefined),
  commissioner: code.optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(1000).catch(1),
});
export type ServicesAddress = z.infer<typeof ServicesAddress>;

export const ListingsAddress = z.object({ q: text(100), after: z.uuid().optional().catch(undefined) });
export type ListingsAddress = z.infer<typeof ListingsAddress>;
