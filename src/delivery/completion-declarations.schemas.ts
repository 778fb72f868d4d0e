import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { ContractName, period } from './claims.schemas.js';

export const DeclareCompletion = z.strictObject({ contract: ContractName, period }).meta({ id: 'DeclareCompletion' });
export type DeclareCompletion = z.infer<typeof DeclareCompletion>;

export const CompletionView = z
  .object({
    id: z.uuid(),
    code: z.string().describe('For people: contract, month, and which of that month’s declarations.'),
    contractId: z.uuid(),
    period,
    claimCount: z.int().describe('Claims that waited for review then, of the month and of those before it.'),
    flaggedCount: z.int(),
    totalMinor: z.string().describe('What they would have cost in a batch then, in pence, net of VAT.'),
    indicativeMinor: z.string().describe('The value of work that is recognised but not paid.'),
    declaredAt: z.iso.datetime(),
  })
  .meta({ id: 'CompletionDeclaration' });

export const CompletionList = z
  .object({ items: z.array(CompletionView), next: z.uuid().nullable() })
  .meta({ id: 'CompletionDeclarationList' });

export const CompletionQuery = PageQuery.extend({ contract: ContractName.optional() });
export type CompletionQuery = z.infer<typeof CompletionQuery>;
