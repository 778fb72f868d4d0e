import { z } from 'zod';
import { PLACES } from '../../directory/index.js';
import { REFERRAL_STATES } from '../../referrals/index.js';

/** What stands in an address is chosen from lists or typed by hand: what makes no sense there is left out. */
const id = z.uuid().optional().catch(undefined);
const yes = z.literal('1').optional().catch(undefined);
const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((typed) => (typed === '' ? undefined : typed))
    .optional()
    .catch(undefined);

export const ReferralsAddress = z.object({
  state: z.enum(REFERRAL_STATES).optional().catch(undefined),
  service: id,
  reference: text(64),
  unconfirmed: yes,
  after: id,
});
export type ReferralsAddress = z.infer<typeof ReferralsAddress>;

export const ChooseAddress = z.object({
  service: id,
  fresh: yes,
  q: text(100),
  postcode: text(10),
  places: z.enum(PLACES).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(1000).catch(1),
});
export type ChooseAddress = z.infer<typeof ChooseAddress>;

export const TickedReferrals = z.array(z.uuid()).min(1).max(200);
