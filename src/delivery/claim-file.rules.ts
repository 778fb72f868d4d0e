import { foldReference } from '../platform/csv-cells.rules.js';
import {
  failureCells,
  failureHeader,
  matchHeader,
  missingColumn,
  openRow,
  templateCsv,
  type FailedRow,
  type HeaderProblem,
  type MatchedHeader,
  type OpenRow,
  type RowProblem,
} from '../platform/csv-template.rules.js';
import {
  claimCells,
  outcomeAdvice,
  type ClaimCells,
  type ClaimFileContext,
  type ClaimMode,
  type ClaimOutcome,
} from './claim-cells.rules.js';
import { claimColumns, type ClaimColumn } from './claim-file.columns.js';

export type { HeaderProblem, RowProblem };
export { claimCells, type ClaimCells, type ClaimFileContext, type ClaimMode, type ClaimOutcome };
export type ClaimFileHeader = MatchedHeader<ClaimColumn>;

/** A row of a claim file, understood. Times are wall-clock times in Europe/London. */
export interface ParsedClaimRow {
  /** The other system's reference; null in a row for a group session as a whole. */
  readonly referral: string | null;
  readonly session: string | null;
  readonly service: string;
  /** `YYYY-MM-DD`. */
  readonly servedOn: string;
  /** `HH:MM`. */
  readonly startsAt: string | null;
  readonly minutes: number | null;
  /** `held` in a row for a group session as a whole that was not cancelled. */
  readonly outcome: ClaimOutcome;
  readonly noticeMinutes: number | null;
  /** `YYYY-MM-DDTHH:MM`. */
  readonly cancelledAt: string | null;
  readonly booked: number | null;
  readonly mode: ClaimMode | null;
  /** Pence that the provider expects, net of VAT. */
  readonly expectedMinor: bigint | null;
  readonly travel: boolean;
  readonly yourReference: string | null;
  /** Canonical text of the row's meaning, for hashing: the same whatever the order of columns, formats, case or spacing. */
  readonly normalised: string;
}

export type ClaimRowResult = { readonly ok: ParsedClaimRow } | { readonly errors: readonly RowProblem[] };
export type ClaimHeaderResult = { readonly ok: ClaimFileHeader } | { readonly errors: readonly HeaderProblem[] };

/**
 * Understands the heading row. Needed are a date; a referral or a session; an outcome when rows are about a person; and a
 * service unless the contract has exactly one. Problems are those of the file, said once.
 */
export function readClaimHeader(cells: readonly string[], context: ClaimFileContext): ClaimHeaderResult {
  const { header, problems } = matchHeader(claimColumns, cells);
  const has = (column: ClaimColumn): boolean => header.positions.has(column);
  const missing: string[] = [];
  if (!has('referral') && !has('session')) missing.push('referral');
  if (!has('service') && context.serviceCodes.length !== 1) missing.push('service');
  if (!has('date')) missing.push('date');
  if (!has('outcome') && has('referral')) missing.push('outcome');
  const errors = [...problems, ...missing.map((title) => missingColumn(claimColumns, header, title))];
  return errors.length > 0 ? { errors } : { ok: header };
}

/**
 * Understands one row. All problems of the row are given at once, in the order of the columns. Never throws, whatever
 * the cells hold. Give the same `meanings` for all rows of a file. A row without a referral but with a session is one for the group session as a whole.
 */
export function parseClaimRow(
  header: ClaimFileHeader,
  cells: readonly string[],
  context: ClaimFileContext,
  meanings: ClaimCells = claimCells(context),
): ClaimRowResult {
  const row = openRow(claimColumns, header, cells);
  const who = readWho(row, meanings);
  const when = readWhen(row, meanings);
  const what = readWhat(row, meanings, context);
  checkTogether(row, who, when, what);
  const { day } = when;
  const { service, outcome } = what;
  if (row.problems.length > 0 || day === null || service === null || outcome === null) return { errors: row.problems };
  // Each part by its name: rows come by the million, and objects made of the rest of others are slow ones.
  const facts = {
    referral: who.referral,
    session: who.session,
    service,
    servedOn: day.on,
    startsAt: when.start ?? day.at,
    minutes: when.minutes,
    outcome,
    noticeMinutes: isCancelled(outcome) ? when.noticeMinutes : null,
    cancelledAt: when.cancelledAt,
    booked: what.booked,
    mode: what.mode,
    expectedMinor: what.expectedMinor,
    travel: what.travel,
    yourReference: who.yourReference,
    normalised: '',
  };
  facts.normalised = normalise(facts);
  return { ok: facts };
}

