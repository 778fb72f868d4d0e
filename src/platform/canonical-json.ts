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
  if (isInOrder(value)) {
    const spelled = JSON.stringify(value);
    if (!spelled.includes(SURROGATE)) return spelled;
  }
  try {
    return write(value);
  } catch (error) {
    throw error instanceof Unspellable ? error.told() : error;
  }
}

/** How JSON.stringify spells a lone surrogate; and a backslash before these letters, which is looked at again. */
const SURROGATE = '\\ud';

/**
 * Whether a value can be written, as far as its texts are well-formed, and has its names sorted already: then JSON.stringify
 * spells it the same (RFC 8785 is built on it), several times faster. Amounts as bigint are not among what it takes.
 */
function isInOrder(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isSafeInteger(value);
    case 'object':
      if (value === null) return true;
      return Array.isArray(value) ? hasAllInOrder(value) : hasNamesInOrder(value as Readonly<Record<string, unknown>>);
    default:
      return false;
  }
}

/** A hole is no value. */
function hasAllInOrder(items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index++) if (!isInOrder(items[index])) return false;
  return true;
}

function hasNamesInOrder(value: Readonly<Record<string, unknown>>): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  let before = '';
  for (const name in value) {
    if (name < before || !isInOrder(value[name])) return false;
    before = name;
  }
  return true;
}

/** What cannot be written, with its place: the names that led to it, the innermost first. */
class Unspellable extends Error {
  private readonly places: string[] = [];

  constructor(private readonly fault: string) {
    super(fault);
  }

  within(place: string): this {
    this.places.push(place);
    return this;
  }

  told(): TypeError {
    return new TypeError(`$${this.places.reverse().join('')} ${this.fault}`);
  }
}

function write(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'bigint':
      return `"${value}"`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return wholeNumber(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? list(value) : members(value as Readonly<Record<string, unknown>>);
    default:
      throw new Unspellable(`is ${typeof value}, which a hashed document cannot hold`);
  }
}

function list(items: readonly unknown[]): string {
  let spelled = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) spelled += ',';
    try {
      spelled += write(items[index]);
    } catch (error) {
      throw error instanceof Unspellable ? error.within(`[${index}]`) : error;
    }
  }
  return `${spelled}]`;
}

function members(value: Readonly<Record<string, unknown>>): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new Unspellable(`is a ${value.constructor.name}, which a hashed document cannot hold`);
  const names = Object.keys(value);
  if (!isSorted(names)) names.sort();
  let spelled = '{';
  for (const name of names) {
    if (spelled.length > 1) spelled += ',';
    spelled += nameSpelled(name);
    try {
      spelled += write(value[name]);
    } catch (error) {
      throw error instanceof Unspellable ? error.within(`.${name}`) : error;
    }
  }
  return `${spelled}}`;
}

/** By UTF-16 code units, as `sort` without a comparison does. */
function isSorted(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name);
}

function wholeNumber(value: number): string {
  if (Number.isSafeInteger(value)) return JSON.stringify(value);
  throw new Unspellable(`is ${value}: only whole numbers that a double holds exactly; amounts are bigint`);
}

const LONE_SURROGATE = /\p{Surrogate}/u;
/** Texts that are spelled as they stand: nearly all. */
const PLAIN = /^[^"\\\p{Control}\p{Surrogate}]*$/u;

/** RFC 8785 section 3.2.2.2 escapes exactly what JSON.stringify escapes, and refuses lone surrogates. */
function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (LONE_SURROGATE.test(value)) throw new Unspellable('holds a lone surrogate, which UTF-8 cannot spell');
  return JSON.stringify(value);
}

/** Documents have the same few names again and again. */
const spelledNames = new Map<string, string>();
const NAMES_KEPT = 2_000;

function nameSpelled(name: string): string {
  const known = spelledNames.get(name);
  if (known !== undefined) return known;
  const spelled = `${text(name)}:`;
  if (spelledNames.size < NAMES_KEPT) spelledNames.set(name, spelled);
  return spelled;
}
