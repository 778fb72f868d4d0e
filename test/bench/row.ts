/** One line of the table: what was measured, beside what it is compared with in the same run. */
export interface Row {
  readonly suite: string;
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  /** Another program that did the same work in the same run, as quick as that one can. */
  readonly comparator?: { readonly name: string; readonly figure: number };
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Of the server's process, at its peak. */
  readonly memoryMb?: number;
  /** How many at once, in what, and whether it waits for the disk: a figure without these says nothing. */
  readonly conditions: string;
  /** What the figure, or its ratio to the comparator, must reach. */
  readonly target?: Target;
}

export interface Target {
  readonly of: 'figure' | 'ratio' | 'p99';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const ratioOf = ({ figure, comparator }: Row): number | undefined => comparator && figure / comparator.figure;

/** Whether the row reached its target; undefined when it has none. */
export function isReached(row: Row): boolean | undefined {
  if (!row.target) return undefined;
  const { of, atLeast = -Infinity, atMost = Infinity } = row.target;
  const judged = of === 'ratio' ? ratioOf(row) : of === 'p99' ? row.p99Ms : row.figure;
  return judged !== undefined && judged >= atLeast && judged <= atMost;
}

/** The table as text for a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    `${row.suite}: ${row.name}`,
    `${short(row.figure)} ${row.unit}`,
    row.comparator ? `${short(row.comparator.figure)} (${row.comparator.name})` : '',
    row.comparator ? `${short(ratioOf(row) ?? Number.NaN)}×` : '',
    [row.p50Ms, row.p99Ms].map((ms) => (ms === undefined ? '' : short(ms))).join(' / '),
    row.memoryMb === undefined ? '' : `${short(row.memoryMb)} MB`,
    targetWords(row),
    row.conditions,
  ]);
  const head = ['what', 'ours', 'beside it', 'ratio', 'p50 / p99 ms', 'memory', 'target', 'conditions'];
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function targetWords(row: Row): string {
  const { target } = row;
  if (!target) return '';
  const bound = target.atLeast === undefined ? `≤ ${short(target.atMost ?? 0)}` : `≥ ${short(target.atLeast)}`;
  const of = target.of === 'ratio' ? '×' : target.of === 'p99' ? ' ms p99' : '';
  return `${bound}${of} ${isReached(row) === true ? 'reached' : 'MISSED'}`;
}

/** Three significant digits, with thousands apart. */
export function short(figure: number): string {
  if (!Number.isFinite(figure)) return '–';
  return Number(figure.toPrecision(figure >= 1000 ? 4 : 3)).toLocaleString('en-GB', { maximumFractionDigits: 6 });
}

/** The value below which a part of the values lie, by nearest rank. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
