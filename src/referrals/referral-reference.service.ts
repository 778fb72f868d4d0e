import { randomInt } from 'node:crypto';

/** No vowels, so that no word comes of it, and nothing that looks like something else. */
const LETTERS = '23456789BCDFGHJKMNPQRSTVWXZ';
const GROUPS = 2;
const GROUP_LENGTH = 4;

/** A reference for a referral that comes without one, such as `R-7K2P-9DXM`: it says nothing, and can be read aloud. */
export function newReference(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return ['R', ...Array.from({ length: GROUPS }, group)].join('-');
}
