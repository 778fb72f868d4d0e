import type { Translate } from '../../words/index.js';

/** Pence as bigint in a column of money, a count in a column of numbers; null where there is nothing to say. */
export type Cell = string | bigint | number | null;

export interface PanelColumn {
  readonly text: string;
  readonly kind?: 'money' | 'number';
}

export interface PanelTable {
  readonly caption: string;
  /** The first column names the row. */
  readonly head: readonly PanelColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A message with the drawing and the figures of it. */
export interface Panel {
  readonly id: string;
  readonly title: string;
  /** What it shows, in words; or that there is nothing to show yet, and then there is no table. */
  readonly sentence: string;
  /** SVG for a desk and for a phone; null where figures alone say it. */
  readonly svg: string | null;
  readonly narrow: string | null;
  readonly table: PanelTable | null;
  /** What to know about the figures. */
  readonly note: string | null;
}

/** A panel without figures. */
export function emptyPanel(id: string, title: string, sentence: string): Panel {
  return { id, title, sentence, svg: null, narrow: null, table: null, note: null };
}

/** The table as texts, for a page. */
export function shownTable(t: Translate, { caption, head, rows }: PanelTable) {
  return { caption, head, rows: rows.map((row) => row.map((cell) => cellText(t, cell))) };
}

function cellText(t: Translate, cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'bigint') return t.money(cell);
  return typeof cell === 'number' ? t.number(cell) : cell;
}

/** One figure of a panel, for a spreadsheet. */
export interface Figure {
  readonly panel: string;
  readonly row: string;
  readonly measure: string;
  readonly minor: bigint | null;
  readonly count: number | null;
  readonly text: string | null;
}

/** Every figure of the tables, one in a row. */
export function figuresOf(panels: readonly Panel[]): Figure[] {
  return panels.flatMap(({ title, table }) =>
    (table?.rows ?? []).flatMap(([row = '', ...cells]) =>
      cells.map((cell, index) => ({
        panel: title,
        row: String(row),
        measure: table?.head[index + 1]?.text ?? '',
        minor: typeof cell === 'bigint' ? cell : null,
        count: typeof cell === 'number' ? cell : null,
        text: typeof cell === 'string' ? cell : null,
      })),
    ),
  );
}

/** The columns of a table by their names; the first names the rows and is text. */
export function columns(t: Translate, ...names: readonly (readonly [string, 'money' | 'number'])[]): PanelColumn[] {
  return names.map(([name, kind], index) => {
    const text = t(`insights.columns.${name}`, { count: 2 });
    return index === 0 ? { text } : { text, kind };
  });
}

/** Hundredths of a per cent as whole per cent, rounded down: nearly all is not all. */
export function percent(basisPoints: number | null): number {
  return Math.floor((basisPoints ?? 0) / 100);
}

/** An amount on a drawing, where whole pounds need no pence. */
export function shortMoney(t: Translate, minor: bigint): string {
  const text = t.money(minor);
  return text.endsWith('.00') ? text.slice(0, -'.00'.length) : text;
}
