import fc from 'fast-check';
import { findIdentifiers } from '../identifiers/index.js';
import {
  foldReference,
  readCount,
  readDate,
  readDuration,
  readPounds,
  readReference,
  readTime,
  readWord,
  yesOrNo,
  type CellResult,
} from './csv-cells.rules.js';

const bounds = { earliest: '2015-01-01', latest: '2026-11-25' };
const meaningOf = <T>(result: CellResult<T>): T | string => ('ok' in result ? result.ok : result.code);

describe('a date', () => {
  it.each<[string, string, string | null]>([
    ['3/9/2026', '2026-09-03', null],
    ['03/09/26', '2026-09-03', null],
    ['9/3/2026', '2026-03-09', null],
    ['03-09-2026', '2026-09-03', null],
    ['3.9.2026', '2026-09-03', null],
    ['3 Sep 2026', '2026-09-03', null],
    ['3-Sep-26', '2026-09-03', null],
    ['3 sept 2026', '2026-09-03', null],
    ['3 September 2026', '2026-09-03', null],
    ['Thu 3rd September, 2026', '2026-09-03', null],
    ['Thursday, 3 Sep 2026', '2026-09-03', null],
    ['2026-09-03', '2026-09-03', null],
    ['2026/9/3', '2026-09-03', null],
    ['2026-09-03T14:05', '2026-09-03', '14:05'],
    ['2026-09-03 14:05:59', '2026-09-03', '14:05'],
    ['2026-09-03T14:05:59.123', '2026-09-03', '14:05'],
    ['03/09/2026 14:05', '2026-09-03', '14:05'],
    ['03/09/2026 00:00:00', '2026-09-03', null],
    ['3 Sep 2026 2:05 pm', '2026-09-03', '14:05'],
    ['2026-09-03T14:05:00Z', '2026-09-03', '15:05'],
    ['2026-09-02T23:00:00.000Z', '2026-09-03', null],
    ['2026-01-02T23:30:00Z', '2026-01-02', '23:30'],
    ['2026-09-03T00:30:00+0200', '2026-09-02', '23:30'],
    ['29/2/2024', '2024-02-29', null],
    ['1/1/2015', '2015-01-01', null],
    ['25/11/2026', '2026-11-25', null],
  ])('%s is %s, time %s', (text, on, at) => {
    expect(readDate(text, bounds)).toEqual({ ok: { on, at } });
  });

  it.each([
    ['29/2/2026', 'no_such_day'],
    ['31/6/2026', 'no_such_day'],
    ['9/13/2026', 'no_such_day'],
    ['2026-02-30T10:00:00Z', 'no_such_day'],
    ['0/1/2026', 'no_such_day'],
    ['26/11/2026', 'date_too_late'],
    ['1/1/99', 'date_too_late'],
    ['31/12/2014', 'date_too_early'],
    ['3/9', 'invalid_date'],
    ['3/9-2026', 'invalid_date'],
    ['46268', 'invalid_date'],
    ['3 Smarch 2026', 'invalid_date'],
    ['03/09/2026 25:00', 'invalid_date'],
    ['today', 'invalid_date'],
    ['03/09/2026 and more', 'invalid_date'],
    ['2026-09-03T10:00:00+99:99', 'invalid_date'],
    ['03/09/02026', 'invalid_date'],
  ])('%s is refused: %s', (text, code) => {
    expect(meaningOf(readDate(text, bounds))).toBe(code);
  });

  it('means the same in every way of writing it', () => {
    const days = fc.date({
      min: new Date('2015-01-01T00:00Z'),
      max: new Date('2026-11-25T00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (day) => {
        const iso = day.toISOString().slice(0, 10);
        const [year = '', month = '', date = ''] = iso.split('-');
        const name = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' }).format(day);
        const written = [iso, `${date}/${month}/${year}`, `${Number(date)}.${Number(month)}.${year.slice(2)}`];
        written.push(`${Number(date)} ${name} ${year}`, `${date}-${name.slice(0, 3).toUpperCase()}-${year}`);
        for (const text of written) expect(readDate(text, bounds)).toEqual({ ok: { on: iso, at: null } });
      }),
    );
  });
});

