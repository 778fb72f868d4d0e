import { fill, placesOf, type Message, type Params, type Term } from './message.rules.js';
import { originalOf, type Original, type PluralForm } from './wording.rules.js';

/** A message as a commissioner can word it, under its key or the key of one of its forms. */
export interface WordingEntry extends Original {
  readonly key: string;
  /** What the commissioner says instead; null where it says the same. */
  readonly own: string | null;
}

/** A number that takes each form: in English one and other; in Welsh all six (CLDR). */
const COUNT_OF: Readonly<Record<PluralForm, number>> = { zero: 0, one: 1, two: 2, few: 3, many: 6, other: 12 };

/** Every message and every form of one, besides the terms, which are worded on their own. */
export function entriesOf(
  catalogue: ReadonlyMap<string, Message>,
  own: ReadonlyMap<string, string>,
): readonly WordingEntry[] {
  return [...catalogue].flatMap(([key, message]) => {
    if (key.startsWith('terms.')) return [];
    const keys = typeof message === 'string' ? [key] : Object.keys(message).map((form) => `${key}.${form}`);
    return keys.flatMap((one) => entryOf(catalogue, own, one) ?? []);
  });
}

export function entryOf(
  catalogue: ReadonlyMap<string, Message>,
  own: ReadonlyMap<string, string>,
  key: string,
): WordingEntry | undefined {
  const original = originalOf(catalogue, key);
  return original && { key, ...original, own: own.get(key) ?? null };
}

/** A message as people read it: in the commissioner's own words, with its places as they are. */
export interface FoundEntry extends WordingEntry {
  readonly reads: string;
}

/** A message with what terms are called, and its other places as they are. */
export function withTerms(
  { own, text, form }: WordingEntry,
  terms: ReadonlyMap<string, Term>,
  plural: Intl.PluralRules,
): string {
  return fill(own ?? text, { count: form === null ? undefined : COUNT_OF[form] }, terms, plural);
}

/** Those in which every word that was asked for stands: in the key, in the original, or as people read it. */
export function matching(entries: readonly FoundEntry[], asked: string): FoundEntry[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return entries.filter(({ key, text, reads }) => {
    const all = `${key}\n${text}\n${reads}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/**
 * A message with an example in each place: what `examples` has for it, or the name of the place in square brackets.
 */
export function withExamples(
  text: string,
  form: PluralForm | null,
  terms: ReadonlyMap<string, Term>,
  plural: Intl.PluralRules,
  examples: Params,
): string {
  const isCounted = form !== null || text.includes('{count}');
  const count = COUNT_OF[isCounted ? (form ?? 'other') : 'one'];
  const names = placesOf(text).flatMap((place) => (place.startsWith('{@') ? [] : [place.slice(1, -1)]));
  const params = Object.fromEntries(names.map((name) => [name, examples[name] ?? `[${name}]`]));
  // The count decides the form of a term, also where it is not said.
  return fill(text, { ...params, count: String(count) }, terms, plural);
}

/** A message that says a term, with the number for which it is said. */
export interface Sample {
  readonly message: Message;
  readonly count: number;
}

/** How a term reads: with a number where there is such a message, for one and for many; then in words alone. */
export function samplesOf(catalogue: ReadonlyMap<string, Message>, term: string, limit: number): Sample[] {
  const place = new RegExp(`\\{@${term}\\}`, 'i');
  const said = [...catalogue].filter(([key, message]) => !key.startsWith('errors.') && saysOnly(message, place));
  const shortest = said.map(([, message]) => message).toSorted((one, other) => lengthOf(one) - lengthOf(other));
  const counted = shortest.filter((message) => typeof message !== 'string').slice(0, 1);
  const plain = shortest.filter((message) => typeof message === 'string');
  const sentences = plain.filter((message) => /\s/.test(message));
  return [
    ...counted.flatMap((message) => [COUNT_OF.one, COUNT_OF.other].map((count) => ({ message, count }))),
    ...[...new Set(sentences.length > 0 ? sentences : plain)].map((message) => ({ message, count: COUNT_OF.one })),
  ].slice(0, limit);
}

/** Whether a message says the term and can be shown without knowing anything but a number. */
function saysOnly(message: Message, place: RegExp): boolean {
  const places = placesOf(message);
  const isCounted = typeof message !== 'string';
  return (
    places.some((one) => place.test(one)) &&
    places.every((one) => one.startsWith('{@') || (isCounted && one === '{count}'))
  );
}

function lengthOf(message: Message): number {
  return typeof message === 'string' ? message.length : (message.other ?? '').length;
}
