import fc from 'fast-check';
import { CSV_LIMITS, readCsv } from '../platform/csv-reader.js';
import { claimColumns, type ClaimColumn } from './claim-file.columns.js';
import {
  claimFileTemplate,
  failureHeadings,
  failureRow,
  parseClaimRow,
  readClaimHeader,
  type ClaimFileContext,
  type ClaimFileHeader,
  type ParsedClaimRow,
  type RowProblem,
} from './claim-file.rules.js';

const context: ClaimFileContext = { today: '2026-11-25', serviceCodes: ['WALK', 'SING'] };
const good: Partial<Record<ClaimColumn, string>> = {
  referral: 'SP-1042',
  service: 'WALK',
  date: '3/9/2026',
  start: '14:00',
  minutes: '60',
  outcome: 'attended',
};

function headerOf(headings: readonly string[], about: ClaimFileContext = context): ClaimFileHeader {
  const result = readClaimHeader(headings, about);
  if ('errors' in result) throw new Error(result.errors.map((error) => error.howToFix).join(' '));
  return result.ok;
}

/** A row of cells by column, under the headings of the template. */
function parse(cells: Partial<Record<ClaimColumn, string>>, about: ClaimFileContext = context) {
  const header = headerOf(claimColumns.map((column) => column.title));
  return parseClaimRow(
    header,
    claimColumns.map(({ key }) => cells[key] ?? ''),
    about,
  );
}
function parsed(cells: Partial<Record<ClaimColumn, string>>, about?: ClaimFileContext): ParsedClaimRow {
  const result = parse(cells, about);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.ok;
}
function problems(cells: Partial<Record<ClaimColumn, string>>, about?: ClaimFileContext): readonly RowProblem[] {
  const result = parse(cells, about);
  return 'errors' in result ? result.errors : [];
}
const codes = (list: readonly RowProblem[]): string[] => list.map(({ column, code }) => `${column}: ${code}`);

describe('the heading row of a claim file', () => {
  it.each([
    ['Referral Ref', 'SERVICE_CODE', 'Session-Date', 'Attendance'],
    ['referralreference', 'activity', 'date of session', 'Outcome'],
    [' ref ', '"service"', 'Date', 'DNA?', 'status'],
  ])('may be dressed as %s, %s, %s', (...headings) => {
    expect([...headerOf(headings).positions.keys()].toSorted()).toEqual(['date', 'outcome', 'referral', 'service']);
  });

  it('names the columns that are left out, masked, and passes over those of a file of failures', () => {
    const header = headerOf([...failureHeadings(), 'Notes', 'jo@example.org', '__proto__', '']);
    expect(header.dropped).toEqual(['Notes', '••@•••••••.•rg', '__proto__']);
  });

  it('is told what is missing once, with the columns that were recognised and no other', () => {
    const result = readClaimHeader(['date', 'Jo Bloggs', 'service', 'ref'], context);
    expect(result).toMatchObject({ errors: [{ code: 'missing_column', column: 'outcome' }] });
    expect(JSON.stringify(result)).toContain('referral, service, date');
    expect(JSON.stringify(result)).not.toContain('Bloggs');
  });

  it.each<[string[], string[], string[]]>([
    [['date', 'outcome', 'service'], ['WALK', 'SING'], ['referral']],
    [['date', 'session', 'service'], ['WALK', 'SING'], []],
    [['date', 'session'], ['WALK'], []],
    [['date', 'session'], [], ['service']],
    [['referral', 'outcome'], ['WALK'], ['date']],
    [
      ['Jo', '3/9/2026'],
      ['WALK', 'SING'],
      ['referral', 'service', 'date'],
    ],
  ])('%j for a contract of %j lacks %j', (headings, serviceCodes, missing) => {
    const result = readClaimHeader(headings, { ...context, serviceCodes });
    expect('errors' in result ? result.errors.map(({ column }) => column) : []).toEqual(missing);
  });

  it('refuses two columns of one meaning', () => {
    expect(readClaimHeader(['ref', 'referral', 'service', 'date', 'outcome'], context)).toMatchObject({
      errors: [{ code: 'duplicate_column', column: 'referral' }],
    });
  });

  it('has no synonym that could mean two columns', () => {
    const names = claimColumns.flatMap(({ title, synonyms }) => [title, ...synonyms]);
    const reduced = names.map((name) => name.replace(/[^a-z]/g, ''));
    expect(reduced.filter((name, index) => reduced.indexOf(name) !== index)).toEqual([]);
  });
});

