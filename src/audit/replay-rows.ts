const CHUNK_ROWS = 512;

/** Says that there is no row: it reads as noughts, and keeps nothing. Rows count from 1. */
export const NO_ROW = 0;

/**
 * Rows of numbers in columns, kept in pieces so that growing copies nothing: for what there are many of and an object each
 * would be too much. A column is named by its place.
 */
export class Rows {
  private readonly chunks: Float64Array[] = [];
  private count = 0;

  /** @param width how many columns */
  constructor(private readonly width: number) {}

  /** The last row; `NO_ROW` when there is none. */
  get last(): number {
    return this.count;
  }

  /** A new row of noughts, or of what is given for its first columns. */
  add(...values: readonly number[]): number {
    if (this.count % CHUNK_ROWS === 0) this.chunks.push(new Float64Array(CHUNK_ROWS * this.width));
    const row = ++this.count;
    for (const [column, value] of values.entries()) this.set(row, column, value);
    return row;
  }

  get(row: number, column: number): number {
    return this.chunkOf(row)?.[this.placeOf(row, column)] ?? 0;
  }

  set(row: number, column: number, value: number): void {
    const chunk = this.chunkOf(row);
    if (chunk) chunk[this.placeOf(row, column)] = value;
  }

  addTo(row: number, column: number, change: number): number {
    const value = this.get(row, column) + change;
    this.set(row, column, value);
    return value;
  }

  private placeOf(row: number, column: number): number {
    return ((row - 1) % CHUNK_ROWS) * this.width + column;
  }

  private chunkOf(row: number): Float64Array | undefined {
    return this.chunks[Math.floor((row - 1) / CHUNK_ROWS)];
  }
}
