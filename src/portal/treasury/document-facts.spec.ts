import { percentOf, quantityIn } from './document-facts.rules.js';

const t = { number: (count: bigint) => count.toString().replace(/\B(?=(?:\d{3})+$)/g, ',') } as never;

describe('figures of a document', () => {
  it.each([
    [12_000n, '12'],
    [1_500n, '1.5'],
    [333n, '0.333'],
    [-2_050n, '-2.05'],
    [1_234_000n, '1,234'],
    [0n, '0'],
  ])('%s thousandths read %s', (thousandths, text) => {
    expect(quantityIn(t, thousandths)).toBe(text);
  });

  it.each([
    [2_000, '20'],
    [1_750, '17.5'],
    [0, '0'],
  ])('%s basis points are %s per cent', (basisPoints, text) => {
    expect(percentOf(basisPoints)).toBe(text);
  });
});
