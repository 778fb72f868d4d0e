import { z } from 'zod';
import { isVatTreatment, VAT_CATEGORIES } from '../money/index.js';
import { day } from './contracts.schemas.js';
import { SERVICE_VAT_REASONS } from './vat-treatment.rules.js';

export const SetVatTreatment = z
  .strictObject({
    effectiveFrom: day,
    category: z
      .enum(VAT_CATEGORIES)
      .describe('S standard rate, AA reduced rate, Z zero rate, E exempt, O outside the scope.'),
    rateBasisPoints: z.int().min(0).max(10_000).default(0).describe('2000 is 20 %; 0 unless S or AA.'),
    reason: z.enum(SERVICE_VAT_REASONS).nullable().default(null).describe('Why no VAT is charged: not with S or AA.'),
  })
  .refine(isVatTreatment, { path: ['rateBasisPoints'], error: 'must be above 0 with S and AA, and 0 with the others' })
  .refine(({ rateBasisPoints, reason }) => (reason === null) === rateBasisPoints > 0, {
    path: ['reason'],
    error: 'must be given where no VAT is charged, and only there',
  })
  .meta({ id: 'SetVatTreatment' });
export type SetVatTreatment = z.infer<typeof SetVatTreatment>;

export const VatTreatmentView = z
  .object({
    id: z.uuid(),
    serviceId: z.uuid(),
    effectiveFrom: day,
    category: z.enum(VAT_CATEGORIES),
    rateBasisPoints: z.int(),
    reason: z.enum(SERVICE_VAT_REASONS).nullable(),
  })
  .meta({ id: 'VatTreatment' });

export const ProposeAgreement = z
  .strictObject({
    providerId: z.uuid(),
    startsOn: day,
    endsOn: day.describe('Included. Twelve months are customary.'),
  })
  .refine(({ startsOn, endsOn }) => startsOn <= endsOn, { path: ['endsOn'], error: 'must not be before startsOn' })
  .meta({ id: 'ProposeSelfBilling' });
export type ProposeAgreement = z.infer<typeof ProposeAgreement>;

export const AgreementView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    vatNumber: z.string().nullable().describe("The provider's on the first day; null when it was not registered."),
    startsOn: day,
    endsOn: day,
    acceptedAt: z.iso.datetime().nullable().describe('Until then the agreement does not hold.'),
  })
  .meta({ id: 'SelfBillingAgreement' });
