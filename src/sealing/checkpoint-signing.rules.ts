/**
 * Why nothing is signed of a log. All but the store that does not answer need a person:
 * - `behind_published`: less is kept here than was published, as after a backup was restored;
 * - `differs_from_published`: what is kept here is not how the published log goes on, as after two copies went on;
 * - `published_missing`: the store no longer has what was published;
 * - `published_unreadable`: what it has is no checkpoint of this log that a key in hand has signed;
 * - `store_unreachable`: nothing is known of what is published;
 * - `differs_from_signed`: what is kept here is not how the log goes on that was signed here;
 * - `key_unknown`: its newest checkpoint was signed with another key;
 * - `behind_witness`, `differs_from_witness`: the same as with what was published, says the witness.
 */
export const HOLD_CODES = [
  'behind_published',
  'differs_from_published',
  'published_missing',
  'published_unreadable',
  'store_unreachable',
  'differs_from_signed',
  'key_unknown',
  'behind_witness',
  'differs_from_witness',
] as const;
export type HoldCode = (typeof HOLD_CODES)[number];

/** A log at a size: what a checkpoint says. */
export interface Mark {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What the store has of a log. `none` where there is no store. */
export type StoreReading<P extends Mark = Mark> =
  | { readonly kind: 'none' | 'unreachable' | 'unreadable' | 'nothing' }
  | { readonly kind: 'published'; readonly published: P };

/** What is kept of a log, before anything is hashed. */
export interface KeptLog {
  /** Of the newest checkpoint, signed or not; 0 where there is none. */
  readonly size: number;
  /** Of the newest checkpoint that was published from here, as far as anyone remembers. */
  readonly publishedSize: number | null;
  /** The newest signed checkpoint; `unknown` when no key in hand signed it, `other` when its note is not of its row. */
  readonly signed: Mark | 'unknown' | 'other' | null;
}

/** A place in a log, and whether somebody outside says so. */
export interface Point extends Mark {
  readonly isPublished: boolean;
}

/** What holds a log back whatever its tiles say; undefined when they are to be asked. */
export function whyHeld({ size, publishedSize, signed }: KeptLog, store: StoreReading): HoldCode | undefined {
  if (store.kind === 'unreachable') return 'store_unreachable';
  if (signed === 'unknown') return 'key_unknown';
  if (signed === 'other') return 'differs_from_signed';
  if (store.kind === 'unreadable') return 'published_unreadable';
  if (store.kind === 'none') return undefined;
  const inStore = store.kind === 'published' ? store.published.size : 0;
  if (inStore > size) return 'behind_published';
  return inStore < (publishedSize ?? 0) ? 'published_missing' : undefined;
}

/** The sizes at which it is known what the log was, ascending: each must be the beginning of the next. */
export function pointsOf(signed: KeptLog['signed'], unsigned: readonly Mark[], store: StoreReading): Point[] {
  const here = (signed === null || typeof signed === 'string' ? unsigned : [signed, ...unsigned]).map((mark) => ({
    ...mark,
    isPublished: false,
  }));
  const outside = store.kind === 'published' ? [{ ...store.published, isPublished: true }] : [];
  return [...here, ...outside].sort((a, b) => a.size - b.size);
}

/** What to call it when one point is not the beginning of another. */
export function contradictionOf(a: Point, b: Point): HoldCode {
  return a.isPublished || b.isPublished ? 'differs_from_published' : 'differs_from_signed';
}

/** Whether it was a witness that held the log, who alone can let it go. */
export function isHeldByWitness(code: HoldCode | null): boolean {
  return code === 'behind_witness' || code === 'differs_from_witness';
}
