import { z } from 'zod';
import { findNhsNumbers } from '../identifiers/index.js';
import { PageQuery } from '../platform/page.js';
import { CLOSE_REASONS, DECLINE_REASONS } from './referral.rules.js';
import { REFERRAL_SOURCES, REFERRAL_STATES } from './referral.entity.js';

const OPAQUE = 'must be opaque: it contains an NHS number, which belongs in nhsNumber';
const opaque = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => findNhsNumbers(text).length === 0, OPAQUE);

export const MakeReferral = z
  .strictObject({
    commissionerId: z.uuid().optional().describe('Needed from a provider or referrer that works with several.'),
    providerId: z.uuid().optional().describe('Needed unless you are the provider, or the service is named by its id.'),
    service: z.string().max(36).describe('Code of the service; or its id, as the directory gives it.'),
    contract: z.string().max(24).optional().describe('Code of the contract, when the service is in several.'),
    reference: opaque(64)
      .optional()
      .describe('The number of the referral in the system that it comes from; without one it is given one here.'),
    source: z.enum(REFERRAL_SOURCES),
    lawfulBasis: opaque(80).default('public_task').describe('For sharing it: UK GDPR article 6, such as public_task.'),
    sharingAgreement: opaque(80).optional().describe('Reference of the data sharing agreement.'),
    madeOn: z.iso.date().optional().describe('Today unless given.'),
    respondBy: z.iso.date().optional().describe('Two weeks after it was made unless given.'),
    sessionsPlanned: z.int().min(1).max(200).optional(),
    personReference: opaque(64).optional().describe('The other system’s own number for the person.'),
    nhsNumber: z
      .string()
      .max(20)
      .optional()
      .describe('Turned at once into a pseudonym that only this commissioner shares; never stored or logged.'),
  })
  .meta({ id: 'MakeReferral' });
export type MakeReferral = z.infer<typeof MakeReferral>;

export const ReferralView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    referrerId: z.uuid().nullable(),
    contractId: z.uuid(),
    serviceId: z.uuid(),
    reference: z.string(),
    source: z.enum(REFERRAL_SOURCES),
    state: z.enum(REFERRAL_STATES),
    unconfirmed: z.boolean().describe('So far only the provider says that it was referred.'),
    madeOn: z.iso.date(),
    respondBy: z.iso.date(),
    overdue: z.boolean().describe('Not answered by its day.'),
    sessionsPlanned: z.int().nullable(),
    acceptedOn: z.iso.date().nullable(),
    declineReason: z.string().nullable(),
    closedOn: z.iso.date().nullable(),
    closeReason: z.string().nullable(),
    personErasedAt: z.iso
      .datetime()
      .nullable()
      .describe('When the person was erased: from then on nothing here says whom it was about.'),
  })
  .meta({ id: 'Referral' });

export const ReferralDetail = ReferralView.extend({
  budget: z
    .object({ authorisedMinor: z.string(), leftMinor: z.string() })
    .nullable()
    .describe('What is left of the contract’s budget; not shown to the referrer.'),
}).meta({ id: 'ReferralDetail' });

export const ReferralList = z
  .object({ items: z.array(ReferralView), next: z.uuid().nullable() })
  .meta({ id: 'ReferralList' });

export const ReferralQuery = PageQuery.extend({
  state: z.enum(REFERRAL_STATES).optional(),
  contractId: z.uuid().optional(),
  reference: z.string().max(64).optional(),
  unconfirmed: z.enum(['true', 'false']).optional(),
});
export type ReferralQuery = z.infer<typeof ReferralQuery>;

export const Decline = z.strictObject({ reason: z.enum(DECLINE_REASONS) }).meta({ id: 'DeclineReferral' });
export const Close = z
  .strictObject({ reason: z.enum(CLOSE_REASONS), closedOn: z.iso.date().optional() })
  .meta({ id: 'CloseReferral' });
export const Accept = z
  .strictObject({ acceptedOn: z.iso.date().optional().describe('Today unless given; never before it was made.') })
  .meta({ id: 'AcceptReferral' });

export const AcceptMany = z
  .strictObject({
    referrals: z
      .array(
        z.strictObject({
          referralId: z.uuid(),
          acceptedOn: z.iso.date().optional().describe('Today unless given; never before it was made.'),
        }),
      )
      .min(1)
      .max(200),
  })
  .meta({ id: 'AcceptReferrals' });
export const AcceptedManyView = z
  .object({
    accepted: z.array(z.uuid()),
    refused: z.array(z.object({ id: z.uuid(), code: z.string() })).describe('Why not: the code of an error.'),
  })
  .meta({ id: 'AcceptedReferrals' });

export const ReferralFileQuery = z.strictObject({
  commissionerId: z.uuid().optional(),
  providerId: z.uuid().optional().describe('Needed unless you are the provider.'),
  contract: z.string().max(24).optional(),
  accept: z.enum(['true', 'false']).default('false').describe('For a provider: accept them at once, on the day made.'),
});
export type ReferralFileQuery = z.infer<typeof ReferralFileQuery>;

export const ReferralFileAnswer = z
  .object({
    rows: z.int(),
    accepted: z.int().describe('New referrals.'),
    repeated: z.int().describe('Rows whose referral was there already.'),
    failed: z.int(),
    droppedColumns: z.array(z.string()),
    failures: z.array(
      z.object({ row: z.int(), column: z.string(), entered: z.string(), code: z.string(), howToFix: z.string() }),
    ),
    failuresCsv: z.string().nullable().describe('The failed rows with reasons, to correct and send again.'),
  })
  .meta({ id: 'ReferralFile' });
