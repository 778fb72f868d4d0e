import type { Locale, PluralForm } from '../../words/index.js';

/** What each term stands for, and what some call it. */
export const TERM_HINTS: Readonly<Record<string, { readonly meaning: string; readonly examples: string }>> = {
  linkWorker: { meaning: 'wording.term.linkWorker.meaning', examples: 'wording.term.linkWorker.examples' },
  provider: { meaning: 'wording.term.provider.meaning', examples: 'wording.term.provider.examples' },
  referrer: { meaning: 'wording.term.referrer.meaning', examples: 'wording.term.referrer.examples' },
  commissioner: { meaning: 'wording.term.commissioner.meaning', examples: 'wording.term.commissioner.examples' },
  session: { meaning: 'wording.term.session.meaning', examples: 'wording.term.session.examples' },
  claim: { meaning: 'wording.term.claim.meaning', examples: 'wording.term.claim.examples' },
  person: { meaning: 'wording.term.person.meaning', examples: 'wording.term.person.examples' },
};

/** The two forms of a term that people word, each in both languages: as fields of a form. */
export const TERM_FIELDS = [
  { name: 'en-one', locale: 'en', form: 'one' },
  { name: 'en-other', locale: 'en', form: 'other' },
  { name: 'cy-one', locale: 'cy', form: 'one' },
  { name: 'cy-other', locale: 'cy', form: 'other' },
] as const satisfies readonly { name: string; locale: Locale; form: 'one' | 'other' }[];

/** When a form of a message is said. */
export const FORM_KEYS: Readonly<Record<PluralForm, string>> = {
  zero: 'wording.form.ofNone',
  one: 'wording.form.ofOne',
  two: 'wording.form.ofTwo',
  few: 'wording.form.ofThree',
  many: 'wording.form.ofSix',
  other: 'wording.form.ofOthers',
};

/** What a place of a message is filled with, in words. */
const PLACES: Readonly<Record<string, string>> = {
  count: 'wording.place.count',
  amount: 'wording.place.amount',
  total: 'wording.place.amount',
  price: 'wording.place.amount',
  day: 'wording.place.day',
  month: 'wording.place.month',
  time: 'wording.place.time',
  name: 'wording.place.name',
  reference: 'wording.place.reference',
  contract: 'wording.place.contract',
  commissioner: 'wording.place.name',
  provider: 'wording.place.name',
  service: 'wording.place.name',
};

/** The message that says what a place such as `{count}` or `{@claim}` is filled with. */
export function placeKey(place: string): string {
  if (place.startsWith('{@')) return 'wording.place.term';
  return PLACES[place.slice(1, -1)] ?? 'wording.place.other';
}
