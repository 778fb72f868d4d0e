/** Kinds of places in a body, and a value that none of them takes. */
export const ANY: readonly { kind: 'string' | 'number'; value: unknown }[] = [
  { kind: 'string', value: ['text'] },
  { kind: 'string', value: { $ne: '' } },
  { kind: 'string', value: null },
  { kind: 'string', value: 7 },
  { kind: 'string', value: 'a\u0000b' },
  { kind: 'number', value: 1.5 },
  { kind: 'number', value: '7' },
  { kind: 'number', value: 1e300 },
];

/** Where a value stands in a body: the keys and indexes that lead to it. */
export type Place = readonly (string | number)[];

/** Every place of a body that holds a value that is no list and no object. */
export function placesOf(value: unknown, at: Place = []): { place: Place; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ place: at, value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    placesOf(inner, [...at, Array.isArray(value) ? Number(key) : key]),
  );
}

/** A copy of a body with another value in a place. */
export function withValue(body: unknown, [first, ...rest]: Place, value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(body))
    return body.map((item, at) => (at === first ? withValue(item, rest, value) : (item as unknown)));
  const object = body as Record<string, unknown>;
  return { ...object, [first]: withValue(object[first], rest, value) };
}

export function hasPlace(body: unknown, kind: string): boolean {
  return firstPlace(body, kind) !== undefined;
}

/** A copy of a body with another value in the first place of a kind. */
export function withText(body: unknown, kind: string, value: unknown): unknown {
  return withValue(body, firstPlace(body, kind) ?? [], value);
}

/** A copy of a body with a field that nobody knows. */
export function withField(body: unknown): unknown {
  return { ...(body as object), unheardOf: 1 };
}

function firstPlace(body: unknown, kind: string): Place | undefined {
  return placesOf(body).find(({ value }) => typeof value === kind)?.place;
}
