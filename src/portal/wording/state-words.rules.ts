import type { Translate } from '../../words/index.js';
import { toneOf, type Tone } from './tone.rules.js';

/** What a tag shows. */
export interface StateWords {
  readonly text: string;
  readonly tone: Tone;
}

/**
 * A state in words, with the colour of its tag: `stateIn(t, 'batch', 'approved')`. The payment platform has reasons of its
 * own: one that nobody has worded is said to be another.
 */
export function stateIn(t: Translate, thing: string, value: string): StateWords {
  const key = `states.${thing}.${value}`;
  if (t.has(key)) return { text: t(key), tone: toneOf(thing, value) };
  if (thing === 'payout_reason') return stateIn(t, thing, 'unlisted');
  return { text: value.replaceAll('_', ' '), tone: 'grey' };
}
