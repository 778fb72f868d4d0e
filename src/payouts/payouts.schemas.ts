import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { RUN_STATES } from './payment-run.rules.js';
import { PAYOUT_STATES } from './payout-state.rules.js';

const RAILS = ['stripe', 'outside'] as const;
const amount = z.string().describe('Pence, as digits.');
const instant = z.iso.datetime().nullable();
const sandbox = z.boolean().describe('No money moves.');

export const FundsView = z
  .object({
    fundsMinor: amount.describe('Free on the payment platform.'),
    reservedMinor: amount.describe('Instructed, not yet taken by the platform.'),
    newArrivals: z.int(),
    sandbox,
  })
  .meta({ id: 'Funds' });

export const FundsDetail = FundsView.extend({
  arrivals: z.array(
    z.object({
      id: z.uuid(),
      amountMinor: amount,
      externalId: z.string(),
      receivedOn: z.iso.date(),
      isReturned: z.boolean(),
    }),
  ),
}).meta({ id: 'FundsDetail' });

export const MakePaymentRun = z
  .strictObject({ paysOn: z.iso.date().optional().describe('Today unless given; at most 31 days ahead.') })
  .meta({ id: 'MakePaymentRun' });

export const PayablePreviewView = z
  .object({
    fundsMinor: amount,
    toPayMinor: amount.describe('What a run would pay now.'),
    waitingMinor: amount.describe('What would wait, whatever for.'),
    shortMinor: amount.describe('By how much the funds fall short, once the rest is paid.'),
    groups: z.array(
      z.object({
        providerId: z.uuid(),
        rail: z.enum(RAILS),
        amountMinor: amount,
        invoiceCount: z.int(),
        advanceCount: z.int().describe('Advances that would be paid.'),
        recoveredMinor: amount.describe('What invoices would give back of earlier advances; taken off already.'),
        dueOn: z.iso.date().nullable(),
        waits: z.string().nullable().describe('Why it would not be paid now.'),
      }),
    ),
    sandbox,
  })
  .meta({ id: 'PayablePreview' });

export const PaymentRunView = z
  .object({
    id: z.uuid(),
    paysOn: z.iso.date(),
    state: z.enum(RUN_STATES),
    madeAt: z.iso.datetime(),
    finishedAt: instant,
  })
  .meta({ id: 'PaymentRun' });

export const PaymentRunList = z
  .object({ items: z.array(PaymentRunView), next: z.uuid().nullable() })
  .meta({ id: 'PaymentRunList' });

const order = z
  .enum(['oldest', 'latest'])
  .default('oldest')
  .describe('Which come first; `after` goes on in the same order.');

export const PaymentRunQuery = PageQuery.extend({ order });
export type PaymentRunQuery = z.infer<typeof PaymentRunQuery>;

export const PaymentRunProgress = z
  .object({
    state: z.enum(RUN_STATES),
    value: z.int().describe('Payments that the run has dealt with: ordered, or put off.'),
    max: z.int().describe('Those, and what is still to be dealt with.'),
    amountMinor: amount.describe('Of the payments that were made so far.'),
    payments: z.int(),
    waiting: z.int().describe('How many the run has put off.'),
    done: z.boolean().describe('Nothing is left to be done at once: banks and accounts payable take their days.'),
  })
  .meta({ id: 'PaymentRunProgress' });

