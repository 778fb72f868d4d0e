import { whyNotWrite, WORDS_MAX } from './review-words.rules.js';

describe('what is written about a claim', () => {
  it.each([
    ['Was this session held?', undefined],
    ['  \n ', 'missing'],
    ['a'.repeat(WORDS_MAX), undefined],
    [` ${'a'.repeat(WORDS_MAX)} `, undefined],
    ['a'.repeat(WORDS_MAX + 1), 'too_long'],
    ['Was this 943 476 5919?', 'names_person'],
    ['Invoice 943 476 5918', undefined],
  ])('%j is %s', (text, wrong) => {
    expect(whyNotWrite(text)).toBe(wrong);
  });
});
