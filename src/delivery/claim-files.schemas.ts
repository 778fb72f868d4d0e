import { z } from 'zod';
import { PageQuery } from '../platform/page.js';
import { ContractName } from './claims.schemas.js';

export const ClaimFileTarget = z.strictObject({ contract: ContractName });

const Failure = z.object({
  row: z.int().describe('As a spreadsheet numbers it.'),
  column: z.string(),
  entered: z.string().describe('What the cell holds; what looks like an identifier is masked.'),
  code: z.string(),
  howToFix: z.string(),
});

export const ClaimFileView = z
  .object({
    id: z.uuid(),
    contractId: z.uuid(),
    state: z
      .enum(['receiving', 'received', 'refused', 'cancelled'])
      .describe(
        'While it is being received the counts grow. Refused: not read, or not to its end; see problem. Cancelled: left off; ' +
          'what was taken before stays.',
      ),
    repeatsId: z.uuid().nullable().describe('The file received before that has the same bytes.'),
    rowCount: z.int().nullable().describe('Rows of the file, known once all of it has arrived.'),
    rows: z.int().describe('Rows that are done so far: accepted + repeated + included + failed.'),
    accepted: z.int().describe('Rows that made at least one claim.'),
    repeated: z.int().describe('Rows that were taken before: they had no second effect.'),
    included: z.int().describe('Rows that were recorded and whose price is in another claim, or in a monthly amount.'),
    failed: z.int(),
    flagged: z.int().describe('Claims with something that a person is asked to look at.'),
    totalMinor: z.string().describe('Provisional price of the claims made, in pence.'),
    indicativeMinor: z.string().describe('Value of the work that is recognised but not paid, in pence.'),
    droppedColumns: z.array(z.string()).describe('Headings that are not of the template: nothing of them was kept.'),
    encoding: z.string().nullable(),
    separator: z.string().nullable(),
    problem: z
      .object({ code: z.string(), row: z.int().nullable(), howToFix: z.string() })
      .nullable()
      .describe('Why nothing was read, or nothing from a row on.'),
    sha256: z.string().nullable().describe('Of the bytes received. The bytes are not kept.'),
    failures: z.array(Failure).describe('The first 50; all are in failures.csv. Only for the provider.'),
    receivedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ClaimFile' });

export const ClaimFileSummary = ClaimFileView.omit({ failures: true }).meta({ id: 'ClaimFileSummary' });

export const ClaimFileList = z
  .object({ items: z.array(ClaimFileSummary), next: z.uuid().nullable() })
  .meta({ id: 'ClaimFileList' });

export const ClaimFileQuery = PageQuery.extend({ contract: ContractName.optional() });
export type ClaimFileQuery = z.infer<typeof ClaimFileQuery>;