describe('a row of a claim file', () => {
  it('is understood in full', () => {
    const full = {
      ...good,
      booked: '8',
      mode: 'F2F',
      amount: '£12.50',
      travel: 'Y',
      session: 'W-1',
      yourReference: 'R1',
    };
    const { normalised, ...row } = parsed(full);
    expect(row).toEqual({
      referral: 'SP-1042',
      session: 'W-1',
      service: 'WALK',
      servedOn: '2026-09-03',
      startsAt: '14:00',
      minutes: 60,
      outcome: 'attended',
      noticeMinutes: null,
      cancelledAt: null,
      booked: 8,
      mode: 'in_person',
      expectedMinor: 1250n,
      travel: true,
      yourReference: 'R1',
    });
    expect(JSON.parse(normalised)).toContain('1250');
  });

  it.each([
    ['Y', 'attended'],
    ['Present', 'attended'],
    ['n', 'did_not_attend'],
    ['DNA', 'did_not_attend'],
    ["Didn't attend", 'did_not_attend'],
    ['no-show', 'did_not_attend'],
    ['Late Cancellation', 'cancelled_late'],
    ['cancelled_late', 'cancelled_late'],
    ['Canceled', 'cancelled'],
  ])('outcome %s is %s', (outcome, expected) => {
    expect(parsed({ ...good, outcome }).outcome).toBe(expected);
  });

  it.each([
    ['Telephone', 'phone'],
    ['Zoom', 'video'],
    ['home visit', 'home'],
    ['', null],
  ])('mode %s is %s', (mode, expected) => {
    expect(parsed({ ...good, mode }).mode).toBe(expected);
  });

  it.each(['', 'held', 'attended', 'Y'])('is about a whole session without a referral, outcome %j', (outcome) => {
    expect(parsed({ ...good, referral: '', session: 'W-1', outcome, booked: '8' })).toMatchObject({
      referral: null,
      outcome: 'held',
      booked: 8,
    });
  });

  it('takes the service of a contract that has one, and writes codes as the contract does', () => {
    expect(parsed({ ...good, service: '' }, { ...context, serviceCodes: ['SING'] }).service).toBe('SING');
    expect(parsed({ ...good, service: ' sing ' }).service).toBe('SING');
    expect(parsed({ ...good, service: 'yoga' }, { ...context, serviceCodes: [] }).service).toBe('yoga');
  });

  it('takes the time from the date when it stands there', () => {
    expect(parsed({ ...good, date: '2026-09-03T14:30', start: '' }).startsAt).toBe('14:30');
    expect(codes(problems({ ...good, date: '03/09/2026 14:30' }))).toEqual(['start: two_start_times']);
  });

  it('reads notice and the time of a cancellation', () => {
    const cancelled = { ...good, outcome: 'cancelled late', notice: '3.5', cancelledAt: '3/9/2026 10:30' };
    expect(parsed(cancelled)).toMatchObject({ noticeMinutes: 210, cancelledAt: '2026-09-03T10:30' });
    expect(parsed({ ...good, notice: '0' }).noticeMinutes).toBeNull();
  });

  it.each<[string, Partial<Record<ClaimColumn, string>>, string[]]>([
    ['nobody', { referral: '' }, ['referral: missing_value']],
    ['no day', { date: '' }, ['date: missing_value']],
    ['no service', { service: '' }, ['service: missing_value']],
    ['no outcome', { outcome: '' }, ['outcome: missing_value']],
    ['tomorrow', { date: '26/11/2026' }, ['date: date_too_late']],
    ['another service', { service: 'YOGA' }, ['service: unknown_code']],
    ['notice of one who came', { notice: '3' }, ['notice hours: not_cancelled']],
    ['a cancellation of one who came', { cancelledAt: '2/9/2026 10:00' }, ['cancelled at: not_cancelled']],
    [
      'a cancellation without its time',
      { outcome: 'cancelled', cancelledAt: '2/9/2026' },
      ['cancelled at: time_missing'],
    ],
    ['a person held', { outcome: 'held' }, ['outcome: outcome_of_session']],
    ['a session that did not attend', { referral: '', session: 'W-1', outcome: 'DNA' }, ['outcome: outcome_of_person']],
    ['no minute', { minutes: '0' }, ['minutes: invalid_duration']],
    ['a long cell', { yourReference: 'x'.repeat(201) }, ['your reference: cell_too_long']],
    [
      'several things at once',
      { date: '31/6/2026', minutes: 'long', outcome: 'maybe', amount: '12,50', travel: 'some' },
      [
        'date: no_such_day',
        'minutes: invalid_duration',
        'outcome: unknown_word',
        'amount: invalid_amount',
        'travel: unknown_word',
      ],
    ],
  ])('is refused for %s', (_, cells, expected) => {
    const found = problems({ ...good, ...cells });
    expect(codes(found)).toEqual(expected);
    expect(found.every(({ howToFix }) => howToFix.length > 10)).toBe(true);
  });

  it.each<[ClaimColumn, string, string]>([
    ['referral', '943 476 5919', '••• ••• ••19'],
    ['yourReference', 'jo@example.org', '••@•••••••.•rg'],
    ['outcome', 'born 3/9/1951', 'born •/•/••51'],
    ['minutes', '9434765919', '••••••••19'],
    ['date', '9434765919', '••••••••19'],
    ['date', '31/06/2026', '31/06/2026'],
    ['mode', 'x'.repeat(80), `${'x'.repeat(59)}…`],
    ['mode', '😀'.repeat(80), `${'😀'.repeat(59)}…`],
  ])('shows a refused %s of %s as %s', (column, text, shown) => {
    expect(problems({ ...good, [column]: text }).map(({ entered }) => entered)).toEqual([shown]);
  });
});

