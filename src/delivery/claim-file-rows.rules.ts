import { cellOf, entered, type FailedRow, type RowProblem } from '../platform/csv-template.rules.js';
import { claimColumns } from './claim-file.columns.js';
import {
  failureRow,
  parseClaimRow,
  type ClaimCells,
  type ClaimFileContext,
  type ClaimFileHeader,
} from './claim-file.rules.js';
import { deliveredRow, type DeliveredRow } from './delivered-row.rules.js';
import { ROW_REFUSALS, type RowRefusalCode } from './row-refusal.rules.js';

/** A row that can be taken, with its cells as they came, in case it cannot. */
export interface GoodRow {
  readonly delivered: DeliveredRow;
  readonly cells: readonly string[];
}

/** A row of the file of failures, to be kept: refused cells are masked, and columns outside the template are gone. */
export interface KeptFailure {
  readonly row: number;
  readonly cells: readonly string[];
  readonly problems: readonly RowProblem[];
}

/** What a row as it stands in the file means, or why it means nothing. */
export function readRow(
  header: ClaimFileHeader,
  item: { readonly row: number; readonly cells: readonly string[]; readonly problem: RowProblem | null },
  context: ClaimFileContext,
  serviceIds: ReadonlyMap<string, string>,
  meanings?: ClaimCells,
): GoodRow | KeptFailure {
  const { row, cells, problem } = item;
  if (problem) return keptFailure(header, { row, cells, problems: [problem] });
  const parsed = parseClaimRow(header, cells, context, meanings);
  if ('errors' in parsed) return keptFailure(header, { row, cells, problems: parsed.errors });
  return { delivered: deliveredRow(row, serviceIds.get(parsed.ok.service) ?? '', parsed.ok), cells };
}

export function keptFailure(header: ClaimFileHeader, failed: FailedRow): KeptFailure {
  return { row: failed.row, cells: failureRow(header, failed), problems: failed.problems };
}

/** A row whose cells are right one by one and which was refused all the same. */
export function refusedRow(header: ClaimFileHeader, { delivered, cells }: GoodRow, code: RowRefusalCode): KeptFailure {
  const { column, title, fix } = ROW_REFUSALS[code];
  const about = claimColumns.find((one) => one.title === column);
  const text = about ? cellOf(header, cells, about.key) : '';
  const shown = entered(text, about?.holdsDate === true ? 'keep' : 'mask');
  const problem = { column, entered: shown, code, howToFix: `${title} ${fix}` };
  return keptFailure(header, { row: delivered.row, cells, problems: [problem] });
}
