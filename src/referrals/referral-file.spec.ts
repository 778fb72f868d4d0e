import fc from 'fast-check';
import { referralColumns, type ReferralColumn } from './referral-file.columns.js';
import {
  parseReferralRow,
  readReferralHeader,
  referralFailureHeadings,
  referralFailureRow,
  referralFileTemplate,
  type ReferralFileContext,
  type ReferralFileHeader,
} from './referral-file.rules.js';

type Cells = Partial<Record<ReferralColumn, string>>;
const context: ReferralFileContext = { today: '2026-11-25', serviceCodes: ['WALK', 'SING'] };
const good: Cells = {
  reference: 'SP-1042',
  service: 'WALK',
  source: 'NHS',
  madeOn: '3/9/2026',
  person: 'P-7731',
  lawfulBasis: 'consent',
};
const titles = referralColumns.map(({ title }) => title);
const cellsOf = (cells: Cells): string[] => referralColumns.map(({ key }) => cells[key] ?? '');

function headerOf(headings: readonly string[], about: ReferralFileContext = context): ReferralFileHeader {
  const result = readReferralHeader(headings, about);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.ok;
}
const parse = (cells: Cells, about: ReferralFileContext = context) =>
  parseReferralRow(headerOf(titles), cellsOf(cells), about);
function parsed(cells: Cells, about?: ReferralFileContext) {
  const result = parse(cells, about);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result;
}
function problemsOf(cells: Cells) {
  const result = parse(cells);
  return 'errors' in result ? result.errors : [];
}
const codesOf = (cells: Cells): string[] => problemsOf(cells).map(({ column, code }) => `${column}: ${code}`);

describe('the heading row of a referral file', () => {
  it('understands other names', () => {
    const headings = [
      'Referral ID',
      'Activity_Code',
      'Referred-by',
      'Date of referral',
      'Legal basis',
      'NHS No.',
      'Name',
    ];
    const header = headerOf(headings);
    expect([...header.positions.keys()]).toEqual([
      'reference',
      'service',
      'source',
      'madeOn',
      'lawfulBasis',
      'nhsNumber',
    ]);
    expect(header.dropped).toEqual(['Name']);
  });

  it('needs a lawful basis unless the import gives one', () => {
    const headings = ['reference', 'service', 'source', 'made on'];
    expect(readReferralHeader(headings, context)).toMatchObject({ errors: [{ column: 'lawful basis' }] });
    expect(readReferralHeader(headings, { ...context, lawfulBasis: 'public_task' })).toHaveProperty('ok');
    expect(readReferralHeader([], context)).toMatchObject({
      errors: ['reference', 'service', 'source', 'made on', 'lawful basis'].map((column) => ({ column })),
    });
  });

  it('has no synonym that could mean two columns', () => {
    const names = referralColumns.flatMap(({ title, synonyms }) => [title, ...synonyms]);
    const reduced = names.map((name) => name.toLowerCase().replace(/[^a-z]/g, ''));
    expect(reduced.filter((name, index) => reduced.indexOf(name) !== index)).toEqual([]);
  });
});

describe('a row of a referral file', () => {
  it('is understood in full', () => {
    const { ok, nhsNumber } = parsed({
      ...good,
      respondBy: '10 Sep 2026',
      sharingAgreement: 'DSA 1',
      sessionsPlanned: '6',
    });
    const { normalised, ...row } = ok;
    expect(row).toEqual({
      reference: 'SP-1042',
      service: 'WALK',
      source: 'nhs',
      madeOn: '2026-09-03',
      respondBy: '2026-09-10',
      personReference: 'P-7731',
      lawfulBasis: 'consent',
      sharingAgreement: 'DSA 1',
      sessionsPlanned: 6,
    });
    expect(nhsNumber).toBeNull();
    expect(JSON.parse(normalised)).toContain('DSA 1');
  });

  it.each([
    ['GP', 'nhs'],
    ['Link Worker', 'nhs'],
    ['Council', 'local_authority'],
    ['community connector', 'local_authority'],
    ['VCSE', 'voluntary_sector'],
    ['self-referral', 'self'],
    ['Other', 'other'],
  ])('source %s is %s', (source, expected) => {
    expect(parsed({ ...good, source }).ok.source).toBe(expected);
  });

  it.each([
    ['Consent', 'consent'],
    ['6(1)(e)', 'public_task'],
    ['legitimate-interest', 'legitimate_interests'],
  ])('lawful basis %s is %s', (lawfulBasis, expected) => {
    expect(parsed({ ...good, lawfulBasis }).ok.lawfulBasis).toBe(expected);
  });

  it('takes the lawful basis of the import where it gives none', () => {
    const about = { ...context, lawfulBasis: 'public_task' as const };
    expect(parsed({ ...good, lawfulBasis: '' }, about).ok.lawfulBasis).toBe('public_task');
    expect(parsed(good, about).ok.lawfulBasis).toBe('consent');
  });

  it('gives the NHS number apart, and nowhere in the row', () => {
    const result = parsed({ ...good, person: '', nhsNumber: '943 476 5919' });
    expect(result.nhsNumber).toBe('9434765919');
    expect(JSON.stringify(result.ok)).not.toContain('5919');
  });

  it.each<[string, Cells, string[]]>([
    [
      'nothing',
      { reference: '', service: '', source: '', madeOn: '', lawfulBasis: '' },
      [
        'reference: missing_value',
        'service: missing_value',
        'source: missing_value',
        'made on: missing_value',
        'lawful basis: missing_value',
      ],
    ],
    ['a day to come', { madeOn: '26/11/2026' }, ['made on: date_too_late']],
    ['an answer before the question', { respondBy: '2/9/2026' }, ['respond by: before_referral']],
    ['an answer in two years', { respondBy: '26/11/2027' }, ['respond by: date_too_late']],
    ['another service', { service: 'YOGA' }, ['service: unknown_code']],
    ['an NHS number as reference', { person: '943 476 5919' }, ['person reference: nhs_number_in_reference']],
    ['two references', { nhsNumber: '943 476 5919' }, ['person reference: two_references']],
    ['no NHS number', { person: '', nhsNumber: '943 476 5918' }, ['NHS number: invalid_nhs_number']],
    ['no session', { sessionsPlanned: '0' }, ['sessions planned: invalid_count']],
  ])('is refused for %s', (_, cells, expected) => {
    expect(codesOf({ ...good, ...cells })).toEqual(expected);
  });
});

