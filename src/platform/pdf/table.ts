import type { PdfCanvas } from './canvas.js';
import { ACCENT, BODY, HAIRLINE, MUTED, type TextStyle } from './style.js';

export interface Column {
  readonly title: string;
  /** In points; left out in the one column that takes the rest. */
  readonly width?: number;
  /** Right is for figures: they are never broken over lines. */
  readonly align?: 'left' | 'right';
}

/** A cell: its text, and a smaller second part below it. */
export type Cell = string | { readonly text: string; readonly note?: string; readonly weight?: 'regular' | 'bold' };

interface PlacedLine {
  readonly line: string;
  readonly style: TextStyle;
}

const TEXT: TextStyle = { ...BODY, size: 9 };
const NOTE: TextStyle = { ...BODY, size: 7.8, colour: MUTED };
const TITLE: TextStyle = { ...BODY, size: 8.2, weight: 'bold', colour: ACCENT };
const PADDING = 2.6;
const GUTTER = 8;

/**
 * A table of any length, drawn row by row. Cells wrap, the header stands again at the top of each page, a row is kept on
 * one page unless it is taller than a page. Nothing of a row is kept once it is drawn.
 */
export class PdfTable {
  private readonly boxes: readonly { readonly x: number; readonly width: number }[];
  private readonly header: readonly (readonly PlacedLine[])[];

  constructor(
    private readonly canvas: PdfCanvas,
    private readonly columns: readonly Column[],
  ) {
    const fixed = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
    const rest = canvas.width - fixed - GUTTER * (columns.length - 1);
    let x = canvas.x;
    this.boxes = columns.map((column) => {
      const box = { x, width: column.width ?? rest };
      x += box.width + GUTTER;
      return box;
    });
    this.header = columns.map((column, index) => this.place({ text: column.title }, index, TITLE));
    canvas.keep(this.height(this.header) + 3 * canvas.leading(TEXT));
    this.drawHeader();
  }

  /** Draws one row: a cell for each column. */
  row(cells: readonly Cell[]): void {
    if (cells.length !== this.columns.length)
      throw new RangeError(`${cells.length} cells, ${this.columns.length} columns`);
    let rest: (readonly PlacedLine[])[] = cells.map((cell, index) => this.place(cell, index, TEXT));
    const onePage = this.height(rest) <= this.canvas.fullRoom - this.height(this.header);
    if (onePage && this.height(rest) > this.canvas.room) this.continueOnNextPage();
    while (this.height(rest) > this.canvas.room) {
      const fitting = Math.max(1, Math.floor((this.canvas.room - 2 * PADDING) / this.canvas.leading(TEXT)));
      this.drawLines(rest.map((lines) => lines.slice(0, fitting)));
      rest = rest.map((lines) => lines.slice(fitting));
      this.continueOnNextPage();
    }
    this.drawLines(rest);
    this.canvas.rule(HAIRLINE, 0.4);
  }

  private continueOnNextPage(): void {
    this.canvas.breakPage();
    this.drawHeader();
  }

  private drawHeader(): void {
    this.drawLines(this.header);
    this.canvas.rule(ACCENT, 1);
  }

  private place(cell: Cell, index: number, base: TextStyle): PlacedLine[] {
    const { text, note, weight } =
      typeof cell === 'string' ? { text: cell } : { note: undefined, weight: undefined, ...cell };
    const width = this.boxes[index]?.width ?? 0;
    const align = this.columns[index]?.align ?? 'left';
    const style = { ...base, align, weight: weight ?? base.weight };
    if (align === 'right') return [this.canvas.fit(text, style, width)];
    const lines = this.canvas.wrap(text, style, width).map((line) => ({ line, style }));
    if (note === undefined) return lines;
    return [...lines, ...this.canvas.wrap(note, NOTE, width).map((line) => ({ line, style: NOTE }))];
  }

  private height(cells: readonly (readonly PlacedLine[])[]): number {
    return 2 * PADDING + Math.max(...cells.map((lines) => this.linesHeight(lines)));
  }

  private linesHeight(lines: readonly PlacedLine[]): number {
    return lines.reduce((sum, { style }) => sum + this.canvas.leading(style), 0);
  }

  private drawLines(cells: readonly (readonly PlacedLine[])[]): void {
    const top = this.canvas.y + PADDING;
    cells.forEach((lines, index) => {
      const box = this.boxes[index];
      if (box === undefined) return;
      let y = top;
      for (const { line, style } of lines) {
        this.canvas.line(line, box.x, y, box.width, style);
        y += this.canvas.leading(style);
      }
    });
    this.canvas.y += this.height(cells);
  }
}
