import { entriesPath, TILE_WIDTH, tilePath, tileWidth } from '../transparency/index.js';

/** How many events there are to a segment: the entries of one bundle of C2SP tlog-tiles. */
export const SEGMENT_EVENTS = TILE_WIDTH;

/** The members before the first segment. */
export const HEAD = ['bundle.json', 'keys', 'checkpoint', 'accounts'] as const;

/** The members behind the tiles, all or none: where the platform's log has this log's checkpoint. */
export const ANCHOR = ['platform/checkpoint', 'platform/entry', 'platform/proof'] as const;

/** How many events the segment has in a log of this size. */
export function segmentWidth(n: number, size: number): number {
  return Math.min(SEGMENT_EVENTS, size - n * SEGMENT_EVENTS);
}

export function segmentCount(size: number): number {
  return Math.ceil(size / SEGMENT_EVENTS);
}

/** The entry bundle, the transfers of these events, and the checkpoints whose last event is one of these. */
export function segmentMembers(n: number, width: number): [entries: string, transfers: string, checkpoints: string] {
  const number = entriesPath(n, SEGMENT_EVENTS).slice('tile/entries/'.length);
  return [entriesPath(n, width), `transfers/${number}`, `checkpoints/${number}`];
}

export interface TilePlace {
  readonly level: number;
  readonly n: number;
  readonly width: number;
}

/** The hash tiles of a log of this size: level 0 from left to right, then level 1, and so on. */
export function* tilesOf(size: number): Generator<TilePlace> {
  for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
    for (let n = 0; tileWidth(level, n, size) > 0; n++) yield { level, n, width: tileWidth(level, n, size) };
  }
}

/** Every member of a bundle in its one order, without the anchor. */
export function* membersOf(size: number): Generator<string> {
  yield* HEAD;
  for (let n = 0; n < segmentCount(size); n++) yield* segmentMembers(n, segmentWidth(n, size));
  for (const tile of tilesOf(size)) yield tilePath(tile);
}
