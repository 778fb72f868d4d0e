/** What a hashed document may hold. A bigint is an amount and is written as a decimal string. */
export type Canonical =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Canonical[]
  | { readonly [name: string]: Canonical };

export type CanonicalObject = { readonly [name: string]: Canonical };

/**
 * The one spelling of a value: RFC 8785 (JSON Canonicalization Scheme) without fractions. Names are sorted by UTF-16
 * code units, nothing is indented, and a number is a whole one that a double holds exactly. What has no single
 * spelling is refused: fractions, `undefined`, lone surrogates, dates and other class instances.
 *
 * @throws TypeError naming the place of what cannot be written
 */
export function canonicalJson(value: Canonical): string {
  return write(value, '$');
}

function write(value: unknown, place: string): string {
  switch (typeof value) {
    case 'string':
      return text(value, place);
    case 'bigint':
      return `"${value}"`;
    case 'boolean':
      return String(value);
    case 'number':
      return wholeNumber(value, place);
    case 'object':
      return value === null ? 'null' : container(value, place);
    default:
      throw new TypeError(`${place} is ${typeof value}, which a hashed document cannot hold`);
  }
}

function container(value: object, place: string): string {
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown, index) => write(item, `${place}[${index}]`)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${place} is a ${value.constructor.name}, which a hashed document cannot hold`);
  }
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${text(name, place)}:${write(member, `${place}.${name}`)}`);
  return `{${members.join(',')}}`;
}

function wholeNumber(value: number, place: string): string {
  if (Number.isSafeInteger(value)) return JSON.stringify(value);
  throw new TypeError(`${place} is ${value}: only whole numbers that a double holds exactly; amounts are bigint`);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** RFC 8785 section 3.2.2.2 escapes exactly what JSON.stringify escapes, and refuses lone surrogates. */
function text(value: string, place: string): string {
  if (LONE_SURROGATE.test(value)) throw new TypeError(`${place} holds a lone surrogate, which UTF-8 cannot spell`);
  return JSON.stringify(value);
}
