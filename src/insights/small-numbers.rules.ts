/** A count of people as the public sees it: exactly, or only that it is small. */
export type ShownCount =
  | { readonly kind: 'exact'; readonly count: number }
  | { readonly kind: 'at_most'; readonly count: number };

/** Counts of people up to this, except none, could tell who somebody is. */
export const SMALL_MAX = 7;

/**
 * How a count of people is shown where the public can read it: one to seven only as "7 or fewer". Inside a tenant counts
 * are exact: whoever sees them there sees the people's records too.
 *
 * @throws RangeError for what is no count
 */
export function shownPublicly(count: number): ShownCount {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`Not a count: ${count}`);
  return count >= 1 && count <= SMALL_MAX ? { kind: 'at_most', count: SMALL_MAX } : { kind: 'exact', count };
}

/** The parts of a breakdown as the public sees them, and their total; null where it would give a hidden part away. */
export interface ShownParts {
  readonly parts: readonly ShownCount[];
  readonly total: ShownCount | null;
}

/** Shows a breakdown: the total less what is shown would say what is hidden, so that it is withheld with any hidden part. */
export function shownParts(counts: readonly number[]): ShownParts {
  const parts = counts.map(shownPublicly);
  const isWhole = parts.every(({ kind }) => kind === 'exact');
  return { parts, total: isWhole ? shownPublicly(counts.reduce((sum, count) => sum + count, 0)) : null };
}
