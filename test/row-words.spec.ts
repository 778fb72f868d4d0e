import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { ClaimLines } from '../src/delivery/claim-file-lines.rules.js';
import { claimColumns } from '../src/delivery/claim-file.columns.js';
import { refusedRow } from '../src/delivery/claim-file-rows.rules.js';
import { parseClaimRow, readClaimHeader } from '../src/delivery/claim-file.rules.js';
import { ROW_REFUSALS, type RowRefusalCode } from '../src/delivery/row-refusal.rules.js';
import { outsidePaymentColumns, readOutsidePayment } from '../src/payouts/outside-payment-file.rules.js';
import { readCsv } from '../src/platform/csv-reader.js';
import { readCode, readCount, readDate, readDuration, type CellResult } from '../src/platform/csv-cells.rules.js';
import { matchHeader, openRow, type RowProblem } from '../src/platform/csv-template.rules.js';
import { projectRoot } from '../src/platform/paths.js';
import { wordRowFixIn, wordRowProblemsIn, type Refusal } from '../src/portal/wording/row-words.rules.js';
import { referralColumns } from '../src/referrals/referral-file.columns.js';
import { parseReferralRow } from '../src/referrals/referral-file.rules.js';
import type { Translate } from '../src/words/index.js';
import { readCatalogue } from '../src/words/words.service.js';
import { saying } from './support/words.js';

const TODAY = '2026-09-27';
const named = (list: string): string[] => list.split('|');
const BAD = [
  'x'.repeat(65),
  'x'.repeat(201),
  ...named('|?|SP-1|943 476 5919|a@b.example|born 3/4/1961|consent|NHS|WALK|yes'),
  ...named('31/02/2026|03/09/2026|01/09/2026|03/09/2026 14:00|03/09/2099|03/09/1999'),
  ...named('14:00|15:00|0|60|9000h|501|held|attended|did not attend|cancelled late'),
  ...named('1111111111|9434765918|12345|-1|12.345'),
];
/** Mostly cells that are right, so that rows get as far as what cells get wrong together. */
const cells = (titles: readonly string[], good: Readonly<Record<string, string>>) =>
  fc.tuple(
    ...titles.map((title) =>
      fc.oneof({ weight: 2, arbitrary: fc.constant(good[title] ?? '') }, fc.constantFrom(...BAD)),
    ),
  );
const titlesOf = (columns: readonly { readonly title: string }[]) => columns.map(({ title }) => title);

const claimHeader = matchHeader(claimColumns, titlesOf(claimColumns)).header;
const referralHeader = matchHeader(referralColumns, titlesOf(referralColumns)).header;
const outsideHeader = matchHeader(outsidePaymentColumns, titlesOf(outsidePaymentColumns)).header;
const serviceCodes = ['WALK', 'ART.2'];

/** What each reader of rows refuses, by its own mouth. */
const ROWS: Readonly<Record<string, fc.Arbitrary<readonly RowProblem[]>>> = {
  'a claim file': cells(titlesOf(claimColumns), {
    referral: 'SP-1',
    service: 'WALK',
    date: '03/09/2026',
    outcome: 'attended',
  }).map((row) => {
    const parsed = parseClaimRow(claimHeader, row, { today: TODAY, serviceCodes });
    return 'errors' in parsed ? parsed.errors : [];
  }),
  'a referral file': cells(titlesOf(referralColumns), {
    reference: 'SP-1',
    service: 'WALK',
    source: 'NHS',
    'made on': '03/09/2026',
    'lawful basis': 'consent',
  }).map((row) => {
    const parsed = parseReferralRow(referralHeader, row, { today: TODAY, serviceCodes });
    return 'errors' in parsed ? parsed.errors : [];
  }),
  'a file of outside payments': cells(titlesOf(outsidePaymentColumns), {}).map((row) => {
    const open = openRow(outsidePaymentColumns, outsideHeader, row);
    readOutsidePayment(open, TODAY);
    return open.problems;
  }),
};

const day = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2039-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const figure = fc.integer({ min: 1, max: 100_000 });

