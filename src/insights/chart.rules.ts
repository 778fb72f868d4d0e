import { niceScale, placeOf, type Scale, type Stretch } from './chart-scale.rules.js';
import { element, escaped, fitted, FONT_SIZE, textAt, units, widthOf, type Anchor } from './chart-text.rules.js';

/**
 * Charts as SVG text, drawn on the server. No style attribute and no script, so a strict Content-Security-Policy passes; the
 * page's style sheet gives colours by class:
 * - `chart`: the drawing, with text of 14 units; `chart--wide` and `chart--narrow`: one of two drawings of the same, of which
 *   a page shows the one that is legible on its screen;
 * - `chart-grid`: lines at the ticks (stroke), `chart-tick`: words of the axis, of rows and of the legend (fill);
 * - `chart-value`: figures (fill);
 * - `chart-bar` with `chart-bar--1` to `chart-bar--5`: bars and marks of a series (fill);
 * - `chart-hatch`: the pattern on the bars of the second to fifth series (stroke; the page's ground where it says nothing);
 * - `chart-line` with `chart-line--1` to `chart-line--5`: lines (stroke, no fill), `chart-line--reference`: what a line is
 *   compared with, which is dashed whatever its colour.
 *
 * Nothing is told by colour alone: series differ by pattern or dash, and every bar and line has its figure as text. Values
 * are integers (pence, days, people) as bigint, and every position is worked out in integers. The page still says the message
 * in a sentence and shows the same figures in a table.
 */
interface Chart {
  /** Unique on its page; letters, digits and hyphens, a letter first. */
  readonly id: string;
  /** Names the drawing. */
  readonly title: string;
  /** Says what it shows, for whoever cannot see it. */
  readonly description: string;
  /** Words for a value: `£1,234.50`, `12 days`. */
  readonly textOf: (value: bigint) => string;
  /** For a desk or for a phone, where a page has one of each; they need ids of their own. */
  readonly variant?: 'wide' | 'narrow';
  /** In units, at least 240; 800 if wide, 320 if narrow, else 400. */
  readonly width?: number;
}

export interface BarSeries {
  readonly name: string;
  /** One for each label. Below zero it goes to the other side of the axis. */
  readonly values: readonly bigint[];
}

export interface BarChart extends Chart {
  readonly labels: readonly string[];
  /** One, or two to five that are stacked. */
  readonly series: readonly BarSeries[];
}

export interface LinePoint {
  /** A whole number, such as the day since the beginning. */
  readonly at: number;
  readonly value: bigint;
}

export interface ChartLine {
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** Something to compare with: dashed. */
  readonly isReference?: boolean;
}