describe('the canonical text of a row', () => {
  const same: Partial<Record<ClaimColumn, string>> = {
    referral: ' sp-1042 ',
    service: 'walk',
    date: 'Thu 3rd September 2026',
    start: '2pm',
    minutes: '1 hour',
    outcome: 'Y',
    travel: 'no',
    notice: '0',
  };

  it('is the same for the same meaning', () => {
    expect(parsed(same).normalised).toBe(parsed(good).normalised);
    expect(parsed({ ...good, date: '2026-09-03 14:00', start: '' }).normalised).toBe(parsed(good).normalised);
  });

  it('does not depend on the case of references, nor of a code that no contract lists', () => {
    const about = { ...context, serviceCodes: [] };
    const upper = parsed({ ...good, service: 'YOGA', session: 'W 1', yourReference: 'R1' }, about);
    expect(parsed({ ...good, service: 'yoga', session: 'w  1', yourReference: 'r1' }, about).normalised).toBe(
      upper.normalised,
    );
  });

  it.each<[ClaimColumn, string]>([
    ['referral', 'SP-1043'],
    ['session', 'W-1'],
    ['service', 'SING'],
    ['date', '4/9/2026'],
    ['start', '14:01'],
    ['minutes', '61'],
    ['outcome', 'DNA'],
    ['booked', '1'],
    ['mode', 'phone'],
    ['amount', '0'],
    ['travel', 'yes'],
    ['yourReference', 'R1'],
  ])('differs with %s', (column, text) => {
    expect(parsed({ ...good, [column]: text }).normalised).not.toBe(parsed(good).normalised);
  });

  it('does not depend on the order of columns, nor on columns that are left out', () => {
    const columns = claimColumns.map(({ key, title }) => ({ title, text: good[key] ?? '' }));
    const extra = { title: 'notes', text: 'anything' };
    fc.assert(
      fc.property(fc.shuffledSubarray([...columns, extra], { minLength: columns.length + 1 }), (shuffled) => {
        const header = headerOf(shuffled.map(({ title }) => title.toUpperCase()));
        const cells = shuffled.map(({ text }) => text);
        expect(parseClaimRow(header, cells, context)).toEqual({ ok: parsed(good) });
      }),
    );
  });
});

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50) yield bytes.subarray(at, at + 50);
}

