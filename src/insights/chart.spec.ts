import fc from 'fast-check';
import { barChart, lineChart, type BarChart, type LineChart } from './chart.rules.js';
import { niceScale, placeOf } from './chart-scale.rules.js';
import { fitted, units } from './chart-text.rules.js';

const pounds = (minor: bigint) => `£${minor / 100n}`;
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const hostile = '<script>alert(1)</script>&"\'';

const bars: fc.Arbitrary<BarChart> = fc
  .record({ rows: fc.integer({ min: 0, max: 8 }), count: fc.integer({ min: 1, max: 5 }) })
  .chain(({ rows, count }) =>
    fc.record({
      id: fc.constant('money'),
      title: fc.string(),
      description: fc.string(),
      textOf: fc.constant(pounds),
      width: fc.integer({ min: 240, max: 1_000 }),
      labels: fc.array(fc.string({ unit: 'grapheme' }), { minLength: rows, maxLength: rows }),
      series: fc.array(
        fc.record({ name: fc.string(), values: fc.array(amount, { minLength: rows, maxLength: rows }) }),
        { minLength: count, maxLength: count },
      ),
    }),
  );

const lines: fc.Arbitrary<LineChart> = fc.record({
  id: fc.constant('burn'),
  title: fc.string(),
  description: fc.string(),
  textOf: fc.constant(pounds),
  width: fc.integer({ min: 240, max: 1_000 }),
  from: fc.integer({ min: -100, max: 100 }),
  to: fc.integer({ min: -100, max: 500 }),
  marks: fc.array(fc.record({ at: fc.integer({ min: -200, max: 600 }), text: fc.string() })),
  lines: fc.array(
    fc.record({
      name: fc.string(),
      isReference: fc.boolean(),
      points: fc.array(fc.record({ at: fc.integer({ min: -200, max: 600 }), value: amount })),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

const numbersOf = (svg: string, name: string) =>
  [...svg.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map((match) => Number(match[1]));

function viewBoxOf(svg: string): { width: number; height: number } {
  const [, width = '', height = ''] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  return { width: Number(width), height: Number(height) };
}

/** Attributes of each element of a name. */
function elementsOf(svg: string, name: string): Record<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${name}((?: [a-zA-Z0-9-]+="[^"]*")*)/?>`, 'g'))].map((match) =>
    Object.fromEntries(
      [...(match[1] ?? '').matchAll(/ ([a-zA-Z0-9-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    ),
  );
}

describe('a scale', () => {
  it.each([
    [[0n, 7n], '0 2 4 6 8'],
    [[123_456n], '0 50000 100000 150000'],
    [[-300n, 900n], '-500 0 500 1000'],
    [[], '0 1'],
    [[0n], '0 1'],
    [[-1n], '-1 0'],
    [[99_999_999_999_999n], '0 50000000000000 100000000000000'],
  ])('of %s has the ticks %s', (values, ticks) => {
    expect(niceScale(values).ticks.join(' ')).toBe(ticks);
  });

  it('holds zero and every value between evenly spaced ticks, and few of them', () => {
    fc.assert(
      fc.property(fc.array(amount), fc.integer({ min: 2, max: 10 }), (values, stepsMax) => {
        const { lowest, highest, ticks } = niceScale(values, stepsMax);
        const steps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0n));
        expect(ticks).toContain(0n);
        expect([ticks[0], ticks.at(-1)]).toEqual([lowest, highest]);
        expect(new Set(steps).size).toBe(1);
        expect(`${steps[0]}`).toMatch(/^[125]0*$/);
        expect(steps.length).toBeLessThanOrEqual(stepsMax);
        expect(values.every((value) => lowest <= value && value <= highest)).toBe(true);
      }),
    );
  });

  it('keeps the order of values, in either direction, and holds what lies beyond it at its ends', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const scale = niceScale([a]);
        const [right, up] = [
          { start: 10n, end: 3_000n },
          { start: 3_000n, end: 10n },
        ];
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(placeOf(less, scale, right) <= placeOf(more, scale, right)).toBe(true);
        expect(placeOf(less, scale, up) >= placeOf(more, scale, up)).toBe(true);
        expect([placeOf(scale.lowest - 1n, scale, right), placeOf(scale.highest + 1n, scale, right)]).toEqual([
          10n,
          3_000n,
        ]);
      }),
    );
  });
});

describe('text', () => {
  it.each([
    [0n, '0'],
    [5n, '0.5'],
    [-5n, '-0.5'],
    [1_234n, '123.4'],
    [-120n, '-12'],
  ])('%s tenths are %s units', (tenths, text) => {
    expect(units(tenths)).toBe(text);
  });

  it.each([
    ['Approved', 400, 'Approved'],
    ['Approved', 32, 'App…'],
    ['👩‍⚕️👩‍⚕️', 8, '…'],
    ['', 0, ''],
  ])('%s in %i units is %s', (text, width, shown) => {
    expect(fitted(text, width)).toBe(shown);
  });
});

describe('every chart', () => {
  const both = fc.oneof(bars.map(barChart), lines.map(lineChart));

  it('is drawn of numbers, within its box, by classes alone', () => {
    fc.assert(
      fc.property(both, (svg) => {
        const { width, height } = viewBoxOf(svg);
        for (const name of ['x', 'x1', 'x2', 'cx', 'width', 'y', 'y1', 'y2', 'cy', 'height']) {
          const most = name.includes('x') || name === 'width' ? width : height;
          for (const number of numbersOf(svg, name)) {
            expect(Number.isFinite(number)).toBe(true);
            expect(number).toBeGreaterThanOrEqual(0);
            expect(number).toBeLessThanOrEqual(most);
          }
        }
        for (const { points = '' } of elementsOf(svg, 'polyline')) {
          for (const point of points.split(' ').filter(Boolean)) {
            const [x = NaN, y = NaN] = point.split(',').map(Number);
            expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
          }
        }
        for (const rect of elementsOf(svg, 'rect')) {
          expect(Number(rect['x']) + Number(rect['width'])).toBeLessThanOrEqual(width);
          expect(Number(rect['y']) + Number(rect['height'])).toBeLessThanOrEqual(height);
        }
        expect(svg).not.toMatch(/ style=|NaN|undefined|Infinity/);
      }),
      { numRuns: 200 },
    );
  });

  it('is named and described, by ids of its own', () => {
    fc.assert(
      fc.property(bars, (chart) => {
        const svg = barChart(chart);
        expect(svg).toMatch(/^<svg class="chart" [^>]*role="img" aria-labelledby="money-title money-desc"/);
        expect(svg).toMatch(/<title id="money-title">[^<]+<\/title><desc id="money-desc">[^<]+<\/desc>/);
      }),
      { numRuns: 50 },
    );
  });

  it('shows whatever it is told as text, and no more', () => {
    const words = { id: 'words', title: hostile, description: hostile, textOf: () => hostile };
    const drawn = [
      barChart({
        ...words,
        labels: [hostile],
        series: [
          { name: hostile, values: [1n] },
          { name: hostile, values: [2n] },
        ],
      }),
      lineChart({
        ...words,
        from: 0,
        to: 1,
        marks: [{ at: 0, text: hostile }],
        lines: [{ name: hostile, points: [{ at: 0, value: 1n }] }],
      }),
    ];
    for (const svg of drawn) {
      expect(svg).not.toMatch(/<script|alert\(1\)<\/script/);
      const texts = svg.replace(/<\/?[a-z]+(?: [a-zA-Z0-9-]+="[^"<>]*")*\/?>/g, '');
      expect(texts).not.toMatch(/[<>"']/);
      expect(texts).toContain('&lt;script&gt;');
    }
  });

  it.each([
    ['no id', { id: '"><script>' }],
    ['too narrow', { width: 100 }],
    ['no whole width', { width: 300.5 }],
    ['no series', { series: [] }],
    ['six series', { series: Array.from({ length: 6 }, () => ({ name: 'a', values: [1n] })) }],
    ['a value short', { series: [{ name: 'a', values: [] }] }],
  ])('is refused with %s', (_, change) => {
    const chart = {
      id: 'a',
      title: 'a',
      description: 'a',
      textOf: pounds,
      labels: ['a'],
      series: [{ name: 'a', values: [1n] }],
    };
    expect(() => barChart({ ...chart, ...change })).toThrow(RangeError);
  });

  it('refuses a place that is no whole number', () => {
    const chart = { id: 'a', title: 'a', description: 'a', textOf: pounds, from: 0, to: 10, marks: [] };
    const at = (place: number) => () =>
      lineChart({ ...chart, lines: [{ name: 'a', points: [{ at: place, value: 1n }] }] });
    expect(at(NaN)).toThrow(RangeError);
    expect(at(0.5)).toThrow(RangeError);
  });
});

describe('a bar chart', () => {
  const chart = (values: bigint[][], labels = ['Approved', 'Paid']) =>
    barChart({
      id: 'money',
      title: 'Money',
      description: 'By stage',
      textOf: pounds,
      labels,
      series: values.map((own, index) => ({ name: `Series ${index + 1}`, values: own })),
    });
  const barsOf = (svg: string) => elementsOf(svg, 'rect').filter((rect) => rect['class']?.includes('chart-bar'));

  it('draws bars as long as their values are to each other, each with its figure', () => {
    const svg = chart([[10_000n, 2_500n]]);
    const [approved, paid] = barsOf(svg).map((rect) => Number(rect['width']));
    expect((approved ?? 0) / (paid ?? 1)).toBeCloseTo(4, 1);
    expect(svg).toMatch(/class="chart-value"[^>]*>£100</);
    expect(svg).toMatch(/class="chart-value"[^>]*>£25</);
  });

  it('draws nothing for nothing, and what is below zero to the other side', () => {
    expect(barsOf(chart([[0n, 0n]]))).toEqual([]);
    const [below, above] = barsOf(chart([[-500n, 500n]])).map((rect) => [Number(rect['x']), Number(rect['width'])]);
    expect((below?.[0] ?? 0) + (below?.[1] ?? 0)).toBeCloseTo(above?.[0] ?? 0, 5);
    expect(below?.[1]).toBeCloseTo(above?.[1] ?? 0, 0);
  });

  it('stacks series end to end, each with a pattern of its own and its name', () => {
    const svg = chart([[1_000n], [2_000n], [3_000n]], ['October']);
    const stacked = barsOf(svg).slice(3); // after the legend
    const ends = stacked.map((rect) => Number(rect['x']) + Number(rect['width']));
    expect(stacked.map((rect) => rect['class'])).toEqual([
      'chart-bar chart-bar--1',
      'chart-bar chart-bar--2',
      'chart-bar chart-bar--3',
    ]);
    expect(Number(stacked[1]?.['x'])).toBeCloseTo(ends[0] ?? 0, 5);
    expect(Number(stacked[2]?.['x'])).toBeCloseTo(ends[1] ?? 0, 5);
    const fills = elementsOf(svg, 'rect')
      .map((rect) => rect['fill'])
      .filter((fill) => fill !== undefined);
    expect([...new Set(fills)]).toEqual(['url(#money-hatch-1)', 'url(#money-hatch-2)']);
    expect(elementsOf(svg, 'pattern').map((pattern) => pattern['id'])).toEqual(['money-hatch-1', 'money-hatch-2']);
    expect(new Set(elementsOf(svg, 'path').map((path) => path['d'])).size).toBe(2);
    expect(svg).toContain('Series 3');
    expect(svg).toMatch(/class="chart-value"[^>]*>£60</);
  });

  it('keeps the words of the axis apart from each other', () => {
    const svg = barChart({
      id: 'long',
      title: 'a',
      description: 'a',
      width: 240,
      labels: ['a'],
      series: [{ name: 'a', values: [1_000_000_000_000n] }],
      textOf: (minor) => `${minor} pence altogether`,
    });
    const ticks = elementsOf(svg, 'line');
    const words = [...svg.matchAll(/class="chart-tick"[^>]*>[^<]*pence/g)];
    expect([ticks.length, words.length]).toEqual([3, 1]);
  });
});

describe('a line chart', () => {
  it('compares a line with a dashed reference, both named with their last figure', () => {
    const svg = lineChart({
      id: 'burn',
      title: 'Budget',
      description: 'Spent against the time gone',
      textOf: pounds,
      from: 0,
      to: 364,
      marks: [{ at: 0, text: 'April 2026' }],
      lines: [
        {
          name: 'Spent',
          points: [
            { at: 0, value: 0n },
            { at: 182, value: 60_000n },
          ],
        },
        {
          name: 'Even',
          isReference: true,
          points: [
            { at: 0, value: 0n },
            { at: 364, value: 100_000n },
          ],
        },
      ],
    });
    const [spent, sample, even] = [0, 2, 1].map((index) => elementsOf(svg, 'polyline')[index]);
    expect(spent?.['class']).toBe('chart-line chart-line--1');
    expect(spent?.['stroke-dasharray']).toBeUndefined();
    expect(even?.['class']).toBe('chart-line chart-line--reference');
    expect(even?.['stroke-dasharray']).toBe('6 4');
    expect(sample?.['class']).toBe('chart-line chart-line--1');
    expect(svg).toContain('Spent: £600');
    expect(svg).toContain('Even: £1000');
    expect(svg).toContain('April 2026');
    expect(elementsOf(svg, 'circle')).toHaveLength(1);
  });
});
