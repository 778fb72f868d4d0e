import { findNhsNumbers } from '../identifiers/index.js';

/** The most that people write to each other about a claim. */
export const WORDS_MAX = 1_000;

/**
 * What is wrong with a question, an answer or a reason as it was typed. It is kept for as long as the claim, so it must not
 * say whom the claim is about: an NHS number is what can be found by looking.
 */
export function whyNotWrite(text: string): 'missing' | 'too_long' | 'names_person' | undefined {
  const words = text.trim();
  if (words === '') return 'missing';
  if (words.length > WORDS_MAX) return 'too_long';
  return findNhsNumbers(words).length > 0 ? 'names_person' : undefined;
}

/** The rule as whoever reads a form takes it. */
export const REVIEW_WORDS = { max: WORDS_MAX, whyNot: whyNotWrite } as const;
