import { parseNhsNumber } from '../identifiers/index.js';
import {
  foldReference,
  readCode,
  readCount,
  readDate,
  readReference,
  readWord,
  wordList,
  type CellResult,
} from '../platform/csv-cells.rules.js';
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
import { referralColumns, type ReferralColumn } from './referral-file.columns.js';

export type ReferralFileHeader = MatchedHeader<ReferralColumn>;
export type ReferralSource = 'nhs' | 'local_authority' | 'voluntary_sector' | 'self' | 'other';

/** The bases of UK GDPR article 6(1), in its order. */
export type LawfulBasis =
  | 'consent'
  | 'contract'
  | 'legal_obligation'
  | 'vital_interests'
  | 'public_task'
  | 'legitimate_interests';

/** What a row is judged against. */
export interface ReferralFileContext {
  /** The day in Europe/London, `YYYY-MM-DD`: no referral is made later. */
  readonly today: string;
  /** The first day accepted, `YYYY-MM-DD`; 2015-01-01 when left out. */
  readonly earliest?: string;
  /** Codes of the services on offer; with none, any code is accepted. */
  readonly serviceCodes: readonly string[];
  /** Used where the file gives none. */
  readonly lawfulBasis?: LawfulBasis;
}

/** A row of a referral file, understood. */
export interface ParsedReferralRow {
  /** The other system's reference. */
  readonly reference: string;
  readonly service: string;
  readonly source: ReferralSource;
  /** `YYYY-MM-DD`. */
  readonly madeOn: string;
  /** `YYYY-MM-DD`. */
  readonly respondBy: string | null;
  /** An opaque reference of the person; null when the row has an NHS number instead, or neither. */
  readonly personReference: string | null;
  readonly lawfulBasis: LawfulBasis;
  readonly sharingAgreement: string | null;
  readonly sessionsPlanned: number | null;
  /**
   * Canonical text of the row's meaning, for hashing: the same whatever the order of columns, formats, case or spacing.
   * The NHS number is not in it, since a hash of one can be undone by trying them all: add the pseudonym.
   */
  readonly normalised: string;
}

/** The NHS number stands apart from the row, to be turned into a pseudonym at once and kept nowhere. */
export type ReferralRowResult =
  | { readonly ok: ParsedReferralRow; readonly nhsNumber: string | null }
  | { readonly errors: readonly RowProblem[] };
export type ReferralHeaderResult = { readonly ok: ReferralFileHeader } | { readonly errors: readonly HeaderProblem[] };

const mostSessions = 500;

const sources = wordList<ReferralSource>([
  [
    'nhs',
    'nhs,gp,gp practice,general practice,surgery,pcn,primary care,primary care network,link worker,social prescriber,social prescribing link worker,splw,hospital,community nurse,nurse,icb,trust,mental health team,cmht,pharmacy,pharmacist',
  ],
  [
    'local_authority',
    'local authority,council,la,social services,adult social care,social care,social worker,housing,community connector,navigator,community navigator',
  ],
  [
    'voluntary_sector',
    'voluntary sector,voluntary,charity,vcse,vcs,vcfse,third sector,community group,community organisation,faith group,voluntary organisation',
  ],
  ['self', 'self,self referral,self referred,person,own,walk in,family,carer,friend'],
  ['other', 'other,police,school,college,employer,job centre,jobcentre,jobcentre plus'],
]);
const lawfulBases = wordList<LawfulBasis>([
  ['consent', 'consent,6 1 a,explicit consent'],
  ['contract', 'contract,6 1 b'],
  ['legal_obligation', 'legal obligation,6 1 c'],
  ['vital_interests', 'vital interests,vital interest,6 1 d'],
  ['public_task', 'public task,public interest,official authority,direct care,6 1 e'],
  ['legitimate_interests', 'legitimate interests,legitimate interest,6 1 f'],
]);

/**
 * Understands the heading row. Needed are reference, service, source, the day it was made, and a lawful basis unless the
 * context gives one. Problems are those of the file, said once.
 */
export function readReferralHeader(cells: readonly string[], context: ReferralFileContext): ReferralHeaderResult {
  const { header, problems } = matchHeader(referralColumns, cells);
  const needed: ReferralColumn[] = ['reference', 'service', 'source', 'madeOn'];
  if (context.lawfulBasis === undefined) needed.push('lawfulBasis');
  const missing = referralColumns.filter(({ key }) => needed.includes(key) && !header.positions.has(key));
  const errors = [...problems, ...missing.map(({ title }) => missingColumn(referralColumns, header, title))];
  return errors.length > 0 ? { errors } : { ok: header };
}

