import fc from 'fast-check';
import {
  paddedAccountNumber,
  parseAccountNumber,
  parseCharityNumber,
  parseCompanyNumber,
  parseGln,
  parseOdsCode,
  parsePostcode,
  parseSortCode,
  parseVatNumber,
  type Parsed,
} from './index.js';

type Parser = (text: string) => Parsed;
const parsers: [string, Parser][] = [
  ['ODS code', parseOdsCode],
  ['charity number', parseCharityNumber],
  ['company number', parseCompanyNumber],
  ['VAT number', parseVatNumber],
  ['Global Location Number', parseGln],
  ['sort code', parseSortCode],
  ['account number', parseAccountNumber],
  ['postcode', parsePostcode],
];
const valueOf = (parsed: Parsed): string | null => (parsed.ok ? parsed.value : null);

describe('an identifier that is right comes back in its canonical form', () => {
  it.each<[Parser, string, string]>([
    [parseOdsCode, ' g7h8j ', 'G7H8J'],
    [parseOdsCode, 'Y-02947', 'Y02947'],
    [parseOdsCode, 'A', 'A'],
    [parseOdsCode, '123456789', '123456789'],
    [parseCharityNumber, '1089464', '1089464'],
    [parseCharityNumber, '108 9464', '1089464'],
    [parseCharityNumber, '200453', '200453'],
    [parseCharityNumber, '1089464-2', '1089464-2'],
    [parseCharityNumber, '1089464 / 12', '1089464-12'],
    [parseCharityNumber, '1089464–0', '1089464'],
    [parseCharityNumber, 'sc 012345', 'SC012345'],
    [parseCharityNumber, 'NIC-100002', 'NIC100002'],
    [parseCompanyNumber, '01234567', '01234567'],
    [parseCompanyNumber, 'sc 123456', 'SC123456'],
    [parseCompanyNumber, 'CE012345', 'CE012345'],
    [parseCompanyNumber, 'R0000123', 'R0000123'],
    [parseCompanyNumber, 'IP12345R', 'IP12345R'],
    [parseVatNumber, 'GB 980 7806 84', 'GB980780684'],
    [parseVatNumber, '980780684', 'GB980780684'],
    [parseVatNumber, 'XI980780684', 'XI980780684'],
    [parseVatNumber, 'gb 980 7806 84 001', 'GB980780684001'],
    [parseVatNumber, 'GB434031494', 'GB434031494'],
    [parseVatNumber, 'GBGD001', 'GBGD001'],
    [parseVatNumber, 'XIHA599', 'XIHA599'],
    [parseGln, '4012345000009', '4012345000009'],
    [parseGln, '50-12345-67890-0', '5012345678900'],
    [parseSortCode, '12-34-56', '123456'],
    [parseSortCode, '12 34 56', '123456'],
    [parseSortCode, '123456', '123456'],
    [parseSortCode, '12–34–56', '123456'],
    [parseAccountNumber, '0123 4567', '01234567'],
    [parsePostcode, 'sw1a1aa', 'SW1A 1AA'],
    [parsePostcode, 'M1 1AE', 'M1 1AE'],
    [parsePostcode, 'CR2 6XH', 'CR2 6XH'],
    [parsePostcode, 'DN55 1PT', 'DN55 1PT'],
    [parsePostcode, 'EC1A  1BB', 'EC1A 1BB'],
  ])('%p %s', (parse, text, value) => {
    expect(valueOf(parse(text))).toBe(value);
  });
});