describe('a time', () => {
  it.each([
    ['14:00', '14:00'],
    ['9:05', '09:05'],
    ['14.00', '14:00'],
    ['14:30:00', '14:30'],
    ['1400', '14:00'],
    ['2pm', '14:00'],
    ['2 PM', '14:00'],
    ['2.30 p.m.', '14:30'],
    ['12am', '00:00'],
    ['12:15pm', '12:15'],
    ['0:00', '00:00'],
    ['23:59', '23:59'],
    ['24:00', 'invalid_time'],
    ['12:60', 'invalid_time'],
    ['14', 'invalid_time'],
    ['930', 'invalid_time'],
    ['14pm', 'invalid_time'],
    ['0am', 'invalid_time'],
    ['noonish', 'invalid_time'],
  ])('%s is %s', (text, expected) => {
    expect(meaningOf(readTime(text))).toBe(expected);
  });
});

describe('a duration', () => {
  it.each<[string, number | string]>([
    ['60', 60],
    ['60.0', 60],
    ['60 mins', 60],
    ['90 Minutes', 90],
    ['1h', 60],
    ['1 hour', 60],
    ['1.5 hrs', 90],
    ['1.25h', 75],
    ['1h30', 90],
    ['1h 30m', 90],
    ['1 hour, 5 minutes', 65],
    ['1:30', 90],
    ['01:30:00', 90],
    ['1440', 1440],
    ['1441', 'duration_too_long'],
    ['1.5', 'invalid_duration'],
    ['1.33h', 'invalid_duration'],
    ['1.5h 30m', 'invalid_duration'],
    ['1:60', 'invalid_duration'],
    ['-60', 'invalid_duration'],
    ['an hour', 'invalid_duration'],
    ['h', 'invalid_duration'],
  ])('%s is %s', (text, expected) => {
    expect(meaningOf(readDuration(text, { bareUnit: 'minutes', most: 1440 }))).toBe(expected);
  });

  it.each<[string, number | string]>([
    ['24', 1440],
    ['1.5', 90],
    ['0', 0],
    ['30 min', 30],
    ['2:15', 135],
    ['49', 'duration_too_long'],
    ['a day', 'invalid_duration'],
  ])('of notice, %s is %s', (text, expected) => {
    expect(meaningOf(readDuration(text, { bareUnit: 'hours', most: 48 * 60 }))).toBe(expected);
  });
});

describe('an amount', () => {
  it.each<[string, bigint | string]>([
    ['£12.50', 1250n],
    ['12.5', 1250n],
    ['12', 1200n],
    ['£ 1,234.50', 123450n],
    ['GBP 0.01', 1n],
    ['12.5000', 1250n],
    ['12.50 GBP', 1250n],
    ['0', 0n],
    ['999999999.99', 99999999999n],
    ['12,50', 'invalid_amount'],
    ['1,23.00', 'invalid_amount'],
    ['12.505', 'invalid_amount'],
    ['-5.00', 'invalid_amount'],
    ['$5', 'invalid_amount'],
    ['1e3', 'invalid_amount'],
    ['.5', 'invalid_amount'],
  ])('%s is %s', (text, expected) => {
    expect(meaningOf(readPounds(text))).toBe(expected);
  });

  it('of any number of pence comes back exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 99_999_999_999n }), (pence) => {
        expect(readPounds(`£${pence / 100n}.${String(pence % 100n).padStart(2, '0')}`)).toEqual({ ok: pence });
      }),
    );
  });
});

describe('a count', () => {
  it.each<[string, number | string]>([
    ['8', 8],
    ['8.0', 8],
    ['0', 0],
    ['10', 10],
    ['11', 'invalid_count'],
    ['8.5', 'invalid_count'],
    ['-1', 'invalid_count'],
    ['eight', 'invalid_count'],
  ])('%s is %s', (text, expected) => {
    expect(meaningOf(readCount(text, { least: 0, most: 10 }))).toBe(expected);
  });
});

