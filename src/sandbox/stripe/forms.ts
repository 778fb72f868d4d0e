/** What a request says, decoded: strings, lists and nested groups; the contract turns strings into numbers and booleans. */
export interface Params {
  [name: string]: unknown;
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Decodes `a[b][c]=1`, `list[0]=x` and `list[]=x`, as in Stripe's v1 bodies and in the queries of both versions.
 * Throws a RangeError on a key that is malformed, repeated or that would reach a prototype.
 */
export function decodeForm(text: string): Params {
  const root: Params = {};
  for (const [key, value] of new URLSearchParams(text)) place(root, segmentsOf(key), value, key);
  return listed(root) as Params;
}

function segmentsOf(key: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key);
  if (!match?.[1]) throw new RangeError(key);
  const inner = [...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1] ?? '');
  const segments = [match[1], ...inner];
  if (segments.some((segment) => FORBIDDEN.has(segment))) throw new RangeError(key);
  return segments;
}

function place(root: Params, segments: string[], value: string, key: string): void {
  let group = root;
  for (const segment of segments.slice(0, -1)) {
    const next = (group[segment] ??= {});
    if (typeof next !== 'object' || next === null) throw new RangeError(key);
    group = next as Params;
  }
  const last = segments.at(-1) ?? '';
  const name = last === '' ? String(Object.keys(group).length) : last;
  if (Object.hasOwn(group, name)) throw new RangeError(key);
  group[name] = value;
}

/** A group whose keys are 0, 1, 2 … is a list. */
function listed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, listed(inner)] as const);
  if (entries.length > 0 && entries.every(([name], index) => name === String(index))) {
    return entries.map(([, inner]) => inner);
  }
  return Object.fromEntries(entries);
}