describe('an identifier that is wrong is refused', () => {
  it.each<[Parser, string, RegExp]>([
    [parseOdsCode, '', /one to nine/],
    [parseOdsCode, '1234567890', /one to nine/],
    [parseOdsCode, 'G7H.J', /one to nine/],
    [parseOdsCode, 'É1', /one to nine/],
    [parseCharityNumber, '12345', /six or seven/],
    [parseCharityNumber, '0123456', /nought/],
    [parseCharityNumber, '12345678', /six or seven/],
    [parseCharityNumber, '1089464-1234', /six or seven/],
    [parseCharityNumber, 'SC12345', /leading noughts/],
    [parseCharityNumber, 'NI100002', /NIC/],
    [parseCompanyNumber, '1234567', /leading nought/],
    [parseCompanyNumber, '123456', /8 characters/],
    [parseCompanyNumber, '123456789', /8 characters/],
    [parseCompanyNumber, 'S1234567', /8 characters/],
    [parseVatNumber, '980780685', /do not agree/],
    [parseVatNumber, '980780684 01', /9 digits/],
    [parseVatNumber, 'FR980780684', /9 digits/],
    [parseVatNumber, 'GD500', /9 digits/],
    [parseVatNumber, 'HA499', /9 digits/],
    [parseVatNumber, '000000000', /do not agree/],
    [parseGln, '4012345000008', /last digit/],
    [parseGln, '0000000000000', /last digit/],
    [parseGln, '401234500000', /13 digits/],
    [parseSortCode, '12-3456', /6 digits/],
    [parseSortCode, '12-34 56', /6 digits/],
    [parseSortCode, '1-23-456', /6 digits/],
    [parseSortCode, '12345', /6 digits/],
    [parseAccountNumber, '1234567', /nought in front/],
    [parseAccountNumber, '123456789', /8 digits/],
    [parseAccountNumber, '١٢٣٤٥٦٧٨', /8 digits/],
    [parsePostcode, 'SW1A', /looks like/],
    [parsePostcode, '1AA SW1', /looks like/],
    [parsePostcode, 'ABC1 1AA', /looks like/],
  ])('%p %s', (parse, text, problem) => {
    const parsed = parse(text);
    expect(parsed.ok ? 'accepted' : parsed.problem).toMatch(problem);
  });
});

describe('what an identifier tells', () => {
  it.each([
    ['980780684', 'standard'],
    ['980780684001', 'branch'],
    ['GD499', 'government'],
    ['HA500', 'health_authority'],
  ])('VAT %s is of kind %s', (text, kind) => {
    expect(parseVatNumber(text)).toMatchObject({ kind });
  });

  it.each([
    ['1089464', 'england_and_wales', null],
    ['1089464-2', 'england_and_wales', 2],
    ['SC012345', 'scotland', null],
    ['NIC100002', 'northern_ireland', null],
  ])('charity %s belongs to %s', (text, regulator, linkedNumber) => {
    expect(parseCharityNumber(text)).toMatchObject({ regulator, linkedNumber });
  });

  it('a sort code is shown in pairs', () => {
    expect(parseSortCode('123456')).toMatchObject({ shown: '12-34-56' });
  });
});

/** The two checks computed apart: exactly two pairs of last digits fit seven others, 42 apart in modulus 97. */
describe('the check of a VAT number', () => {
  it('leaves two or three pairs of last digits, one of each modulus', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), (number) => {
        const seven = String(number).padStart(7, '0');
        const sum = Array.from(seven).reduce((total, digit, place) => total + Number(digit) * (8 - place), 0);
        const expected = Array.from({ length: 100 }, (_, last) => last).filter(
          (last) => (sum + last) % 97 === 0 || (sum + last) % 97 === 42,
        );
        const accepted = Array.from({ length: 100 }, (_, last) => last).filter(
          (last) => parseVatNumber(seven + String(last).padStart(2, '0')).ok,
        );
        expect(accepted).toEqual(expected);
        expect(accepted.length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 50 },
    );
  });
});

describe('every parser', () => {
  it.each(parsers)('of a %s accepts its own canonical form again and never throws', (_, parse) => {
    const likely = fc.stringMatching(/^[A-Z0-9 -]{0,14}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), likely), (text) => {
        const value = valueOf(parse(text));
        if (value !== null) expect(valueOf(parse(value))).toBe(value);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an account number as people copy it', () => {
  it.each([
    ['123456', '00123456'],
    ['1234 567', '01234567'],
    ['12345678', '12345678'],
    ['12345', '12345'],
    ['not a number', 'not a number'],
  ])('%s becomes %s', (typed, padded) => {
    expect(paddedAccountNumber(typed)).toBe(padded);
  });
});
