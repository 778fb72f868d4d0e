import fc from 'fast-check';
import { formatPounds, parseMinor, parsePounds, sumMinor } from './index.js';

const pence = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n });

describe('formatPounds', () => {
  it.each([
    [0n, '£0.00'],
    [5n, '£0.05'],
    [-5n, '-£0.05'],
    [100n, '£1.00'],
    [99_999n, '£999.99'],
    [123_456n, '£1,234.56'],
    [-123_456_789n, '-£1,234,567.89'],
    [9_007_199_254_740_993n, '£90,071,992,547,409.93'],
  ])('writes %s as %s', (amount, text) => {
    expect(formatPounds(amount)).toBe(text);
  });

  it('is read back by parsePounds', () => {
    fc.assert(fc.property(pence, (amount) => parsePounds(formatPounds(amount)) === amount));
  });
});

describe('parsePounds', () => {
  it.each([
    ['12', 1_200n],
    ['12.50', 1_250n],
    ['£12.50', 1_250n],
    ['-£1,234.56', -123_456n],
    ['1234.56', 123_456n],
    ['1,000,000', 100_000_000n],
    ['0', 0n],
    ['-0.00', 0n],
  ])('reads %s', (text, amount) => {
    expect(parsePounds(text)).toBe(amount);
  });

  it.each([
    '',
    ' 12',
    '12.',
    '12.5',
    '12.505',
    '.50',
    '1,23',
    '12,34.00',
    '1234,567',
    '£-5',
    '--5',
    '1e3',
    '0x10',
    '٣',
    '12p',
    '£',
  ])('does not guess at "%s"', (text) => {
    expect(parsePounds(text)).toBeUndefined();
  });
});

describe('parseMinor', () => {
  it('reads what toString wrote', () => {
    fc.assert(fc.property(pence, (amount) => parseMinor(amount.toString()) === amount));
  });

  it.each(['', '-0', '007', '1.5', '+5', '1e3', ' 5', '12345678901234567890'])('refuses "%s"', (text) => {
    expect(parseMinor(text)).toBeUndefined();
  });
});

it('sums beyond what a float holds', () => {
  expect(sumMinor([9_007_199_254_740_992n, 1n])).toBe(9_007_199_254_740_993n);
  expect(sumMinor([])).toBe(0n);
});
