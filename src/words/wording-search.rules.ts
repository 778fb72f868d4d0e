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

/** Those in which every word that was asked for stands: in the key, in the original, or as people read it on a page. */
export function matching(
  entries: readonly WordingEntry[],
  asked: string,
  read: (entry: WordingEntry) => string,
): WordingEntry[] {
  const words = asked.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return entries.filter((entry) => {
    const text = `${entry.key}\n${entry.text}\n${read(entry)}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
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
  const count = COUNT_OF[form ?? 'other'];
  const names = placesOf(text).flatMap((place) => (place.startsWith('{@') ? [] : [place.slice(1, -1)]));
  const params = Object.fromEntries(names.map((name) => [name, examples[name] ?? `[${name}]`]));
  // The count decides the form of a term, also where it is not said.
  return fill(text, { ...params, count: String(count) }, terms, plural);
}

/** Messages that say a term and have no other place, the shortest first: examples of how it reads. */
export function sentencesWith(catalogue: ReadonlyMap<string, Message>, term: string, limit: number): string[] {
  const place = new RegExp(`\\{@${term}\\}`, 'i');
  const found = [...catalogue].flatMap(([key, message]) =>
    typeof message === 'string' && place.test(message) && /\s/.test(message) && !key.startsWith('errors.')
      ? [message]
      : [],
  );
  const plain = found.filter((text) => placesOf(text).every((one) => one.startsWith('{@')));
  return [...new Set(plain)].toSorted((one, other) => one.length - other.length).slice(0, limit);
}
