import { z } from 'zod';
import { findNhsNumbers } from '../identifiers/index.js';
import { PageQuery } from '../platform/page.js';
import { ClaimView, ContractName, expectedMinor, period, yourReference } from './claims.schemas.js';

export const MODES = ['in_person', 'phone', 'video', 'home'] as const;
export const OUTCOMES = ['attended', 'did_not_attend', 'cancelled_late', 'cancelled'] as const;
const SESSION_OUTCOMES = ['held', 'cancelled', 'cancelled_late'] as const;

const OPAQUE = 'must be opaque: it contains an NHS number';
const opaque = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .refine((text) => findNhsNumbers(text).length === 0, OPAQUE);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** A referral by its id, or by the reference of the system that it came from. */
export const referralOf = {
  referral: opaque.optional().describe('The reference of the referral.'),
  referralId: z.uuid().optional().describe('Instead of the reference.'),
};

const GivenAttendance = z
  .strictObject({
    ...referralOf,
    outcome: z.enum(OUTCOMES),
    cancelledAt: instant.optional().describe('When notice was given: notice is elapsed time before the start.'),
    noticeMinutes: z
      .int()
      .min(0)
      .max(366 * 24 * 60)
      .optional()
      .describe('Instead of cancelledAt: how long before the start notice was given.'),
    travel: z.boolean().default(false).describe('Whether the contract’s travel supplement is claimed.'),
    expectedMinor,
    yourReference,
  })
  .refine(hasOneReferral, { message: 'needs either referral or referralId' })
  .refine((one) => one.cancelledAt === undefined || one.noticeMinutes === undefined, {
    message: 'needs either cancelledAt or noticeMinutes, not both',
  });

export const RecordSession = z
  .strictObject({
    contract: ContractName,
    service: z.string().max(24).describe('Code of the service.'),
    kind: z.enum(['one_to_one', 'group']).optional().describe('A group where it has a reference or several people.'),
    reference: opaque.optional().describe('Your reference for a group session. Never a name.'),
    date: z.iso.date().optional().describe('The day in the United Kingdom; instead of startsAt.'),
    start: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
      .optional()
      .describe('Time of day in the United Kingdom, with date.'),
    startsAt: instant.optional().describe('The instant; instead of date and start.'),
    durationMinutes: z.int().min(1).max(1440).optional(),
    mode: z.enum(MODES).optional(),
    booked: z.int().min(0).max(500).optional().describe('How many people were booked.'),
    outcome: z.enum(SESSION_OUTCOMES).optional().describe('Of the session as a whole.'),
    cancelledAt: instant.optional(),
    evidenceSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal')
      .optional()
      .describe('Digest of a note or file that you keep.'),
    attendances: z.array(GivenAttendance).max(200).default([]),
    claim: z.boolean().default(false).describe('Claim at once what the session earns.'),
  })
  .refine((body) => (body.date === undefined) !== (body.startsAt === undefined), {
    message: 'needs either date or startsAt',
  })
  .refine((body) => body.start === undefined || body.date !== undefined, { message: 'start goes with date' })
  .refine((body) => body.attendances.length > 0 || body.outcome !== undefined, {
    message: 'needs attendances, or the outcome of the session as a whole',
  })
  .meta({ id: 'RecordSession' });
export type RecordSession = z.infer<typeof RecordSession>;

function hasOneReferral(body: { referral?: string | undefined; referralId?: string | undefined }): boolean {
  return (body.referral === undefined) !== (body.referralId === undefined);
}

export const SessionView = z
  .object({
    id: z.uuid(),
    contractId: z.uuid(),
    serviceId: z.uuid(),
    kind: z.enum(['one_to_one', 'group']),
    reference: z.string().nullable(),
    heldOn: z.iso.date(),
    startsAt: z.iso.datetime().nullable().describe('Null where no time was given.'),
    durationMinutes: z.int().nullable(),
    mode: z.enum(MODES).nullable(),
    booked: z.int().nullable(),
    outcome: z.enum(SESSION_OUTCOMES).nullable(),
    cancelledAt: z.iso.datetime().nullable(),
    evidenceSha256: z.string().nullable(),
    attendances: z.array(
      z.object({
        id: z.uuid(),
        referralId: z.uuid(),
        outcome: z.enum(OUTCOMES),
        cancelledAt: z.iso.datetime().nullable(),
        travel: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Session' });

export const RecordedView = z
  .object({
    session: SessionView,
    repeated: z.boolean().describe('Everything was known already, and nothing was done.'),
    claims: z.array(ClaimView).describe('Those that this request made.'),
  })
  .meta({ id: 'RecordedSession' });

export const SessionList = z
  .object({ items: z.array(SessionView), next: z.uuid().nullable() })
  .meta({ id: 'SessionList' });

export const SessionQuery = PageQuery.extend({
  contract: ContractName.optional(),
  period: period.optional(),
  referralId: z.uuid().optional(),
});
export type SessionQuery = z.infer<typeof SessionQuery>;

export const ProgressView = z
  .object({
    referralId: z.uuid(),
    planned: z.int().nullable(),
    attended: z.int(),
    didNotAttend: z.int(),
    cancelled: z.int(),
    lastAttendedOn: z.iso.date().nullable(),
    words: z.string().describe('Such as "attended 5 of 6".'),
  })
  .meta({ id: 'ReferralProgress' });
