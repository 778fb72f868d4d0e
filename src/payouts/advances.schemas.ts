import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { ADVANCE_REASONS, ADVANCE_STANDINGS } from './advance.rules.js';

const pence = z.string().describe('Pence, as digits.');
const amount = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'must be pence as digits, above zero')
  .transform(BigInt);
const instant = z.iso.datetime().nullable();
const words = z.string().trim().min(2).max(300);
const percent = z.int().min(1).max(100);

const sharePercent = percent.describe('Of the gross total of each later invoice, rounded down to a whole penny.');
const instalment = amount.describe('Of each later invoice, in pence.');
const recoverBy = z.iso
  .date()
  .describe('The last day of these terms: an invoice issued later gives back all that is left.');

export const ProposeAdvance = z
  .strictObject({
    contractId: z.uuid(),
    amountMinor: amount,
    reasonCode: z.enum(ADVANCE_REASONS),
    reason: words.describe('Why, for your own people. Never anything about a person.'),
    recovery: z
      .union([z.strictObject({ sharePercent, recoverBy }), z.strictObject({ instalmentMinor: instalment, recoverBy })])
      .describe('How it comes back: a share of each later invoice, or an amount of each.'),
  })
  .meta({ id: 'ProposeAdvance' });
export type ProposeAdvance = z.infer<typeof ProposeAdvance>;

export const DeclineAdvance = z
  .strictObject({ reason: words.describe('Why not. Never anything about a person.') })
  .meta({ id: 'DeclineAdvance' });

export const AdvanceView = z
  .object({
    id: z.uuid(),
    reference: z.string(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    contractId: z.uuid(),
    amountMinor: pence,
    reasonCode: z.enum(ADVANCE_REASONS),
    reason: z.string().nullable().describe('Only the commissioner sees it. Null once it was redacted.'),
    declineReason: z
      .string()
      .nullable()
      .describe('Only the commissioner sees it. Null unless declined, and once it was redacted.'),
    recovery: z.object({
      sharePercent: percent.nullable(),
      instalmentMinor: pence.nullable(),
      recoverBy: z.iso.date(),
    }),
    standing: z.enum(ADVANCE_STANDINGS),
    recoveredMinor: pence,
    remainingMinor: pence.describe('What invoices still give back; nothing of an advance that was not approved.'),
    payoutId: z.uuid().nullable().describe('The payout that pays it, or may still.'),
    proposedBy: z.uuid().nullable().describe('Only the commissioner sees it.'),
    proposedAt: instant,
    approvedAt: instant,
    closedAt: instant.describe('When it was declined, withdrawn or cancelled.'),
  })
  .meta({ id: 'Advance' });

export const AdvanceDetailView = AdvanceView.extend({
  recoveries: z.array(
    z.object({
      invoiceId: z.uuid(),
      number: z.string().nullable(),
      amountMinor: pence,
      remainingMinor: pence,
      recoveredAt: z.iso.datetime(),
    }),
  ),
}).meta({ id: 'AdvanceDetail' });

export const AdvanceList = z
  .object({ items: z.array(AdvanceView), next: z.uuid().nullable() })
  .meta({ id: 'AdvanceList' });

export const AdvanceQuery = PageQuery.extend({
  providerId: z.uuid().optional(),
  contractId: z.uuid().optional(),
});
export type AdvanceQuery = z.infer<typeof AdvanceQuery>;
