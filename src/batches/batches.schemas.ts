import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { BATCH_STATES, LINE_STATES } from './batch.rules.js';
import { whyNotWrite, WORDS_MAX } from './review-words.rules.js';

const pence = z.string().describe('Pence, as a string of digits: "3200" is £32.00.');
const month = z
  .string()
  .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-10')
  .describe('A month, YYYY-MM.');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the batch, 64 hexadecimal digits');

/** What people write to each other about a claim: it is kept, so it must not say whom the claim is about. */
const words = z
  .string()
  .trim()
  .min(1)
  .max(WORDS_MAX)
  .refine(
    (text) => whyNotWrite(text) !== 'names_person',
    'contains an NHS number: refer to the claim, never to the person',
  );

const ONE_OF = 'Give either providerId, for all its contracts, or the code of one contract.';
const request = { period: month, providerId: z.uuid().optional(), contract: z.string().max(24).optional() };
const namesOne = ({ providerId, contract }: { providerId?: unknown; contract?: unknown }) =>
  (providerId === undefined) !== (contract === undefined);

export const SubmitBatch = z.strictObject(request).refine(namesOne, ONE_OF).meta({ id: 'SubmitBatch' });
export type SubmitBatch = z.infer<typeof SubmitBatch>;

export const PreviewQuery = z
  .strictObject({
    ...request,
    limit: z.coerce.number().int().min(1).max(2_000).default(500).describe('How many lines of each batch to show.'),
  })
  .refine(namesOne, ONE_OF);
export type PreviewQuery = z.infer<typeof PreviewQuery>;

const figures = {
  lineCount: z.int(),
  totalMinor: pence.describe('Net of VAT.'),
  vatMinor: pence.describe('VAT that the commissioner does not get back, which its budget bears beside the total.'),
  indicativeMinor: pence.describe('Value of recognised work, which is not paid.'),
};

export const BatchView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    contractId: z.uuid(),
    code: z.string(),
    period: z.string().describe('The month, YYYY-MM.'),
    state: z.enum(BATCH_STATES),
    ...figures,
    chargeCount: z.int().describe('Lines that are charged; the others are recognised work.'),
    digest: digest.describe('Binds an approval to these lines at these prices. It changes with them.'),
    purchaseOrderNumber: z.string().nullable(),
    overBudget: z.boolean().describe('The budget lacks uncommittedMinor, which must be there by approval.'),
    uncommittedMinor: pence,
    madeBy: z.uuid().nullable(),
    submittedAt: z.iso.datetime(),
    decidedBy: z.uuid().nullable(),
    decidedAt: z.iso.datetime().nullable(),
    rejectReason: z.string().nullable(),
    flagsReason: z.string().nullable().describe('Why flagged lines were approved all the same.'),
  })
  .meta({ id: 'Batch' });

export const BatchDetailView = BatchView.extend({
  contractCode: z.string(),
  flaggedCount: z.int().describe('Lines to look at before approving.'),
  earlierPeriodCount: z.int().describe('Lines of earlier months.'),
  openQueryCount: z.int().describe('Lines that left the batch and wait for an answer.'),
  budgetLeftMinor: pence.describe('Left to commit, now.'),
  purchaseOrderLeftMinor: pence.nullable().describe('Left on the purchase order, now.'),
  flaggedMinor: pence.describe('What the lines to look at come to.'),
  budgetLeftAfterMinor: pence.describe('Left to commit once it is approved; below zero when the budget lacks it.'),
  decideBy: z.iso.date().describe('By when the contract has it decided.'),
  payBy: z.iso.date().describe('By when it is paid, if it is approved today or was approved, and invoiced that day.'),
  obstacles: z
    .array(z.object({ code: z.string(), message: z.string() }))
    .describe('What stands against your approving it, whatever you write; empty when nothing does.'),
}).meta({ id: 'BatchDetail' });

export const BatchList = z.object({ items: z.array(BatchView), next: z.uuid().nullable() }).meta({ id: 'BatchList' });
export const SubmittedBatches = z.object({ items: z.array(BatchView) }).meta({ id: 'SubmittedBatches' });