export const PayoutView = z
  .object({
    id: z.uuid(),
    reference: z.string(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    runId: z.uuid(),
    rail: z.enum(RAILS),
    amountMinor: amount,
    state: z.enum(PAYOUT_STATES),
    reasonCode: z.string().nullable(),
    transferId: z.string().nullable(),
    bankPayoutId: z.string().nullable(),
    outside: z
      .object({ reference: z.string(), paidOn: z.iso.date(), confirmed: z.boolean() })
      .nullable()
      .describe('What accounts payable has paid, once it was entered.'),
    hasRemittance: z.boolean(),
    requestedAt: z.iso.datetime(),
    sentAt: instant,
    settledAt: instant,
    failedAt: instant,
    sandbox,
  })
  .meta({ id: 'Payout' });

export const PaymentRunDetail = PaymentRunView.extend({
  progress: z.record(z.string(), z.int()).describe('Number of payouts in each state.'),
  payouts: z.array(PayoutView),
  waits: z.array(z.object({ providerId: z.uuid(), rail: z.enum(RAILS), amountMinor: amount, reasonCode: z.string() })),
  sandbox,
}).meta({ id: 'PaymentRunDetail' });

export const PayoutDetailView = PayoutView.extend({
  items: z.array(
    z.object({
      invoiceId: z.uuid(),
      number: z.string().nullable(),
      contractId: z.uuid(),
      amountMinor: amount,
      live: z.boolean().describe('False once the invoice is owed again.'),
    }),
  ),
  advances: z
    .array(
      z.object({
        advanceId: z.uuid(),
        reference: z.string(),
        contractId: z.uuid(),
        amountMinor: amount,
        live: z.boolean().describe('False once the advance is owed again.'),
      }),
    )
    .describe('Advances that it pays.'),
  attempts: z.array(
    z.object({
      step: z.enum(['transfer', 'bank_payout', 'reversal']),
      attempt: z.int(),
      key: z.string(),
      requestSha256: z.string(),
      outcome: z.enum(['planned', 'calling', 'done', 'refused', 'unknown', 'failed']),
      externalId: z.string().nullable(),
      reasonCode: z.string().nullable(),
      calls: z.int(),
      firstCalledAt: instant,
      answeredAt: instant,
    }),
  ),
  choices: z
    .object({
      decide: z.boolean().describe('Whether to say what the platform shows of it.'),
      absentFrom: instant.describe('From when on `not_sent` may be said; null for now.'),
      askReturn: z.boolean(),
      returnsBy: instant.describe('When it comes home by itself.'),
    })
    .nullable()
    .describe('What finance can do about it; only the commissioner sees it.'),
}).meta({ id: 'PayoutDetail' });

export const PayoutList = z
  .object({ items: z.array(PayoutView), next: z.uuid().nullable() })
  .meta({ id: 'PayoutList' });

export const PayoutQuery = PageQuery.extend({
  order,
  state: z.enum(PAYOUT_STATES).optional(),
  rail: z.enum(RAILS).optional(),
  providerId: z.uuid().optional(),
  runId: z.uuid().optional(),
});
export type PayoutQuery = z.infer<typeof PayoutQuery>;

export const DecidePayout = z
  .strictObject({ decision: z.enum(['sent', 'not_sent']).describe('What the platform shows.') })
  .meta({ id: 'DecidePayout' });

export const EnterOutsidePayment = z
  .strictObject({ reference: z.string().trim().min(1).max(64), paidOn: z.iso.date() })
  .meta({ id: 'EnterOutsidePayment' });
export type EnterOutsidePayment = z.infer<typeof EnterOutsidePayment>;

export const ConfirmOutsidePayment = z
  .strictObject({ reference: z.string().max(64).optional().describe('The payment reference that you have checked.') })
  .meta({ id: 'ConfirmOutsidePayment' });

export const OutsidePaymentFile = z
  .object({
    rows: z.int(),
    entered: z.int(),
    failed: z.int(),
    skipped: z.int().describe('Rows that say neither a payment nor a day: not paid yet.'),
    failures: z.array(
      z.object({ row: z.int(), column: z.string(), entered: z.string(), code: z.string(), howToFix: z.string() }),
    ),
  })
  .meta({ id: 'OutsidePaymentFile' });

export const NoticeQuery = z.strictObject({ state: z.enum(['received', 'done', 'parked']).optional() });

export const NoticeList = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        type: z.string(),
        accountId: z.string().nullable(),
        objectId: z.string().nullable(),
        state: z.enum(['received', 'done', 'parked']),
        reason: z.string().nullable(),
        timesReceived: z.int(),
        receivedAt: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'RailNoticeList' });

export const RemittanceView = z
  .looseObject({
    format: z.literal('wellpaid.remittance.1'),
    reference: z.string(),
    paidOn: z.iso.date(),
    recoveredMinor: amount.describe('What its invoices gave back of advances.'),
    totalMinor: amount,
    checkpoint: z
      .object({ origin: z.string(), size: z.int(), root: z.string().describe('Base64.') })
      .nullable()
      .describe('Of the platform’s log when the advice was made; null where it held nothing of these books yet.'),
    sandbox,
  })
  .meta({ id: 'RemittanceAdvice' });
