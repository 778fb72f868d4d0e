import { spellingsOf } from './lookup.rules.js';

describe('a reference as it was typed', () => {
  it.each([
    ['NELICB-P000001', ['NELICB-P000001']],
    [' nelicb-p000001 ', ['nelicb-p000001', 'NELICB-P000001']],
    ['EMIS  1', ['EMIS 1', 'EMIS1']],
    ['sp 7k', ['sp 7k', 'SP 7K', 'sp7k', 'SP7K']],
    ['   ', []],
    ['x'.repeat(65), []],
  ])('%j may be stored as %j', (typed, expected) => {
    expect(spellingsOf(typed)).toEqual(expected);
  });
});
