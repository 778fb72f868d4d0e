import { z } from 'zod';
import { findNhsNumbers } from '../identifiers/index.js';
import { PageQuery } from '../platform/page.js';
import { DOCUMENT_KINDS, INVOICE_SPLITS, INVOICE_STATES, INVOICE_WAITS } from './issue.rules.js';

const pence = z.string().describe('Pence, as a string of digits: "3200" is £32.00.');

export const InvoiceView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    contractId: z.uuid(),
    batchId: z.uuid(),
    kind: z.enum(DOCUMENT_KINDS),
    split: z.enum(INVOICE_SPLITS).describe('Which part of its batch: what is outside the scope of VAT stands apart.'),
    state: z.enum(INVOICE_STATES),
    waitsFor: z
      .enum(INVOICE_WAITS)
      .nullable()
      .describe('agreement: a self-billing agreement; authority: the provider’s leave; own_number: its own invoice.'),
    number: z.string().nullable(),
    issuedOn: z.iso.date().nullable(),
    receivedOn: z.iso.date().nullable(),
    dueOn: z.iso.date().nullable(),
    netMinor: pence,
    vatMinor: pence,
    grossMinor: pence,
    issueAuthorisedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Invoice' });

export const InvoiceDetailView = InvoiceView.extend({
  document: z
    .record(z.string(), z.unknown())
    .describe('Everything that the document says: parties, lines, VAT, totals, due days. Amounts are pence as text.'),
}).meta({ id: 'InvoiceDetail' });

export const InvoiceList = z
  .object({ items: z.array(InvoiceView), next: z.uuid().nullable() })
  .meta({ id: 'InvoiceList' });

export const InvoiceQuery = PageQuery.extend({
  state: z.enum(INVOICE_STATES).optional(),
  kind: z.enum(DOCUMENT_KINDS).optional(),
  providerId: z.uuid().optional(),
  contractId: z.uuid().optional(),
  batchId: z.uuid().optional(),
  number: z.string().max(30).optional(),
  period: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, such as 2026-10')
    .transform((month) => `${month}-01`)
    .optional()
    .describe('A month, such as 2026-10: the latest of the batch behind the invoice.'),
});
export type InvoiceQuery = z.infer<typeof InvoiceQuery>;

export const OwnInvoiceNumber = z
  .strictObject({
    number: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9][A-Za-z0-9 /._-]{0,29}$/, 'must be letters, digits, spaces and / . _ -, at most 30')
      .refine((text) => findNhsNumbers(text).length === 0, 'contains an NHS number'),
    issuedOn: z.iso.date().describe('The date of your invoice.'),
    totalMinor: z
      .string()
      .regex(/^\d{1,15}$/, 'must be pence as digits')
      .transform(BigInt)
      .describe('What your invoice asks for, VAT included, in pence.'),
  })
  .meta({ id: 'OwnInvoiceNumber' });
export type OwnInvoiceNumber = z.infer<typeof OwnInvoiceNumber>;
