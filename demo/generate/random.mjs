/** Chance that repeats: the same seed gives the same numbers on every machine (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit) => Math.floor(next() * limit);
  return {
    below,
    happens: (share) => next() < share,
    one: (list) => list[below(list.length)],
    /** The keys of an object by the shares that are its values. */
    weighted(shares) {
      let at = next() * Object.values(shares).reduce((sum, share) => sum + share, 0);
      for (const [key, share] of Object.entries(shares)) if ((at -= share) < 0) return key;
      return Object.keys(shares)[0];
    },
    /** `count` different members of a list, in its order. */
    some(list, count) {
      const left = list.map((_, index) => index);
      while (left.length > count) left.splice(below(left.length), 1);
      return left.map((index) => list[index]);
    },
  };
}

/** A seed from a text, so that one contract's data do not move when another's plan changes. */
export function seedOf(text) {
  let hash = 2166136261;
  for (const sign of text) hash = Math.imul(hash ^ sign.codePointAt(0), 16777619);
  return hash >>> 0;
}

const DAY_MS = 86_400_000;
export const addDays = (day, days) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** The days of September 2026 that fall on a weekday: 0 is Sunday. */
export function septemberDays(weekday) {
  const days = Array.from({ length: 30 }, (_, index) => addDays('2026-09-01', index));
  return days.filter((day) => new Date(day).getUTCDay() === weekday);
}