/** Reads a whole file as the import does: accepted rows, failed rows, and the row from which nothing was read. */
async function readFile(bytes: Uint8Array) {
  const accepted: ParsedClaimRow[] = [];
  const failed: { row: number; cells: string[]; problems: readonly RowProblem[] }[] = [];
  let header: ClaimFileHeader = headerOf(claimColumns.map((column) => column.title));
  let rows = 0;
  let refusedFrom: number | null = null;
  for await (const item of readCsv(inPieces(bytes), CSV_LIMITS)) {
    if (item.kind === 'header') header = headerOf(item.cells);
    if (item.kind === 'refused') refusedFrom = item.row;
    if (item.kind === 'end') rows = item.rows;
    if (item.kind !== 'row') continue;
    const result = item.problem ? { errors: [item.problem] } : parseClaimRow(header, item.cells, context);
    if ('ok' in result) accepted.push(result.ok);
    else failed.push({ row: item.row, cells: item.cells, problems: result.errors });
  }
  return { accepted, failed, header, rows, refusedFrom };
}

const csv = (rows: readonly (readonly string[])[]): Buffer =>
  Buffer.from(rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n'));

describe('a messy file', () => {
  it.each<[string, Uint8Array]>([
    [
      'of a spreadsheet, with a mark, CRLF, blank rows, quoted line breaks and more columns',
      Buffer.from(
        '\uFEFFRef,Service code,Session date,Status,Notes,Amount\r\n' +
          'SP-1,WALK,03/09/2026,Y,"came late,\r\nleft early",£12.50\r\n\r\n' +
          'SP-2,sing,3 Sep 2026,DNA,,"£1,012.50"\r\n,,,,,\r\n',
      ),
    ],
    [
      'of an older program, in Windows-1252 with semicolons',
      Buffer.from(
        'Notes;Ref;Service;Date;Outcome;Fee\ncaf\xe9;SP-1;WALK;3.9.26;yes;\xa312.50\n;SP-2;SING;2026-09-03;no show;1012.5\n',
        'latin1',
      ),
    ],
    [
      'of another, in UTF-16 with tabs',
      Buffer.from(
        '\uFEFFdate\tref\tservice\tattended\tprice\r3/9/2026\tsp-1\twalk\t1\t12.5\r3/9/2026\tsp-2\tsing\t0\t1012.50',
        'utf16le',
      ),
    ],
  ])('%s gives the same rows', async (_, bytes) => {
    const { accepted, failed } = await readFile(bytes);
    expect(failed).toEqual([]);
    expect(accepted.map((row) => row.normalised)).toEqual([
      parsed({ referral: 'SP-1', service: 'WALK', date: '3/9/2026', outcome: 'attended', amount: '12.50' }).normalised,
      parsed({ referral: 'SP-2', service: 'SING', date: '3/9/2026', outcome: 'dna', amount: '1012.50' }).normalised,
    ]);
  });

  it('with an unclosed quote keeps the rows above it', async () => {
    const { accepted, refusedFrom } = await readFile(
      Buffer.from('ref,service,date,outcome\nSP-1,WALK,3/9/2026,Y\n"SP-2,WALK,3/9/2026,Y\nSP-3,WALK,3/9/2026,Y\n'),
    );
    expect(accepted).toHaveLength(1);
    expect(refusedFrom).toBe(3);
  });

  it('loses no row, whatever its cells hold', async () => {
    const cell = fc.oneof(
      fc.constantFrom('', 'SP-1', 'WALK', '3/9/2026', 'Y', '60', 'DNA', '943 476 5919', '2pm', '£5', '__proto__'),
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
    );
    const row = fc.array(cell, { minLength: claimColumns.length, maxLength: claimColumns.length });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), async (rows) => {
        const {
          accepted,
          failed,
          rows: counted,
        } = await readFile(csv([claimColumns.map(({ title }) => title), ...rows]));
        expect(accepted.length + failed.length).toBe(counted);
        expect(failed.every(({ problems: list }) => list.length > 0)).toBe(true);
        expect(JSON.stringify(failed.map(({ problems: list }) => list))).not.toMatch(/943 476 59/);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the file of failures', () => {
  it('shows what was accepted, masks what was refused, and drops the rest', async () => {
    const { failed, header } = await readFile(
      Buffer.from('secret,ref,service,date,outcome\nJo Bloggs,SP-1,WALK,31/9/2026,jo@example.org\n'),
    );
    const [cells = []] = failed.map((one) => failureRow(header, one));
    expect(cells.slice(0, 3)).toEqual([
      '2',
      'date: no such day. outcome: unknown word.',
      expect.stringContaining('Write attended, did not attend'),
    ]);
    expect(cells.slice(3, 9)).toEqual(['SP-1', 'WALK', '31/9/2026', '', '', '••@•••••••.•rg']);
    expect(cells.join()).not.toContain('Bloggs');
  });

  it('masks every cell of a row that may have slipped sideways', async () => {
    const { failed, header } = await readFile(
      Buffer.from('ref,service,date,outcome\nSP-1,WALK,3/9/2026,Y,943 476 5919\n1234567890,WALK,3/9/2026\n'),
    );
    const shown = failed.map((one) => failureRow(header, one).slice(3));
    expect(shown.map(([referral]) => referral)).toEqual(['SP-1', '••••••••90']);
  });

  it('can be corrected and sent again', async () => {
    const rows = [
      ['ref', 'service', 'date', 'outcome', 'notes', 'booked'],
      ['SP-1', 'WALK', '31/9/2026', 'Y', 'n', '8'],
      ['9434765919', 'SING', '3/9/2026', 'Y', 'n', '8'],
    ];
    const first = await readFile(csv(rows));
    expect(first.accepted).toEqual([]);
    const corrected = first.failed.map((one) =>
      failureRow(first.header, one).map((cell) => cell.replace('31/9/2026', '30/9/2026').replace('••••••••19', 'SP-2')),
    );
    const second = await readFile(csv([failureHeadings(), ...corrected]));
    expect(second.failed).toEqual([]);
    expect(second.accepted.map((row) => row.normalised)).toEqual([
      parsed({ referral: 'SP-1', service: 'WALK', date: '30/9/2026', outcome: 'Y', booked: '8' }).normalised,
      parsed({ referral: 'SP-2', service: 'SING', date: '3/9/2026', outcome: 'Y', booked: '8' }).normalised,
    ]);
  });

  it('may come back with the apostrophe of a spreadsheet-safe export', () => {
    expect(codes(problems({ ...good, amount: "'-5.00" }))).toEqual(['amount: invalid_amount']);
    expect(problems({ ...good, amount: "'-5.00" })[0]?.entered).toBe('-5.00');
  });
});

describe('the template', () => {
  it('is a claim file without problems', async () => {
    const { accepted, failed } = await readFile(Buffer.from(claimFileTemplate()));
    expect(failed).toEqual([]);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({ referral: 'SP-1042', servedOn: '2026-09-03', expectedMinor: 1250n });
  });
});