describe('a word', () => {
  it.each<[string, boolean | string]>([
    [' YES', true],
    ['n', false],
    ['0', false],
    ['✓', 'unknown_word'],
    ['-', 'unknown_word'],
    ['__proto__', 'unknown_word'],
  ])('%j is %s', (text, expected) => {
    expect(meaningOf(readWord(text, yesOrNo, 'Write yes or no.'))).toBe(expected);
  });
});

describe('a reference', () => {
  it.each([
    ['SP-1042', 'SP-1042'],
    ['  a  b ', 'a b'],
    ['2026/09/03 #12', '2026/09/03 #12'],
    ['0012345', '0012345'],
    ['Cafe\u0301 1', 'Café 1'],
    ['943 476 5919', 'nhs_number_in_reference'],
    ['ref 9434765919', 'nhs_number_in_reference'],
    ['07700 900123', 'contact_in_reference'],
    ['jo@example.org', 'contact_in_reference'],
    ['12/03/1961', 'date_in_reference'],
    ['JS 12 Mar 1961', 'date_in_reference'],
    ['1961-03-12', 'date_in_reference'],
    ['=1+1', 'invalid_reference'],
    ['-1', 'invalid_reference'],
    ['a\u200bb', 'invalid_reference'],
    ['a\u202eb', 'invalid_reference'],
    ['•••19', 'invalid_reference'],
    ['x'.repeat(65), 'invalid_reference'],
  ])('%j is %s', (text, expected) => {
    expect(meaningOf(readReference(text))).toBe(expected);
  });
});

describe('a reference', () => {
  it('is taken unless it holds what identifies a person, however plain it looks', () => {
    const refused = new Set(['nhs_number', 'email', 'phone']);
    const piece = fc.constantFrom(
      'SP',
      '-',
      '/',
      ' ',
      '.',
      '1',
      '42',
      '1931',
      '2016',
      '07700 900123',
      '9990000018',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('').replace(/ +/g, ' ').trim();
        const found = findIdentifiers(text);
        const isBirth = found.some(
          ({ kind, start, end }) =>
            kind === 'date' && /(?<!\d)(?:19\d\d|200\d|201[0-4])(?!\d)/.test(text.slice(start, end)),
        );
        const isReference = /^[a-z0-9][a-z0-9 ./-]{0,63}$/i.test(text);
        const isTaken = isReference && !isBirth && !found.some(({ kind }) => refused.has(kind));
        expect({ text, isTaken: 'ok' in readReference(text) }).toEqual({ text, isTaken });
      }),
      { numRuns: 2_000 },
    );
  });

  it('is folded the same by the short way and by the long one', () => {
    const text = fc.array(fc.constantFrom('a', 'É', 'ﬁ', '1', ' ', '\u00a0', '-', '_', '/', '１'), { maxLength: 10 });
    fc.assert(
      fc.property(text, (signs) => {
        const whole = signs.join('');
        expect(foldReference(whole)).toBe(whole.normalize('NFKC').replace(/\s+/gu, ' ').trim().toUpperCase());
      }),
    );
  });
});

describe('no reader', () => {
  it('throws, or says what it was given', () => {
    const readers: ((text: string) => CellResult<unknown>)[] = [
      (text) => readDate(text, bounds),
      readTime,
      (text) => readDuration(text, { bareUnit: 'minutes', most: 1440 }),
      readPounds,
      (text) => readCount(text, { least: 0, most: 10 }),
      (text) => readWord(text, yesOrNo, 'Write yes or no.'),
      readReference,
    ];
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9:./ hTZ£+-]{0,30}$/)), (text) => {
        for (const read of readers) {
          const result = read(text);
          if (!('ok' in result) && text.length > 15) expect(result.howToFix).not.toContain(text);
        }
      }),
    );
  });
});
