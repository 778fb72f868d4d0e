import { z } from 'zod';
import { ROLES } from '../platform/actor.js';
import { MONEY_STAGES } from './dashboard.rules.js';
import { OWED_STATES } from './money-owed.rules.js';
import { TASK_KINDS } from './task.rules.js';

const minor = z.string().describe('Pence, as a string of digits, with a minus sign where it is below zero.');
const day = z.iso.date();
const month = z.iso.date().describe('The first day of the month.');
const count = z.int().min(0);
const basisPoints = z.int().describe('Hundredths of a per cent, rounded down.');

const days = {
  from: day.describe('The first day, included.'),
  to: day.describe('The last day, included.'),
};
const inOrder = ({ from, to }: { from: string; to: string }) => from <= to;
const REVERSED = { path: ['to'], error: 'must not be before from' };

export const DashboardQuery = z
  .strictObject({
    ...days,
    providerId: z.uuid().optional().describe('Only what is of this provider.'),
    contractId: z.uuid().optional().describe('Only what is of this contract.'),
  })
  .refine(inOrder, REVERSED);
export type DashboardQuery = z.infer<typeof DashboardQuery>;

export const PerformanceQuery = z.strictObject(days).refine(inOrder, REVERSED);
export type PerformanceQuery = z.infer<typeof PerformanceQuery>;

const because = z
  .discriminatedUnion('term', [
    z.object({ term: z.literal('payment_days'), days: z.int(), since: day.describe('The day of the invoice.') }),
    z.object({ term: z.literal('no_due_day') }),
    z.object({ term: z.literal('claim_day'), workingDay: z.int(), lateWindowDays: z.int() }),
    z.object({ term: z.literal('decide_days'), workingDays: z.int() }),
    z.object({ term: z.literal('waits_for'), code: z.string() }),
    z.object({ term: z.literal('used_percent'), percent: z.int() }),
    z.object({ term: z.literal('within_days'), days: z.int() }),
    z.object({ term: z.literal('approval_limit'), limitMinor: minor }),
  ])
  .describe('Which term of a contract, or which rule, makes it so; of the most urgent where they differ.');

export const TaskList = z
  .object({
    items: z.array(
      z.object({
        kind: z.enum(TASK_KINDS),
        role: z.enum(ROLES).describe('Whose role lets them do it.'),
        count: z.int().min(1),
        amountMinor: minor.nullable().describe('What they come to; null where it is not about money.'),
        day: day.nullable().describe('By when the first of them is to be done, or is due.'),
        lateCount: count.describe('How many are past their day.'),
        period: month.nullable(),
        commissionerId: z.uuid().nullable(),
        contractId: z.uuid().nullable(),
        ids: z.array(z.string()).max(20).describe('Of what it is about, the most urgent first, at most 20.'),
        because: because.nullable(),
      }),
    ),
  })
  .meta({ id: 'TaskList', description: 'What a person can act upon, the most urgent first.' });

const outcomes = {
  madeCount: count,
  acceptedCount: count,
  declinedCount: count,
  attendedCount: count.describe('With somebody who came at least once.'),
  completedCount: count.describe('Closed as completed.'),
  peopleCount: count.describe('Different people among them.'),
};
const party = z.object({
  organisationId: z.uuid().nullable(),
  code: z.string().nullable(),
  name: z.string().nullable(),
  ...outcomes,
});
const contract = { contractId: z.uuid(), code: z.string(), title: z.string(), providerId: z.uuid() };

export const DashboardView = z
  .object({
    from: day,
    to: day,
    money: z
      .array(
        z.object({
          stage: z.enum(MONEY_STAGES),
          accounts: z.array(z.string()).describe('Kinds of account that hold it; none of claims.'),
          basis: z.enum(['net', 'cost', 'gross']).describe('cost: with VAT that the commissioner does not get back.'),
          openingMinor: minor.nullable(),
          inMinor: minor,
          outMinor: minor.nullable(),
          closingMinor: minor,
        }),
      )
      .describe('opening + in − out = closing, which is what the accounts hold at the end of the last day.'),
    daysToPaid: z
      .array(
        z.object({
          month,
          claimCount: count,
          paidCount: count,
          medianDays: z.int().nullable(),
          p90Days: z.int().nullable(),
        }),
      )
      .describe('From a session to the money for it, by month of service.'),
    budgets: z.array(
      z.object({
        ...contract,
        startsOn: day,
        endsOn: day,
        authorisedMinor: minor.describe('left + committed + spent'),
        committedMinor: minor,
        spentMinor: minor,
        leftMinor: minor,
        usedBasisPoints: basisPoints.nullable().describe('Committed and spent of what is authorised.'),
        goneBasisPoints: basisPoints.describe('Of the days of the contract.'),
        spentByMonth: z.array(z.object({ month, spentMinor: minor.describe('By the end of the month, in all.') })),
      }),
    ),
    referrals: z
      .object({ total: z.object(outcomes), byProvider: z.array(party), byReferrer: z.array(party) })
      .describe('Of those made on the days.'),
    unfunded: z.array(
      z.object({
        ...contract,
        recognisedCount: count,
        indicativeMinor: minor.describe('What recognised claims of the days are worth; nothing is paid for them.'),
        beyondBudgetMinor: minor.describe('What batches under review now cost beyond the budget.'),
        beyondOrderMinor: minor.describe('What batches now cost beyond their purchase orders.'),
      }),
    ),
  })
  .meta({ id: 'Dashboard' });