/** Understands one row. All problems of the row are given at once. Never throws, whatever the cells hold. */
export function parseReferralRow(
  header: ReferralFileHeader,
  cells: readonly string[],
  context: ReferralFileContext,
): ReferralRowResult {
  const row = openRow(referralColumns, header, cells);
  const { reference, service, source } = readOrigin(row, context);
  const { madeOn, respondBy } = readDays(row, context);
  const { personReference, nhsNumber } = readPerson(row);
  const { lawfulBasis, sharingAgreement } = readSharing(row, context);
  const sessionsPlanned = row.read('sessionsPlanned', (text) => readCount(text, { least: 1, most: mostSessions }));
  if (
    row.problems.length > 0 ||
    reference === null ||
    service === null ||
    source === null ||
    madeOn === null ||
    lawfulBasis === null
  ) {
    return { errors: row.problems };
  }
  const origin = { reference, service, source, madeOn, respondBy };
  const meaning = { ...origin, personReference, lawfulBasis, sharingAgreement, sessionsPlanned };
  return { ok: { ...meaning, normalised: normalise(meaning) }, nhsNumber };
}

type Row = OpenRow<ReferralColumn>;

function readOrigin(row: Row, context: ReferralFileContext) {
  const reference = row.need(
    'reference',
    readReference,
    'Give the reference that the other system has for the referral.',
  );
  const service = row.need('service', (text) => readCode(text, context.serviceCodes), 'Give the code of the service.');
  const sourceAdvice = 'Write NHS, local authority, voluntary sector, self or other.';
  const source = row.need('source', (text) => readWord(text, sources, sourceAdvice), sourceAdvice);
  return { reference, service, source };
}

function readDays(row: Row, { today, earliest = '2015-01-01' }: ReferralFileContext) {
  const readDay = (text: string, latest: string): CellResult<string> => {
    const date = readDate(text, { earliest, latest });
    return 'ok' in date ? { ok: date.ok.on } : date;
  };
  const aYearOn = `${Number(today.slice(0, 4)) + 1}${today.slice(4)}`;
  const madeOn = row.need(
    'madeOn',
    (text) => readDay(text, today),
    'Give the day the referral was made, such as 03/09/2026.',
  );
  const respondBy = row.read('respondBy', (text) => readDay(text, aYearOn));
  if (madeOn !== null && respondBy !== null && respondBy < madeOn) {
    row.refuse('respondBy', 'before_referral', 'This is before the referral was made. Correct one of the two days.');
  }
  return { madeOn, respondBy };
}

function readPerson(row: Row) {
  const personReference = row.read('person', readReference);
  const nhsNumber = row.read('nhsNumber', readNhsNumber);
  if (!row.isBlank('person') && !row.isBlank('nhsNumber')) {
    row.refuse('person', 'two_references', 'Give either a reference of the person or the NHS number, not both.');
  }
  return { personReference, nhsNumber };
}

function readSharing(row: Row, context: ReferralFileContext) {
  const advice = 'Write consent, public task or legitimate interests (or another basis of UK GDPR article 6).';
  const readBasis = (text: string): CellResult<LawfulBasis> => readWord(text, lawfulBases, advice);
  const given = context.lawfulBasis;
  const lawfulBasis =
    given !== undefined && row.isBlank('lawfulBasis') ? given : row.need('lawfulBasis', readBasis, advice);
  return { lawfulBasis, sharingAgreement: row.read('sharingAgreement', readReference) };
}

function readNhsNumber(text: string): CellResult<string> {
  const parsed = parseNhsNumber(text);
  return parsed.ok ? { ok: parsed.value } : { code: 'invalid_nhs_number', howToFix: parsed.problem };
}

function normalise(row: Omit<ParsedReferralRow, 'normalised'>): string {
  const folded = (text: string | null): string | null => (text === null ? null : foldReference(text));
  return JSON.stringify([
    'referral-row/1',
    folded(row.reference),
    folded(row.service),
    row.source,
    row.madeOn,
    row.respondBy,
    folded(row.personReference),
    row.lawfulBasis,
    folded(row.sharingAgreement),
    row.sessionsPlanned,
  ]);
}

/** The template of a referral file: headings and one example row, as CSV. */
export const referralFileTemplate = (): string => templateCsv(referralColumns);

/** Headings of the file of failures: row, problem, how to fix, then the template. */
export const referralFailureHeadings = (): string[] => failureHeader(referralColumns);

/** One row of the file of failures, ready to correct and send again; an NHS number is never in it. */
export const referralFailureRow = (header: ReferralFileHeader, failed: FailedRow): string[] =>
  failureCells(referralColumns, header, failed);
