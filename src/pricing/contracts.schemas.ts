import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { BUDGET_RULES, DOCUMENT_MODES, RAILS, REGIMES, SERVICE_KINDS } from './contract.rules.js';

export const day = z.iso.date();
export const code = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{1,23}$/, 'must be 2 to 24 capitals, digits and hyphens, such as "WALK"');
const line = z.string().trim().min(1).max(100);
const reference = z.string().trim().min(1).max(40);
const pence = z.string().describe('Pence, as a string of digits: "3200" is £32.00.');

const terms = {
  documentMode: z
    .enum(DOCUMENT_MODES)
    .describe(
      'Who makes the document of an approved batch. self_billed: the commissioner, under an agreement; provider_issued: ' +
        'the provider, from a draft; provider_own: the provider, in its own system; grant_notice: nobody, a grant is no supply.',
    ),
  standingAuthority: z.boolean().default(false).describe('With provider_issued: drafts are issued without waiting.'),
  rail: z.enum(RAILS).describe('stripe: paid through the payment platform; outside: accounts payable pays.'),
  poRequired: z.boolean().default(false).describe('Nothing is submitted for approval beyond the purchase order.'),
  costCode: reference.nullable().default(null),
  buyerReference: reference.nullable().default(null),
  payablesAddress: z.array(line).min(1).max(7).describe("The commissioner's accounts payable, line by line."),
  paymentDays: z.int().min(1).max(120).default(30).describe('Calendar days from receipt of the invoice.'),
  claimDay: z.int().min(1).max(28).default(5).describe('Working day of the next month by which a month is claimed.'),
  lateWindowDays: z.int().min(0).max(400).default(90).describe('Days in which a late claim needs no second person.'),
  decideDays: z.int().min(1).max(60).default(10).describe('Working days in which a batch is decided.'),
  regime: z.enum(REGIMES).describe('Decides by when the law wants an invoice paid.'),
  budgetRule: z.enum(BUDGET_RULES).default('refuse').describe('What happens to a batch beyond the budget.'),
  vatRecoverable: z.boolean().describe('Whether the commissioner gets VAT back; what it does not uses budget.'),
};

export const AuthoriseContract = z
  .strictObject({
    providerId: z.uuid(),
    code: code.describe('Unique among your contracts.'),
    title: z.string().trim().min(2).max(200),
    startsOn: day,
    endsOn: day.describe('The last day of service, included.'),
    agreedOn: day,
    ...terms,
  })
  .meta({ id: 'AuthoriseContract' });
export type AuthoriseContract = z.infer<typeof AuthoriseContract>;

export const AmendContract = z
  .strictObject({
    effectiveFrom: day.describe('The first day that these terms govern.'),
    endsOn: day.describe('The last day of the contract under these terms: later extends it, earlier ends it.'),
    agreedOn: day,
    ...terms,
  })
  .meta({ id: 'AmendContract', description: 'All the terms, also those that stay: a version reads alone.' });
export type AmendContract = z.infer<typeof AmendContract>;

const version = {
  version: z.int(),
  effectiveFrom: day,
  agreedOn: day,
  startsOn: day,
  endsOn: day,
  documentMode: z.enum(DOCUMENT_MODES),
  standingAuthority: z.boolean(),
  rail: z.enum(RAILS),
  poRequired: z.boolean(),
  costCode: z.string().nullable(),
  buyerReference: z.string().nullable(),
  payablesAddress: z.array(z.string()),
  paymentDays: z.int(),
  claimDay: z.int(),
  lateWindowDays: z.int(),
  decideDays: z.int(),
  regime: z.enum(REGIMES),
  budgetRule: z.enum(BUDGET_RULES),
  vatRecoverable: z.boolean(),
};

export const ContractView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    code: z.string(),
    title: z.string(),
    ...version,
  })
  .meta({ id: 'Contract', description: 'A contract with the terms that govern one day.' });

export const ContractQuery = PageQuery.extend({ code: z.string().max(24).optional(), providerId: z.uuid().optional() });
export type ContractQuery = z.infer<typeof ContractQuery>;

export const OnDayQuery = z.strictObject({ on: day.optional().describe('Today, unless given.') });

export const AddService = z
  .strictObject({
    providerId: z.uuid(),
    code: code.describe('Unique among the services of the provider: claims name it.'),
    name: z.string().trim().min(2).max(120).describe('As invoices name it. Never the name of a person.'),
    kind: z.enum(SERVICE_KINDS).default('activity'),
  })
  .meta({ id: 'AddService' });
export type AddService = z.infer<typeof AddService>;

export const ServiceView = z
  .object({
    id: z.uuid(),
    commissionerId: z.uuid(),
    providerId: z.uuid(),
    code: z.string(),
    name: z.string(),
    kind: z.enum(SERVICE_KINDS),
  })
  .meta({ id: 'Service' });

export const ServiceQuery = z.strictObject({ providerId: z.uuid().optional(), contractId: z.uuid().optional() });
export type ServiceQuery = z.infer<typeof ServiceQuery>;

export const RaiseOrder = z
  .strictObject({
    number: z
      .string()
      .regex(/^[A-Z0-9][A-Z0-9/_.-]{0,29}$/, 'must be capitals, digits and / _ . -, at most 30')
      .describe('A number that the contract has already gives that order a new value and new dates.'),
    valueMinor: z
      .string()
      .regex(/^\d{1,15}$/, 'must be pence as digits')
      .transform(BigInt)
      .describe('Net of VAT, in pence.'),
    startsOn: day,
    endsOn: day,
  })
  .meta({ id: 'RaisePurchaseOrder' });
export type RaiseOrder = z.infer<typeof RaiseOrder>;

export const OrderView = z
  .object({
    contractId: z.uuid(),
    number: z.string(),
    version: z.int(),
    valueMinor: pence,
    usedMinor: pence.describe('Net total of the batches on it that wait for approval or are approved.'),
    leftMinor: pence,
    startsOn: day,
    endsOn: day,
  })
  .meta({ id: 'PurchaseOrder' });

export const ChangeBudget = z
  .strictObject({
    amountMinor: z
      .string()
      .regex(/^-?[1-9]\d{0,14}$/, 'must be pence as digits, with a minus to lower the budget')
      .transform(BigInt)
      .describe('What is added to the budget, in pence; negative takes away.'),
    effectiveOn: day,
    reason: z
      .string()
      .trim()
      .min(2)
      .max(300)
      .optional()
      .describe('Why, for your own people. Never anything about a person.'),
  })
  .meta({ id: 'ChangeBudget' });
export type ChangeBudget = z.infer<typeof ChangeBudget>;

export const BudgetView = z
  .object({
    contractId: z.uuid(),
    authorisedMinor: pence.describe('Left, committed and spent together.'),
    leftMinor: pence.describe('Left to commit.'),
    committedMinor: pence.describe('In batches that wait for approval.'),
    spentMinor: pence.describe('Approved.'),
    expected: z
      .object({
        referrals: z.int().describe('Accepted and open.'),
        sessionsLeft: z.int().describe('Planned for them and not attended yet.'),
        amountMinor: pence.describe('An estimate at the price for an attendance or an hour; other prices add nothing.'),
      })
      .describe('Accepted, not yet delivered: not part of the other figures.'),
  })
  .meta({ id: 'Budget' });

export const BudgetChangeView = z
  .object({
    id: z.uuid(),
    contractId: z.uuid(),
    amountMinor: pence,
    effectiveOn: day,
    reason: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BudgetChange' });

export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.uuid().nullable() });
}

export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item) });
}
