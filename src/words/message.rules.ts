/** What a message may be filled with. An amount is given as text, through `t.money`. */
export type Params = Readonly<Record<string, string | number | undefined>>;

/** A message, or one for each plural category (CLDR) of its parameter `count`. */
export type Message = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** What a term is called, singular and plural: `{ one: 'link worker', other: 'link workers' }`. */
export type Term = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

const PLACE = /\{(@?)(\w+)\}/g;

/**
 * Fills a message: `{name}` with a parameter, `{@term}` with what this commissioner calls it, `{@Term}` with a capital.
 * A parameter that is not given, and a term that is not known, stay as they are written, so that they are seen.
 */
export function fill(message: Message, params: Params, terms: ReadonlyMap<string, Term>, plural: Intl.PluralRules) {
  const category = plural.select(Number(params.count ?? 1));
  const text = typeof message === 'string' ? message : (message[category] ?? message.other ?? '');
  return text.replace(PLACE, (whole, sigil: string, name: string) => {
    if (sigil === '') return params[name] === undefined ? whole : String(params[name]);
    const term = terms.get(uncapitalised(name));
    const word = term?.[category] ?? term?.other;
    if (word === undefined) return whole;
    return name === uncapitalised(name) ? word : capitalised(word);
  });
}

/** Names of the parameters and terms that a message has places for, in order of the alphabet. */
export function placesOf(message: Message): string[] {
  const texts = typeof message === 'string' ? [message] : Object.values(message);
  return [...new Set(texts.flatMap((text) => [...text.matchAll(PLACE)].map(([place]) => place)))].toSorted();
}

function capitalised(word: string): string {
  return word.slice(0, 1).toLocaleUpperCase() + word.slice(1);
}

function uncapitalised(word: string): string {
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}