const countAndValue = z.object({ count, valueMinor: minor });
const figures = {
  received: countAndValue,
  within30Days: countAndValue,
  days31To60: countAndValue,
  after60Days: countAndValue,
  overdue: countAndValue.describe('Not paid, and past day 30.'),
  open: countAndValue.describe('Not paid, and within 30 days.'),
  within30BasisPoints: z
    .object({ ofCount: basisPoints, ofValue: basisPoints })
    .nullable()
    .describe('Of those that are paid or overdue.'),
  averageDays: z.number().nullable().describe('Until the money arrived, to one decimal.'),
};

export const PaymentPerformanceView = z
  .object({
    from: day,
    to: day,
    total: z.object(figures),
    months: z.array(z.object({ month, ...figures })).describe('By month of receipt.'),
    late: z
      .array(
        z.object({
          invoiceId: z.uuid(),
          number: z.string(),
          providerId: z.uuid(),
          providerName: z.string(),
          contractId: z.uuid(),
          grossMinor: minor,
          receivedOn: day,
          lastDayOn: day.describe('The last day that the law or the terms allow.'),
          paidOn: day.nullable(),
          days: z.int().describe('Until it was paid, or until today; receipt is day 1.'),
          daysPastLastDay: count,
        }),
      )
      .describe('Paid after day 30, or not paid and past it; the longest first.'),
    large: z
      .array(
        z.object({
          payoutId: z.uuid(),
          reference: z.string(),
          providerId: z.uuid(),
          providerName: z.string(),
          amountMinor: minor,
          paidOn: day,
        }),
      )
      .describe('Payments of more than £30,000 that arrived in these days.'),
  })
  .meta({ id: 'PaymentPerformance' });

export const MoneyOwedView = z
  .object({
    owedMinor: minor.describe('All that was invoiced and has not arrived.'),
    lateMinor: minor.describe('Of it, what is past its day and not on its way.'),
    onItsWayMinor: minor,
    nextDueOn: day.nullable(),
    nextDueMinor: minor.describe('What is due on that day.'),
    comingMinor: minor.describe('Claimed, in review or approved, and not invoiced: net.'),
    invoices: z
      .array(
        z.object({
          invoiceId: z.uuid(),
          number: z.string().nullable(),
          kind: z.string(),
          commissionerId: z.uuid(),
          providerId: z.uuid(),
          contractId: z.uuid(),
          contractCode: z.string(),
          grossMinor: minor,
          issuedOn: day,
          dueOn: day.nullable(),
          paymentDays: z.int().nullable().describe('From the day of the invoice to the day on which it is due.'),
          payoutId: z.uuid().nullable(),
          payoutState: z.string().nullable(),
          state: z.enum(OWED_STATES),
        }),
      )
      .describe('By the day on which they are due.'),
    coming: z.array(
      z.object({
        contractId: z.uuid(),
        contractCode: z.string(),
        commissionerId: z.uuid(),
        providerId: z.uuid(),
        claimedMinor: minor.describe('Claimed, and not with the commissioner for review yet.'),
        claimedCount: count,
        inReviewMinor: minor,
        approvedMinor: minor.describe('Approved, and not on an invoice that was issued.'),
      }),
    ),
    paid: z
      .array(
        z.object({
          payoutId: z.uuid(),
          reference: z.string(),
          commissionerId: z.uuid(),
          providerId: z.uuid(),
          amountMinor: minor,
          paidOn: day,
          hasRemittance: z.boolean(),
        }),
      )
      .describe('The last ten, the latest first.'),
  })
  .meta({ id: 'MoneyOwed' });