describe('an NHS number', () => {
  it.each(['943 476 5918', '9434765919 0', 'NHS 9434765919', '１２３'])(
    'of %s is in no problem and no file of failures',
    (nhsNumber) => {
      const cells = { ...good, person: '', nhsNumber, source: '?' };
      const failed = { row: 7, cells: cellsOf(cells), problems: problemsOf(cells) };
      const shown = referralFailureRow(headerOf(titles), failed);
      expect(failed.problems.filter(({ column }) => column === 'NHS number').map(({ entered }) => entered)).toEqual([
        '',
      ]);
      expect(shown[referralFailureHeadings().indexOf('NHS number')]).toBe('');
      expect(JSON.stringify([failed.problems, shown])).not.toMatch(/59|１２/);
    },
  );

  it('that is right is not in the file of failures either', () => {
    const cells = { ...good, person: '', nhsNumber: '943 476 5919', source: '?' };
    const shown = referralFailureRow(headerOf(titles), { row: 7, cells: cellsOf(cells), problems: problemsOf(cells) });
    expect(shown.join()).not.toContain('5919');
    expect(shown[0]).toBe('7');
  });
});

describe('the canonical text of a referral', () => {
  it('is the same for the same meaning, in any order of columns', () => {
    const same: Cells = {
      ...good,
      reference: ' sp-1042',
      service: 'walk',
      source: 'gp',
      madeOn: '2026-09-03',
      person: 'p-7731',
    };
    const columns = referralColumns.map(({ key, title }) => ({ title, text: same[key] ?? '' }));
    fc.assert(
      fc.property(fc.shuffledSubarray(columns, { minLength: columns.length }), (shuffled) => {
        const header = headerOf(shuffled.map(({ title }) => title));
        const result = parseReferralRow(
          header,
          shuffled.map(({ text }) => text),
          context,
        );
        expect('ok' in result ? result.ok.normalised : result.errors).toBe(parsed(good).ok.normalised);
      }),
    );
  });

  it.each<[ReferralColumn, string]>([
    ['reference', 'SP-1'],
    ['service', 'SING'],
    ['source', 'self'],
    ['madeOn', '4/9/2026'],
    ['respondBy', '9/9/2026'],
    ['person', 'P-1'],
    ['lawfulBasis', 'public task'],
    ['sharingAgreement', 'D'],
    ['sessionsPlanned', '5'],
  ])('differs with %s', (column, text) => {
    expect(parsed({ ...good, [column]: text }).ok.normalised).not.toBe(parsed(good).ok.normalised);
  });
});

describe('a row, whatever it holds,', () => {
  it('is accepted or has problems, and nothing is thrown', () => {
    const cell = fc.oneof(fc.constantFrom(...Object.values(good), '', '9434765919'), fc.string({ unit: 'binary' }));
    const row = fc.array(cell, { maxLength: referralColumns.length + 2 });
    fc.assert(
      fc.property(row, (cells) => {
        const result = parseReferralRow(headerOf(titles), cells, context);
        expect('ok' in result || result.errors.length > 0).toBe(true);
        expect(JSON.stringify(result)).not.toContain('"entered":"9434765919"');
      }),
    );
  });

  it('the template is right', () => {
    const [headings = '', example = ''] = referralFileTemplate().split('\r\n');
    expect(parseReferralRow(headerOf(headings.split(',')), example.split(','), context)).toHaveProperty('ok');
  });
});