/** Cells with any figures that a reader could be given. */
const FIGURES: Readonly<Record<string, fc.Arbitrary<CellResult<unknown>>>> = {
  date_too_late: day.map((latest) => readDate('1/1/2040', { earliest: '2015-01-01', latest })),
  date_too_early: day.map((earliest) => readDate('1/1/2014', { earliest, latest: '2040-01-01' })),
  invalid_count: fc.tuple(figure, figure).map(([least, most]) => readCount('none', { least, most })),
  duration_too_long: figure.map((most) => readDuration('99999', { bareUnit: 'hours', most })),
  unknown_code: fc
    .array(fc.stringMatching(/^[A-Z][A-Z0-9 ._:/#-]{0,20}$/), { minLength: 1, maxLength: 12 })
    .map((codes) => readCode('none of these', codes)),
};

async function refusedIn(text: string): Promise<Refusal[]> {
  async function* bytes() {
    yield Buffer.from(text);
  }
  const refused: Refusal[] = [];
  for await (const item of readCsv(bytes())) {
    if ((item.kind === 'row' || item.kind === 'refused') && item.problem) refused.push(item.problem);
  }
  return refused;
}

const long = 'x'.repeat(9_000);
const SHEETS: readonly (readonly [code: string, text: string])[] = [
  ['ragged_row', 'a,b\n1,2,3\n'],
  ['ragged_row', 'a,b,c\n1,2\n'],
  ['cell_too_long', `a,b\n1,${long}\n`],
  ['unclosed_quote', 'a,b\n1,2\n3,"4\n'],
  ['stray_quote', 'a,b\n1,2\n3,4"5\n'],
  ['row_too_long', `a,b\n1,${'x'.repeat(70_000)}\n`],
];

const REFUSED = (Object.keys(ROW_REFUSALS) as RowRefusalCode[]).map((code) => {
  const kept = refusedRow(claimHeader, { delivered: { row: 2 } as never, cells: [] }, code);
  return kept.problems[0] as Refusal;
});

/** Of a line that names a column twice. */
const TWICE = new ClaimLines().item({
  kind: 'row',
  row: 1,
  fields: new Map([
    ['date', '1'],
    ['Session date', '2'],
  ]),
});
if (TWICE.kind === 'row' && TWICE.problem) REFUSED.push(TWICE.problem);

const READERS = [
  'src/platform/csv-cells.rules.ts',
  'src/platform/csv-template.rules.ts',
  'src/platform/csv-reader.ts',
  'src/platform/csv-table.ts',
  'src/delivery/claim-file.rules.ts',
  'src/delivery/claim-file-lines.rules.ts',
  'src/delivery/delivery.errors.ts',
  'src/platform/ndjson-reader.ts',
  'src/referrals/referral-file.rules.ts',
  'src/referrals/referral-files.service.ts',
  'src/payouts/outside-payment-file.rules.ts',
  'src/payouts/outside-payments.service.ts',
];
const columns = [...claimColumns, ...referralColumns, ...outsidePaymentColumns];

/** Every refusal that a source writes out: its code, and its text where that is one literal. */
function writtenIn(path: string): { code: string; column: string; howToFix: string | undefined }[] {
  const text = readFileSync(join(projectRoot(import.meta.url), path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const found: { code: string; column: string; howToFix: string | undefined }[] = [];
  const literal = (node: ts.Node | undefined) => (node && ts.isStringLiteralLike(node) ? node.text : undefined);
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const value = (name: string) =>
        node.properties.flatMap((one) =>
          ts.isPropertyAssignment(one) && one.name.getText(tree) === name ? [one.initializer] : [],
        )[0];
      const code = literal(value('code'));
      const isRefusal = value('howToFix') !== undefined || value('message') !== undefined;
      if (code !== undefined && isRefusal) {
        const howToFix = literal(value('howToFix') ?? value('message'));
        found.push({ code, column: literal(value('column')) ?? '', howToFix });
      }
    }
    if (ts.isCallExpression(node) && /^(?:(?:row\.)?refuse|breakAt)$/.test(node.expression.getText(tree))) {
      const [fix, code, key] = node.arguments.map(literal).toReversed();
      const column = columns.find((one) => one.key === key)?.title ?? '';
      if (code !== undefined) found.push({ code, column, howToFix: fix });
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** Of the headings that people send: what is missing, twice, or not ours at all. */
const HEADINGS = [
  ['session', 'colour'],
  ['nothing', 'of ours'],
  ['date', 'session date', 'start'],
  [...titlesOf(claimColumns), 'time', 'ref'],
].map((titles) => {
  const header = readClaimHeader(titles, { today: TODAY, serviceCodes });
  const howToFix = 'errors' in header ? header.errors.map((one) => one.howToFix).join(' ') : '';
  return { code: 'claim_file.heading', howToFix };
});
/** These are said through `claim_file.heading`. */
const OF_HEADINGS = new Set(['missing_column', 'duplicate_column']);
const WRITTEN = READERS.flatMap(writtenIn).filter(({ code }) => !OF_HEADINGS.has(code));

/** Always the same rows, so that every refusal is met; each text once. */
function sampled(problems: fc.Arbitrary<readonly RowProblem[]>): Refusal[] {
  const all = fc.sample(problems, { seed: 1, numRuns: 1_500 }).flat();
  return [...new Map(all.map((one) => [`${one.code} ${one.column} ${one.howToFix}`, one])).values()];
}

const GROUPS: Readonly<Record<string, readonly Refusal[]>> = {
  ...Object.fromEntries(Object.entries(ROWS).map(([name, problems]) => [name, sampled(problems)])),
  'what is refused for what is recorded': REFUSED,
  'a heading row': HEADINGS,
  'what a source writes out': WRITTEN.flatMap(({ howToFix, ...one }) => (howToFix ? { ...one, howToFix } : [])),
};

let en: Translate;
let cy: Translate;
let all: readonly Refusal[];

beforeAll(async () => {
  en = await saying('en');
  cy = await saying('cy');
  const sheets = await Promise.all(SHEETS.map(([, text]) => refusedIn(text)));
  all = [...Object.values(GROUPS).flat(), ...sheets.flat()];
});

/** In English it is the module's own text, in Welsh another, with every place filled. */
function expectBoth(refusal: Refusal): void {
  expect(wordRowFixIn(en, refusal)).toEqual({ text: refusal.howToFix, lang: null });
  const welsh = wordRowFixIn(cy, refusal);
  expect(welsh.lang).toBeNull();
  expect(welsh.text).not.toBe(refusal.howToFix);
  expect(welsh.text).not.toMatch(/\{@?\w+\}|rows\.|undefined/);
}

describe('how to mend a row is said in English as the file of failures says it, and in Welsh', () => {
  it.each(Object.entries(GROUPS))('of %s', (_, refusals) => {
    expect(refusals.length).toBeGreaterThan(3);
    refusals.forEach(expectBoth);
  });

  it.each(Object.entries(FIGURES))('with any figures of %s', (code, results) => {
    const worded = fc.property(results, (result) => {
      if ('ok' in result) return;
      expect(result.code).toBe(code);
      expectBoth(result);
    });
    fc.assert(worded);
  });

  it.each(SHEETS)('of a sheet with %s', async (code, text) => {
    const refused = await refusedIn(text);
    expect(refused.map((one) => one.code)).toEqual([code]);
    refused.forEach(expectBoth);
  });

  it('whatever code a source can write', () => {
    const met = new Set(all.map(({ code }) => code));
    expect(WRITTEN.length).toBeGreaterThan(30);
    expect(WRITTEN.map(({ code }) => code).filter((code) => !met.has(code))).toEqual([]);
  });

  it('with every message of the catalogue', () => {
    const said = new Set<string>();
    const listening: Translate = Object.assign(
      (key: string, params = {}) => {
        said.add(key);
        return cy(key, params);
      },
      { ...cy, has: (key: string) => cy.has(key) },
    );
    for (const refusal of all) wordRowFixIn(listening, refusal);
    const worded = [...readCatalogue('cy').keys()].filter((key) => /^rows\.(?!place\.)/.test(key));
    expect(worded.filter((key) => !said.has(key))).toEqual([]);
  });
});

describe('a problem in a table', () => {
  const problem = {
    row: 4,
    column: 'date',
    entered: '?',
    code: 'invalid_time',
    howToFix: 'Write the time as 14:00 or 2pm.',
  };

  it('keeps the heading of the file, which is English, and words a place without one', () => {
    const shown = wordRowProblemsIn(cy, [problem, { ...problem, column: 'row' }, { ...problem, column: 'column 12' }]);
    expect(shown.map(({ row, column }) => [row, column])).toEqual([
      [4, { text: 'date', lang: 'en' }],
      [4, { text: 'rhes', lang: null }],
      [4, { text: 'colofn 12', lang: null }],
    ]);
    expect(shown[0]?.fix).toEqual({ text: 'Ysgrifennwch yr amser fel 14:00 neu 2pm.', lang: null });
  });

  it('is said by the error that a person would be told', () => {
    const refusal = { code: 'payout.step_not_possible', howToFix: 'Read the payout again.' };
    expect(wordRowFixIn(cy, refusal)).toEqual({ text: cy('errors.payout_step_not_possible'), lang: null });
  });

  it.each([
    { code: 'of_another_time', howToFix: 'Write it otherwise.' },
    { code: 'invalid_count', howToFix: 'Write fewer.' },
    { code: 'claim_file.heading', howToFix: 'Add a column with the heading "date". And more.' },
  ])('that nobody has worded is said as it is stored: %j', (refusal) => {
    expect(wordRowFixIn(cy, refusal)).toEqual({ text: refusal.howToFix, lang: 'en' });
  });
});
