import fc from 'fast-check';
import { findNhsNumbers, parseNhsNumber } from './index.js';

const spaced = (digits: string, gap: string): string =>
  [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)].join(gap);

/** Any number that passes, made from nine digits and the tenth that is accepted; those whose check would be 10 are left out. */
const valid = fc
  .integer({ min: 100_000_000, max: 999_999_999 })
  .map((nine) => Array.from({ length: 10 }, (_, last) => `${nine}${last}`).find((digits) => parseNhsNumber(digits).ok))
  .filter((digits) => digits !== undefined);

describe('an NHS number', () => {
  it.each([
    ['9434765919', '9434765919', false],
    ['943 476 5919', '9434765919', false],
    ['943-476-5919', '9434765919', false],
    [' 987\u00a0654\u00a03210 ', '9876543210', false],
    ['4010232137', '4010232137', false],
    ['9990000018', '9990000018', true],
    ['999 000 0026', '9990000026', true],
  ])('%s is accepted', (text, value, testRange) => {
    expect(parseNhsNumber(text)).toEqual({ ok: true, value, testRange });
  });

  it.each([
    ['999 123 4560', 'the check computes to 10'],
    ['987 654 4321', 'the check computes to 2'],
    ['943 476 5918', 'one digit off'],
    ['943 476 9519', 'two digits exchanged'],
    ['0000000000', 'repeated, though it passes'],
    ['1111111111', 'repeated, though it passes'],
    ['943476591', 'nine digits'],
    ['94347659190', 'eleven digits'],
    ['94347659l9', 'a letter'],
    ['٩٤٣٤٧٦٥٩١٩', 'digits that are not ASCII'],
    ['', 'nothing'],
  ])('%s is refused: %s', (text) => {
    const parsed = parseNhsNumber(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok && text.length > 0) expect(parsed.problem).not.toContain(text);
  });

  it('passes for one last digit at the most, and for none of the others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (number) => {
        const nine = String(number).padStart(9, '0');
        const weighted = Array.from(nine).reduce((sum, digit, place) => sum + Number(digit) * (10 - place), 0);
        const accepted = Array.from({ length: 10 }, (_, last) => last).filter((last) => parseNhsNumber(nine + last).ok);
        const fits = Array.from({ length: 10 }, (_, last) => last).filter((last) => (weighted + last) % 11 === 0);
        expect(accepted).toEqual(/^(\d)\1{8}$/.test(nine) ? accepted : fits);
      }),
    );
  });

  it('notices every single wrong digit and every exchange of neighbours', () => {
    fc.assert(
      fc.property(valid, fc.nat(9), fc.integer({ min: 1, max: 9 }), (digits, place, shift) => {
        const wrong = (Number(digits[place]) + shift) % 10;
        expect(parseNhsNumber(digits.slice(0, place) + wrong + digits.slice(place + 1)).ok).toBe(false);
        const [one = '', other = ''] = digits.slice(place, place + 2);
        if (one !== other && other !== '') {
          expect(parseNhsNumber(digits.slice(0, place) + other + one + digits.slice(place + 2)).ok).toBe(false);
        }
      }),
    );
  });
});

describe('NHS numbers in free text', () => {
  it.each([
    ['seen 943 476 5919 today', [[5, 17]]],
    ['NHS9434765919.', [[3, 13]]],
    ['NHS-943-476-5919,', [[4, 16]]],
    ['943.476.5919', [[0, 12]]],
    [
      '9434765919 and 987 654 3210',
      [
        [0, 10],
        [15, 27],
      ],
    ],
    ['12 9434765919', [[3, 13]]],
    ['999 000 0018', [[0, 12]]],
    ['1111111111 and 999 123 4560', []],
    ['account 19434765919', []],
    ['9434765919 0', [[0, 10]]],
    ['no number here', []],
  ])('%s', (text, expected) => {
    expect(findNhsNumbers(text).map(({ start, end }) => [start, end])).toEqual(expected);
  });

  it('are found wherever they stand among words', () => {
    const words = fc.stringMatching(/^[a-z ,.]{0,20}$/);
    fc.assert(
      fc.property(words, valid, fc.constantFrom('', ' ', '-', '\u2011', '  '), words, (before, digits, gap, after) => {
        const number = spaced(digits, gap);
        expect(findNhsNumbers(`${before} ${number} ${after}`)).toEqual([
          { start: before.length + 1, end: before.length + 1 + number.length },
        ]);
      }),
    );
  });
});
