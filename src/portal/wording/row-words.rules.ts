import type { RowProblem } from '../../platform/csv-template.rules.js';
import type { Translate } from '../../words/index.js';

/** Why a row, or a file as a whole, was not taken, as its module says it in English. */
export interface Refusal {
  readonly code: string;
  /** The title of a column; left out where it is about the file. */
  readonly column?: string;
  readonly howToFix: string;
}

/** A text for a page, and the language to mark it with where it is not the visitor's own. */
export interface Said {
  readonly text: string;
  readonly lang: 'en' | null;
}

/**
 * Refusals whose text has figures, or several forms, each with what finds them. What is kept of a failed row is its
 * finished English text, so that the figures are read out of it; test/row-words.spec.ts holds this to the modules.
 */
const FORMS: Readonly<Record<string, readonly (readonly [form: string, figures: RegExp])[]>> = {
  date_too_late: [['date_too_late', /later than (?<day>[\d/]+)/]],
  date_too_early: [['date_too_early', /before (?<day>[\d/]+)/]],
  invalid_count: [['invalid_count', /from (?<least>\d+) to (?<most>\d+)/]],
  duration_too_long: [['duration_too_long', /most (?<hours>[\d.]+) hours/]],
  invalid_duration: [
    ['invalid_duration.none', /at least one minute/],
    ['invalid_duration.minutes', /whole minutes/],
    ['invalid_duration.hours', /hours/],
  ],
  unknown_code: [['unknown_code', /codes: (?<codes>.+)\.$/su]],
  cell_too_long: [
    ['cell_too_long.of_file', /^A cell holds at most (?<most>\d+)/],
    ['cell_too_long.of_column', /^At most (?<most>\d+)/],
  ],
  invalid_nhs_number: [
    ['invalid_nhs_number.length', /10 digits/],
    ['invalid_nhs_number.repeated', /repeated/],
    ['invalid_nhs_number.check', /last digit/],
  ],
  ragged_row: [
    ['ragged_row.too_long', /has (?<found>\d+) cells, the heading (?<expected>\d+)\. Put/],
    ['ragged_row.too_short', /has (?<found>\d+) cells, the heading (?<expected>\d+)\. Give/],
  ],
  unclosed_quote: [['unclosed_quote', /in row (?<row>\d+), column (?<number>\d+)/]],
  stray_quote: [['stray_quote', /^Row (?<row>\d+) .* column (?<number>\d+)\./]],
  member_twice: [['member_twice', /member for "(?<column>[^"]*)"/]],
  row_too_long: [['row_too_long', /^Row (?<row>\d+)/]],
};

/** What is said of a heading row, sentence by sentence. */
const HEADING: readonly (readonly [form: string, sentence: RegExp])[] = [
  ['missing', /^Add a column with the heading "(?<column>[^"]*)"\. ?/],
  ['recognised', /^Columns that were recognised: (?<columns>[^."]+)\. ?/],
  ['none', /^No column was recognised: the first row must hold the headings\. ?/],
  [
    'twice',
    /^The file has more than one column for "(?<column>[^"]*)"\. Keep the one that is meant and remove the other\. ?/,
  ],
];

/**
 * How to mend what was refused, in the visitor's language. In English it is what the file of failures says, but for an
 * error that has words of its own for people. What nobody has worded is said as it is stored, marked as English.
 */
export function wordRowFixIn(t: Translate, refusal: Refusal): Said {
  const { code, howToFix } = refusal;
  const text = code === 'claim_file.heading' ? headingIn(t, howToFix) : fixIn(t, refusal);
  return text === undefined ? { text: howToFix, lang: 'en' } : { text, lang: null };
}

/** Problems of rows for a table: with what to mend, and the column by the heading that is written in the file. */
export function wordRowProblemsIn<P extends RowProblem>(
  t: Translate,
  problems: readonly P[],
): (Omit<P, 'column'> & { readonly column: Said; readonly fix: Said })[] {
  return problems.map((problem) => ({
    ...problem,
    column: columnIn(t, problem.column),
    fix: wordRowFixIn(t, problem),
  }));
}

function fixIn(t: Translate, { code, column = '', howToFix }: Refusal): string | undefined {
  const forms = FORMS[code];
  if (forms) {
    const found = forms.map(([form, figures]) => ({ form, match: figures.exec(howToFix) })).find(({ match }) => match);
    return found && t(`rows.${found.form}`, { ...found.match?.groups });
  }
  const name = code.replaceAll('.', '_');
  const keys = [`rows.${name}.${column.replaceAll(' ', '_')}`, `rows.${name}`, `errors.${name}`];
  const key = keys.find((one) => t.has(one));
  return key === undefined ? undefined : t(key);
}

function headingIn(t: Translate, text: string): string | undefined {
  const said: string[] = [];
  let rest = text;
  while (rest !== '') {
    const found = HEADING.map(([form, sentence]) => ({ form, match: sentence.exec(rest) })).find(({ match }) => match);
    if (!found?.match) return undefined;
    said.push(t(`rows.heading.${found.form}`, { ...found.match.groups }));
    rest = rest.slice(found.match[0].length);
  }
  return said.length === 0 ? undefined : said.join(' ');
}

/** A heading of a template is English, as files have it; a place without one is said in words. */
function columnIn(t: Translate, column: string): Said {
  if (column === 'row') return { text: t('rows.place.row'), lang: null };
  const number = /^column (\d+)$/.exec(column)?.[1];
  return number === undefined ? { text: column, lang: 'en' } : { text: t('rows.place.column', { number }), lang: null };
}
