import { z } from 'zod';
import { findNhsNumbers } from '../identifiers/index.js';
import { PageQuery } from '../platform/page.js';
import { CLAIM_STATES } from './claim.entity.js';

export const ContractName = z.string().min(1).max(36).describe('Code of the contract, or its id.');

export const period = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'must be a month, YYYY-MM')
  .describe('A month, YYYY-MM.');

export const expectedMinor = z
  .string()
  .regex(/^\d{1,15}$/, 'must be pence as digits')
  .transform(BigInt)
  .optional()
  .describe('What you expect to be paid, in pence, without VAT: compared with the contract.');

export const yourReference = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .refine((text) => findNhsNumbers(text).length === 0, 'must be opaque: it contains an NHS number')
  .optional()
  .describe('Your own reference, given back to you in statements. Never a name.');

const Fact = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('attendance'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('session'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('referral'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('milestone'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('period'), month: period, service: z.string().max(24) }),
]);

export const SubmitClaim = z
  .strictObject({
    contract: ContractName,
    fact: Fact.describe('What earns the charge: recorded delivery, an accepted referral, a milestone, or a month.'),
    expectedMinor,
    yourReference,
    paidTo: z.uuid().optional().describe('The organisation that is paid, if not you.'),
    deliveredBy: z.uuid().optional().describe('The organisation that delivered, if not you.'),
  })
  .meta({ id: 'SubmitClaim' });
export type SubmitClaim = z.infer<typeof SubmitClaim>;

export const RecordMilestone = z
  .strictObject({
    contract: ContractName,
    referralId: z.uuid(),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{1,39}$/, 'must be lower case with underscores')
      .describe('The code on the rate card, such as completed.'),
    reachedOn: z.iso.date(),
    claim: z.boolean().default(true).describe('Claim at once what it earns.'),
    expectedMinor,
    yourReference,
  })
  .meta({ id: 'RecordMilestone' });
export type RecordMilestone = z.infer<typeof RecordMilestone>;

export const DeclareNil = z.strictObject({ contract: ContractName, period }).meta({ id: 'DeclareNil' });
export type DeclareNil = z.infer<typeof DeclareNil>;

const Worded = z.object({ code: z.string(), text: z.string() });

export const ClaimView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    contractId: z.uuid(),
    serviceId: z.uuid(),
    rateCardId: z.uuid(),
    chargeKind: z.string(),
    fact: z.object({ kind: z.enum(['attendance', 'session', 'referral', 'milestone', 'period']), id: z.uuid() }),
    referralId: z.uuid().nullable(),
    sessionId: z.uuid().nullable(),
    paidTo: z.uuid(),
    deliveredBy: z.uuid(),
    servedOn: z.iso.date(),
    forPeriod: period,
    state: z.enum(CLAIM_STATES),
    batchId: z.uuid().nullable().describe('The batch that holds it; what becomes of it then follows from the batch.'),
    provisionalMinor: z.string().describe('The price when it was submitted, in pence.'),
    priceMinor: z.string().nullable().describe('The final price, once a batch holds it.'),
    indicativeMinor: z.string().describe('The value of work that is recognised but not paid.'),
    expectedMinor: z.string().nullable(),
    quantity: z.int(),
    unit: z.enum(['session', 'person', 'hour', 'referral', 'milestone', 'month']),
    unitPriceMinor: z.string(),
    reasons: z.array(Worded).describe('How the price came about.'),
    flags: z.array(Worded).describe('What a person is asked to look at.'),
    yourReference: z.string().nullable(),
    claimFile: z.object({ id: z.uuid(), row: z.int() }).nullable(),
    rejectReason: z.string().nullable(),
    submittedAt: z.iso.datetime(),
  })
  .meta({ id: 'Claim' });

export const SubmittedView = z
  .object({
    claims: z.array(ClaimView).describe('One for each kind of charge, and for each part of a month.'),
    repeated: z.boolean().describe('The same was claimed before, and nothing was done.'),
  })
  .meta({ id: 'SubmittedClaims' });

export const MilestoneView = z
  .object({ id: z.uuid(), referralId: z.uuid(), name: z.string(), reachedOn: z.iso.date() })
  .meta({ id: 'Milestone' });

export const RecordedMilestoneView = SubmittedView.extend({ milestone: MilestoneView }).meta({
  id: 'RecordedMilestone',
});

export const NilView = z
  .object({ id: z.uuid(), contractId: z.uuid(), period, declaredAt: z.iso.datetime() })
  .meta({ id: 'NilDeclaration' });

export const ClaimList = z.object({ items: z.array(ClaimView), next: z.uuid().nullable() }).meta({ id: 'ClaimList' });

export const ClaimQuery = PageQuery.extend({
  contract: ContractName.optional(),
  period: period.optional(),
  state: z
    .enum([...CLAIM_STATES, 'open'])
    .optional()
    .describe('`open`: submitted, and no batch holds it yet.'),
  flagged: z.enum(['true', 'false']).optional(),
  flag: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional()
    .describe('With this flag.'),
  batchId: z.uuid().optional(),
  claimFileId: z.uuid().optional(),
  referralId: z.uuid().optional(),
});
export type ClaimQuery = z.infer<typeof ClaimQuery>;