export const BatchQuery = PageQuery.extend({
  state: z.enum(BATCH_STATES).optional(),
  providerId: z.uuid().optional(),
  contractId: z.uuid().optional(),
  period: month.optional(),
});
export type BatchQuery = z.infer<typeof BatchQuery>;

const flag = z.object({ code: z.string(), text: z.string().describe('What to look at, in words.') });

const line = {
  claimId: z.uuid(),
  servedOn: z.iso.date(),
  forPeriod: z.iso.date(),
  priceMinor: pence,
  provisionalMinor: pence.describe('What the claim was priced at when it was submitted.'),
  expectedMinor: pence.nullable().describe('What the provider expected, if it said.'),
  indicativeMinor: pence,
  reasons: z.array(z.string()).describe('Why the line has this price.'),
  flags: z.array(flag),
};

export const BatchLineView = z
  .object({
    ...line,
    service: z.string(),
    chargeKind: z.string(),
    kind: z.enum(['delivered', 'did_not_attend', 'cancelled_late', 'nil']),
    state: z.enum(LINE_STATES),
    yourReference: z.string().nullable(),
    referralId: z.uuid().nullable(),
    sessionId: z.uuid().nullable(),
  })
  .meta({ id: 'BatchLine' });

export const BatchLineList = z
  .object({ items: z.array(BatchLineView), next: z.uuid().nullable() })
  .meta({ id: 'BatchLineList' });

export const BatchPreview = z
  .object({
    items: z.array(
      z.object({
        contractId: z.uuid(),
        contractCode: z.string(),
        period: z.string(),
        ...figures,
        flaggedCount: z.int(),
        budgetLeftMinor: pence.describe('Left to commit, before this batch.'),
        uncommittedMinor: pence.describe('What the budget lacks for this batch.'),
        purchaseOrder: z.object({ number: z.string(), leftMinor: pence }).nullable(),
        refusals: z
          .array(z.object({ code: z.string(), message: z.string() }))
          .describe('What stands against submitting it; empty when nothing does.'),
        lines: z.array(z.object({ ...line, serviceId: z.uuid(), runningTotalMinor: pence })),
        linesLeftOff: z.int(),
      }),
    ),
  })
  .meta({ id: 'BatchPreview' });

export const ClaimInBatch = z.strictObject({ id: z.uuid(), claimId: z.uuid() });
export const AskQuery = z.strictObject({ question: words }).meta({ id: 'AskQuery' });
export const AnswerQuery = z.strictObject({ answer: words }).meta({ id: 'AnswerQuery' });
export const RejectWithReason = z.strictObject({ reason: words }).meta({ id: 'RejectWithReason' });

export const ApproveBatch = z
  .strictObject({
    digest: digest.describe('Of the batch as you reviewed it.'),
    flagsReason: words.optional().describe('Why flagged lines are to be paid; needed when there are any.'),
  })
  .meta({ id: 'ApproveBatch' });
export type ApproveBatch = z.infer<typeof ApproveBatch>;

export const ApprovedBatchView = BatchView.extend({
  flaggedLines: z.array(BatchLineView).describe('What was approved in spite of its flags, at most 500 of them.'),
}).meta({ id: 'ApprovedBatch' });

export const ClaimQueryView = z
  .object({
    id: z.uuid(),
    claimId: z.uuid(),
    batchId: z.uuid().describe('The batch that the claim left.'),
    providerId: z.uuid(),
    open: z.boolean(),
    question: z.string().nullable().describe('Null once it was erased.'),
    askedAt: z.iso.datetime(),
    answer: z.string().nullable().describe('Null as long as it is open, and once it was erased.'),
    answeredAt: z.iso.datetime().nullable(),
    closedAt: z.iso.datetime().nullable().describe('When the claim was decided without waiting for an answer.'),
  })
  .meta({ id: 'ClaimQuery' });

export const ClaimQueryList = z
  .object({ items: z.array(ClaimQueryView), next: z.uuid().nullable() })
  .meta({ id: 'ClaimQueryList' });

export const ClaimQueryFilter = PageQuery.extend({
  open: z.enum(['true', 'false']).optional(),
  batchId: z.uuid().optional(),
  claimId: z.uuid().optional(),
});
export type ClaimQueryFilter = z.infer<typeof ClaimQueryFilter>;