export interface LineChart extends Chart {
  /** One to five. */
  readonly lines: readonly ChartLine[];
  /** The first and the last place; whole numbers. */
  readonly from: number;
  readonly to: number;
  /** Places that are named below the chart. */
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const SERIES_MAX = 5;
const WIDTHS = { wide: 800, narrow: 320, only: 400 } as const;
const WIDTH_MIN = 240;
const [EDGE, LINE, BAR, GAP, AXIS, PLOT] = [8, 20, 22, 12, 26, 200];

/**
 * Horizontal bars, one row for each label: they read on a narrow screen, and any label has room.
 *
 * @throws RangeError for an id, a width or series that cannot be drawn
 */
export function barChart({ series, labels, textOf, ...chart }: BarChart): string {
  if (series.some(({ values }) => values.length !== labels.length)) throw new RangeError('A series misses a label');
  const width = checked(chart, series.length);
  const totals = labels.map((_, row) => series.reduce((sum, { values }) => sum + (values[row] ?? 0n), 0n));
  const spans = labels.map((_, row) => spansOf(series.map(({ values }) => values[row] ?? 0n)));
  const scale = niceScale(spans.flat().flatMap(({ from, to }) => [from, to]));
  const room = Math.min(Math.max(...totals.map((total) => widthOf(textOf(total))), 0) + EDGE, Math.floor(width / 3));
  const along = { start: tenths(EDGE), end: tenths(width - EDGE - room) };
  const legendLines = series.length > 1 ? series.length : 0;
  const top = EDGE + legendLines * LINE + (legendLines > 0 ? GAP : 0);
  const bottom = top + labels.length * (LINE + BAR + GAP);
  const rows = labels.map((label, row) => {
    const y = top + row * (LINE + BAR + GAP);
    const bars = (spans[row] ?? []).map((span, index) => barOf(chart.id, span, index, scale, along, y + LINE));
    const [total = 0n, end] = [totals[row], spans[row]?.reduce((most, { to }) => (to > most ? to : most), 0n) ?? 0n];
    const figure = { x: placeOf(end, scale, along) + 50n, y: baseline(y + LINE + 1) };
    return [
      textAt('chart-tick', along.start, baseline(y), fitted(label, width - 2 * EDGE)),
      ...bars,
      textAt('chart-value', figure.x, figure.y, fitted(textOf(total), room)),
    ].join('');
  });
  const grid = scale.ticks.map((tick) => {
    const x = units(placeOf(tick, scale, along));
    return element('line', { class: 'chart-grid', x1: x, x2: x, y1: top, y2: bottom });
  });
  const words = tickWords(scale, along, textOf).map(({ x, text, anchor }) =>
    textAt('chart-tick', x, baseline(bottom + 4), text, anchor),
  );
  const legend = series.length > 1 ? series.map(({ name }, index) => swatch(chart.id, name, index, width)) : [];
  const body = [...patterns(chart.id, series.length), ...grid, ...legend, ...rows, ...words];
  return drawing(chart, width, bottom + AXIS, body);
}

/**
 * Lines over time, such as what was spent against the time that has gone.
 *
 * @throws RangeError for an id, a width, lines or places that cannot be drawn
 */
export function lineChart({ lines, from, to, marks, textOf, ...chart }: LineChart): string {
  const width = checked(chart, lines.length);
  const scale = niceScale(lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const room = Math.min(Math.max(...scale.ticks.map((tick) => widthOf(textOf(tick)))) + EDGE, Math.floor(width / 3));
  const across: Stretch = { start: tenths(EDGE + room), end: tenths(width - EDGE) };
  const up: Stretch = { start: tenths(EDGE + PLOT), end: tenths(EDGE) };
  const places = { lowest: BigInt(from), highest: BigInt(Math.max(to, from + 1)) };
  const xOf = (at: number) => placeOf(BigInt(at), places, across);
  const grid = scale.ticks.map((tick) => {
    const y = placeOf(tick, scale, up);
    const line = { class: 'chart-grid', x1: units(across.start), x2: units(across.end), y1: units(y), y2: units(y) };
    const text = fitted(textOf(tick), room);
    return element('line', line) + textAt('chart-tick', across.start - 50n, y + 45n, text, 'end');
  });
  const drawn = lines.map(({ points, isReference = false }, index) => {
    const placed = points.map(({ at, value }) => ({ x: units(xOf(at)), y: units(placeOf(value, scale, up)) }));
    const last = placed.at(-1);
    const mark =
      last && !isReference ? element('circle', { class: barClass(index), cx: last.x, cy: last.y, r: 4 }) : '';
    return lineOf(placed.map(({ x, y }) => `${x},${y}`).join(' '), index, isReference) + mark;
  });
  const markY = baseline(EDGE + PLOT + 2);
  const words = marks.map(({ at, text }) => {
    const x = xOf(at);
    return textAt('chart-tick', x, markY, text, anchorAt(x, across));
  });
  const legendTop = EDGE + PLOT + AXIS;
  const legend = lines.map(({ name, points, isReference = false }, index) => {
    const y = legendTop + index * LINE;
    const middle = units(tenths(y) + tenths(LINE) / 2n);
    const value = points.at(-1)?.value;
    const text = value === undefined ? name : `${name}: ${textOf(value)}`;
    const sample = lineOf(`${EDGE},${middle} ${EDGE + 28},${middle}`, index, isReference);
    return sample + textAt('chart-value', tenths(EDGE + 36), baseline(y), fitted(text, width - 2 * EDGE - 36));
  });
  const height = legendTop + lines.length * LINE + EDGE;
  return drawing(chart, width, height, [...grid, ...drawn, ...words, ...legend]);
}

interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/** Values end to end from zero, those below it to the other side. */
function spansOf(values: readonly bigint[]): Span[] {
  let [above, below] = [0n, 0n];
  return values.map((value) => {
    if (value < 0n) {
      below += value;
      return { from: below, to: below - value };
    }
    above += value;
    return { from: above - value, to: above };
  });
}

function barOf(id: string, { from, to }: Span, index: number, scale: Scale, along: Stretch, y: number): string {
  const [start, end] = [placeOf(from, scale, along), placeOf(to, scale, along)];
  if (end <= start) return '';
  const place = { x: units(start), y, width: units(end - start), height: BAR };
  return element('rect', { class: barClass(index), ...place }) + hatch(id, index, place);
}

function swatch(id: string, name: string, index: number, width: number): string {
  const y = EDGE + index * LINE;
  const place = { x: EDGE, y: y + 2, width: 28, height: 14 };
  const bar = element('rect', { class: barClass(index), ...place }) + hatch(id, index, place);
  return bar + textAt('chart-tick', tenths(EDGE + 36), baseline(y), fitted(name, width - 2 * EDGE - 36));
}

function hatch(id: string, index: number, place: Readonly<Record<string, string | number>>): string {
  return index === 0 ? '' : element('rect', { fill: `url(#${id}-hatch-${index})`, ...place });
}

/** Strokes of the tiles: diagonal, level, upright, crossed. The first series is plain. */
const HATCHES = ['M0 8L8 0', 'M0 4H8', 'M4 0V8', 'M0 8L8 0M0 0L8 8'] as const;

function patterns(id: string, count: number): string[] {
  const tiles = HATCHES.slice(0, count - 1).map((d, index) => {
    const stroke = element('path', { class: 'chart-hatch', d, stroke: 'Canvas', 'stroke-width': 2, fill: 'none' });
    const tile = { id: `${id}-hatch-${index + 1}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' };
    return element('pattern', tile, stroke);
  });
  return tiles.length === 0 ? [] : [element('defs', {}, tiles.join(''))];
}

/** Dashes of lines. The first is whole. */
const DASHES = ['', '2 4', '12 4', '12 4 2 4', '4 2'] as const;
const REFERENCE_DASH = '6 4';

function lineOf(points: string, index: number, isReference: boolean): string {
  const dashes = isReference ? REFERENCE_DASH : (DASHES[index] ?? '');
  const dash: Record<string, string> = dashes === '' ? {} : { 'stroke-dasharray': dashes };
  const className = `chart-line chart-line--${isReference ? 'reference' : index + 1}`;
  return element('polyline', { class: className, points, fill: 'none', ...dash });
}

/** Words at the ticks of a level axis: as many as have room, from zero on. */
function tickWords(
  { ticks, ...scale }: Scale,
  along: Stretch,
  textOf: (value: bigint) => string,
): { x: bigint; text: string; anchor: Anchor }[] {
  const widest = tenths(Math.max(...ticks.map((tick) => widthOf(textOf(tick)))) + EDGE);
  const apart = (along.end - along.start) / BigInt(ticks.length - 1);
  const every = Number((widest + apart - 1n) / apart);
  const zero = ticks.indexOf(0n);
  return ticks
    .filter((_, index) => (index - zero) % every === 0)
    .map((tick) => {
      const x = placeOf(tick, scale, along);
      return { x, text: textOf(tick), anchor: anchorAt(x, along) };
    });
}

/** Words at an end of the axis stay within the drawing. */
function anchorAt(x: bigint, { start, end }: Stretch): Anchor {
  if (x - start < 200n) return 'start';
  return end - x < 200n ? 'end' : 'middle';
}

function checked(
  {
    id,
    variant = 'only',
    width = WIDTHS[variant],
  }: Pick<BarChart, 'id'> & { variant?: 'wide' | 'narrow' | 'only'; width?: number },
  seriesCount: number,
): number {
  if (!/^[a-z][a-z0-9-]*$/i.test(id)) throw new RangeError(`Not an id: ${id}`);
  if (!Number.isInteger(width) || width < WIDTH_MIN) throw new RangeError(`Not a width: ${width}`);
  if (seriesCount < 1 || seriesCount > SERIES_MAX) throw new RangeError(`${seriesCount} series cannot be told apart`);
  return width;
}

function drawing(
  { id, title, description, variant }: Pick<Chart, 'id' | 'title' | 'description' | 'variant'>,
  width: number,
  height: number,
  body: readonly string[],
): string {
  const names = [
    element('title', { id: `${id}-title` }, escaped(title) || ' '),
    element('desc', { id: `${id}-desc` }, escaped(description) || ' '),
  ];
  const attributes = {
    class: variant === undefined ? 'chart' : `chart chart--${variant}`,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-labelledby': `${id}-title ${id}-desc`,
    'font-size': FONT_SIZE,
    xmlns: 'http://www.w3.org/2000/svg',
  };
  return element('svg', attributes, [...names, ...body].join(''));
}

function barClass(index: number): string {
  return `chart-bar chart-bar--${index + 1}`;
}

function tenths(wholeUnits: number): bigint {
  return BigInt(wholeUnits) * 10n;
}

/** Where text stands in a line that begins at `y`. */
function baseline(y: number): bigint {
  return tenths(y + FONT_SIZE + 1);
}
