import { placesOf, type Message, type Term } from './message.rules.js';

export type PluralForm = Intl.LDMLPluralRule;
const FORM = /^(.+)\.(zero|one|two|few|many|other)$/;
const TEXT_MAX = 1000;

type Messages = ReadonlyMap<string, Message>;

/** What a key of a wording stands for: a message, or one form of a message that has several, `batches.count.other`. */
export interface Original {
  readonly text: string;
  /** Null for a message that has one form only. */
  readonly form: PluralForm | null;
  /** What it may be filled with: `{count}`, `{@claim}`. None in a term. */
  readonly places: readonly string[];
  readonly isTerm: boolean;
}

/** Undefined when the catalogue has no such message. */
export function originalOf(catalogue: Messages, key: string): Original | undefined {
  const whole = catalogue.get(key);
  if (typeof whole === 'string') return { text: whole, form: null, places: placesOf(whole), isTerm: false };
  const [, parent = '', form] = FORM.exec(key) ?? [];
  const message = catalogue.get(parent);
  if (message === undefined || typeof message === 'string') return undefined;
  const text = message[form as PluralForm] ?? message.other ?? '';
  const isTerm = parent.startsWith('terms.');
  return { text, form: form as PluralForm, places: isTerm ? [] : placesOf(message), isTerm };
}

/** Why a text cannot stand for a message; undefined when it can. An empty text can: it goes back to the catalogue. */
export function whyNotWord(
  catalogue: Messages,
  key: string,
  text: string,
): { reason: 'unknown_message' | 'too_long' | 'places'; places?: readonly string[] } | undefined {
  const original = originalOf(catalogue, key);
  if (original === undefined) return { reason: 'unknown_message' };
  if (text.length > TEXT_MAX) return { reason: 'too_long' };
  const { places, isTerm } = original;
  const unknown = placesOf(text).filter((place) => isTerm || !(place.startsWith('{@') || places.includes(place)));
  return unknown.length > 0 ? { reason: 'places', places } : undefined;
}

/** Messages in one’s own words: the catalogue with what is worded otherwise, a form of a message beside its others. */
export function inOwnWords(catalogue: Messages, own: Iterable<readonly [key: string, text: string]>): Messages {
  const messages = new Map<string, Message>(catalogue);
  for (const [key, text] of own) {
    const original = originalOf(catalogue, key);
    if (original?.form === null) messages.set(key, text);
    if (!original?.form) continue;
    const parent = key.slice(0, -original.form.length - 1);
    messages.set(parent, { ...(messages.get(parent) as Term), [original.form]: text });
  }
  return messages;
}

/** What each term is called. */
export function termsIn(messages: Messages): Map<string, Term> {
  const terms = new Map<string, Term>();
  for (const [key, message] of messages) {
    if (key.startsWith('terms.') && typeof message !== 'string') terms.set(key.slice('terms.'.length), message);
  }
  return terms;
}
