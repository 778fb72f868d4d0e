import { shownParts, shownPublicly } from './small-numbers.rules.js';

describe('a count of people in public', () => {
  it.each([
    [0, { kind: 'exact', count: 0 }],
    [1, { kind: 'at_most', count: 7 }],
    [7, { kind: 'at_most', count: 7 }],
    [8, { kind: 'exact', count: 8 }],
    [1_513, { kind: 'exact', count: 1_513 }],
  ])('of %i is shown as %j', (count, shown) => {
    expect(shownPublicly(count)).toEqual(shown);
  });

  it.each([-1, 0.5, NaN, Infinity])('%d is no count', (count) => {
    expect(() => shownPublicly(count)).toThrow(RangeError);
  });

  it('is shown with the total of its parts only where that gives nothing away', () => {
    expect(shownParts([12, 0, 30]).total).toEqual({ kind: 'exact', count: 42 });
    expect(shownParts([12, 3, 30])).toEqual({
      parts: [
        { kind: 'exact', count: 12 },
        { kind: 'at_most', count: 7 },
        { kind: 'exact', count: 30 },
      ],
      total: null,
    });
    expect(shownParts([])).toEqual({ parts: [], total: { kind: 'exact', count: 0 } });
  });
});
