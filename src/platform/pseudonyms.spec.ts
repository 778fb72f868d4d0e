import { createHash, createHmac } from 'node:crypto';
import { Pseudonyms } from './pseudonyms.js';

const ONE = '01890a5d-ac96-774b-bcce-b302099a8057';
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8058';
const NHS_NUMBER = '9434765919';
const pseudonyms = new Pseudonyms(Buffer.alloc(32, 7));

describe('a pseudonym', () => {
  it('is the same for the same person of the same commissioner, in every process', () => {
    const again = new Pseudonyms(Buffer.alloc(32, 7));
    expect(pseudonyms.of(ONE, NHS_NUMBER)).toEqual(again.of(ONE, NHS_NUMBER));
    expect(pseudonyms.of(ONE, NHS_NUMBER).toString('hex')).toBe(
      '1049a6d2ce8a5db6ab7144d828186aa9fc7cdd858f1f9b8d4b22497e6ab31f98',
    );
  });

  it('differs between persons, commissioners and keys', () => {
    const all = [
      pseudonyms.of(ONE, NHS_NUMBER),
      pseudonyms.of(ONE, '9434765870'),
      pseudonyms.of(OTHER, NHS_NUMBER),
      new Pseudonyms(Buffer.alloc(32, 8)).of(ONE, NHS_NUMBER),
    ];
    expect(new Set(all.map((one) => one.toString('hex'))).size).toBe(4);
  });

  it('cannot be made without the key of the commissioner: neither a hash nor the master key gives it', () => {
    const made = [pseudonyms.of(ONE, NHS_NUMBER), pseudonyms.of(OTHER, NHS_NUMBER)].map((one) => one.toString('hex'));
    const guesses = [NHS_NUMBER, `nhs:${NHS_NUMBER}`, `${ONE}${NHS_NUMBER}`, `${ONE}nhs:${NHS_NUMBER}`].flatMap(
      (text) => [
        createHash('sha256').update(text).digest('hex'),
        createHmac('sha256', Buffer.alloc(32, 7)).update(text).digest('hex'),
        createHmac('sha256', ONE).update(text).digest('hex'),
      ],
    );
    expect(guesses.filter((guess) => made.includes(guess))).toEqual([]);
    expect(made.every((one) => one.length === 64)).toBe(true);
  });
});
