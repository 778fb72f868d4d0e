import { z } from 'zod';

const minor = z.string().describe('Pence, as a string of digits, with a minus sign where it is below zero.');
const day = z.iso.date();

export const STATEMENT_FORMATS = ['json', 'csv', 'pdf'] as const;
export const STATEMENT_PARTIES = ['provider', 'commissioner', 'contract'] as const;

export const StatementQuery = z
  .strictObject({
    party: z
      .enum(STATEMENT_PARTIES)
      .describe(
        'Whose account. A commissioner asks for one provider, one contract, or for itself with all its providers; a ' +
          'provider for a contract, or for its account with one commissioner.',
      ),
    id: z.uuid().describe('Of the provider, the commissioner or the contract.'),
    from: day.describe('The first day, included.'),
    to: day.describe('The last day, included; not after today in London.'),
    format: z.enum(STATEMENT_FORMATS).default('json'),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'must not be before from' });
export type StatementQuery = z.infer<typeof StatementQuery>;

const line = z.object({
  effectiveOn: day,
  kind: z.enum([
    'invoice',
    'credit_note',
    'grant_notice',
    'payout',
    'payout_returned',
    'payment_outside',
    'repayment',
    'adjustment',
  ]),
  reference: z.string(),
  provider: z.object({ code: z.string(), name: z.string() }),
  contract: z.string(),
  effectMinor: minor.describe('What is owed grows by it.'),
  vatMinor: minor.describe('How much of the effect is VAT.'),
  eventId: z.uuid(),
  balanceMinor: minor.describe('After this line.'),
});

export const StatementView = z
  .object({
    head: z.object({
      format: z.literal('wellpaid.statement.1'),
      subject: z.object({
        kind: z.enum(STATEMENT_PARTIES),
        code: z.string(),
        name: z.string(),
        parties: z.array(z.string()),
      }),
      period: z.object({ from: day, to: day }),
      preparedOn: day,
      currency: z.literal('GBP'),
      openingMinor: minor.describe('Owed to the provider at the beginning of the first day.'),
      sandbox: z.boolean(),
    }),
    lines: z.array(line),
    foot: z
      .object({
        lineCount: z.int(),
        increasedMinor: minor,
        decreasedMinor: minor,
        closingMinor: minor,
        parts: z
          .object({
            owedMinor: minor,
            inTransitMinor: minor,
            advancedMinor: minor,
            recoverableMinor: minor,
          })
          .describe('closing = owed + in transit − advanced − recoverable'),
        notInvoiced: z
          .object({
            approvedNotInvoicedMinor: minor,
            claimedNotApprovedMinor: minor,
            recognisedMinor: minor,
          })
          .describe('No part of the balance. Claimed and recognised are as claims stand now.'),
        bookedSize: z
          .int()
          .nullable()
          .describe('It tells the first so many events of the journal; null when none was sealed yet.'),
        checkpoint: z
          .object({ origin: z.string(), size: z.int(), root: z.string().describe('Base64.') })
          .nullable()
          .describe('Of the platform’s log, which holds one of the journal’s; null while it holds none.'),
        ageing: z.object({
          notDueMinor: minor,
          days1To30Minor: minor,
          days31To60Minor: minor,
          days61To90Minor: minor,
          over90Minor: minor,
        }),
      })
      .describe('Comes last: without it the statement was cut short.'),
  })
  .meta({ id: 'Statement' });

export const BalancesQuery = z.strictObject({
  contract: z
    .string()
    .min(1)
    .max(36)
    .optional()
    .describe('Code of a contract, or its id: its accounts. Without it those of the whole book.'),
  on: day.optional().describe('At the end of this day; today in London unless given.'),
  size: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      'As it was booked at the checkpoint of this size, of the commissioner’s log: the same figures whenever it is asked. ' +
        'Without it, as it is booked now. A provider names a contract beside it.',
    ),
});
export type BalancesQuery = z.infer<typeof BalancesQuery>;

export const BalancesView = z
  .object({
    on: day,
    size: z.int().nullable().describe('Of the checkpoint at which it was booked; null is now.'),
    contractId: z.uuid().nullable(),
    currency: z.literal('GBP'),
    items: z.array(
      z.object({
        account: z.string().describe('As the chart of accounts calls it.'),
        meaning: z.string().describe('What the balance says.'),
        book: z.enum(['money', 'budget']),
        side: z.enum(['debit', 'credit']).describe('The side on which it grows.'),
        debitsMinor: minor,
        creditsMinor: minor,
        balanceMinor: minor.describe('On its own side: negative is an overdrawn account.'),
      }),
    ),
  })
  .meta({ id: 'Balances', description: 'A trial balance: in each book all debits and all credits are equal.' });
