import type { CheckedSentence } from '../../assurance/index.js';
import type { Translate } from '../../words/index.js';
import type { Said } from './row-words.rules.js';

/**
 * A sentence that must be true of the books, in the visitor's language. It is known by its English, which the API gives;
 * one that nobody has worded is said in English, and marked so.
 */
export function wordCheckIn(t: Translate, { sentence }: Pick<CheckedSentence, 'sentence'>): Said {
  const key = `checks.${nameOf(sentence)}`;
  return t.has(key) ? { text: t(key), lang: null } : { text: sentence, lang: 'en' };
}

/** `A payout is of exactly its items.` is `a_payout_is_of_exactly_its_items`. */
function nameOf(sentence: string): string {
  return sentence
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}