type Row = OpenRow<ClaimColumn>;
type Who = ReturnType<typeof readWho>;
type When = ReturnType<typeof readWhen>;
type What = ReturnType<typeof readWhat>;

function readWho(row: Row, { reference }: ClaimCells) {
  const referral = row.read('referral', reference);
  const session = row.read('session', reference);
  if (row.isBlank('referral') && row.isBlank('session')) {
    row.refuse(
      'referral',
      'missing_value',
      'Give the reference of the referral, or of the group session for a row about the whole session.',
    );
  }
  const yourReference = row.read('yourReference', reference);
  return { referral, session, yourReference };
}

function readWhen(row: Row, cells: ClaimCells) {
  const day = row.need('date', cells.date, 'Give the day of the session, such as 03/09/2026.');
  const start = row.read('start', cells.time);
  const minutes = row.read('minutes', cells.minutes);
  const noticeMinutes = row.read('notice', cells.notice);
  const cancelledAt = row.read('cancelledAt', cells.moment);
  return { day, start, minutes, noticeMinutes, cancelledAt };
}

function readWhat(row: Row, cells: ClaimCells, { serviceCodes }: ClaimFileContext) {
  const only = serviceCodes.length === 1 ? (serviceCodes[0] ?? null) : null;
  const service =
    only !== null && row.isBlank('service')
      ? only
      : row.need('service', cells.service, 'Give the code of the service.');
  const aboutSession = row.isBlank('referral') && !row.isBlank('session');
  const written = row.isBlank('outcome') && aboutSession ? 'held' : row.need('outcome', cells.outcome, outcomeAdvice);
  const outcome = aboutSession && written === 'attended' ? 'held' : written;
  const booked = row.read('booked', cells.booked);
  const mode = row.read('mode', cells.mode);
  const expectedMinor = row.read('amount', cells.amount);
  const travel = row.read('travel', cells.travel) ?? false;
  return { service, outcome, booked, mode, expectedMinor, travel };
}

/** What cells that are right one by one get wrong together. */
function checkTogether(
  row: Row,
  { referral }: Who,
  { noticeMinutes, cancelledAt, day, start }: When,
  { outcome }: What,
): void {
  const cancelled = outcome !== null && isCancelled(outcome);
  if (outcome === 'held' && referral !== null) {
    row.refuse('outcome', 'outcome_of_session', `For one person, say how it went. ${outcomeAdvice}`);
  }
  if (outcome === 'did_not_attend' && row.isBlank('referral')) {
    row.refuse(
      'outcome',
      'outcome_of_person',
      'A whole session is held or cancelled. Give the referral of the person who did not attend.',
    );
  }
  if (outcome !== null && !cancelled && noticeMinutes !== null && noticeMinutes > 0) {
    row.refuse('notice', 'not_cancelled', 'Notice goes with a cancellation. Empty this cell, or correct the outcome.');
  }
  if (outcome !== null && !cancelled && cancelledAt !== null) {
    row.refuse(
      'cancelledAt',
      'not_cancelled',
      'This goes with a cancellation. Empty this cell, or correct the outcome.',
    );
  }
  if (start !== null && day !== null && day.at !== null && day.at !== start) {
    row.refuse('start', 'two_start_times', 'The date has another time of day in it. Give the time once.');
  }
}

const isCancelled = (outcome: ClaimOutcome): boolean => outcome === 'cancelled' || outcome === 'cancelled_late';

/** A list of all facts in a fixed order, as JSON: no separator can be forged, and absence differs from emptiness. */
function normalise(row: ParsedClaimRow): string {
  const folded = (text: string | null): string | null => (text === null ? null : foldReference(text));
  return JSON.stringify([
    'claim-row/1',
    folded(row.referral),
    folded(row.session),
    foldReference(row.service),
    row.servedOn,
    row.startsAt,
    row.minutes,
    row.outcome,
    row.noticeMinutes,
    row.cancelledAt,
    row.booked,
    row.mode,
    row.expectedMinor === null ? null : String(row.expectedMinor),
    row.travel,
    folded(row.yourReference),
  ]);
}

/** The template of a claim file: headings and one example row, as CSV. */
export const claimFileTemplate = (): string => templateCsv(claimColumns);

/** Headings of the file of failures: row, problem, how to fix, then the template. */
export const failureHeadings = (): string[] => failureHeader(claimColumns);

/** One row of the file of failures, ready to correct and send again: only the template's columns, refused cells masked. */
export const failureRow = (header: ClaimFileHeader, failed: FailedRow): string[] =>
  failureCells(claimColumns, header, failed);
