import fc from 'fast-check';
import { canonicalPassword, passwordProblem } from './password.rules.js';

const WORDS = ['ada.lovelace@choir.example', 'ada.lovelace', 'The Sunday Choir'];

describe('a password', () => {
  it.each([
    ['eleven chars', undefined],
    ['short words', 'too_short'],
    ['éééééééééééé', 'pattern'],
    ['nine brown teapots', undefined],
    ['correct horse battery staple', 'too_common'],
    ['Correct-Horse-Battery-Staple', 'too_common'],
    ['passwordpassword', 'too_common'],
    ['Password123456', 'too_common'],
    ['p a s s w o r d 1 2 3 4', 'too_common'],
    ['qwertyuiop123', 'too_common'],
    ['qwertyuiopas', 'pattern'],
    ['123456789012', 'pattern'],
    ['210987654321', 'pattern'],
    ['abcdefghijkl', 'pattern'],
    ['aaaaaaaaaaaa', 'pattern'],
    ['abababababab', 'pattern'],
    ['abcabcabcabc', 'pattern'],
    ['wellpaidwellpaid', 'known_word'],
    ['wellpaid2026wellpaid', 'known_word'],
    ['Wellpaid Wellpaid 26', 'known_word'],
    ['ada.lovelace@choir.example', 'known_word'],
    ['Ada.Lovelace1815', 'known_word'],
    ['the sunday choir', 'known_word'],
    ['The-Sunday-Choir-2026', 'known_word'],
    ['the sunday choir sings', undefined],
    ['12!£$%^&*()_+-=', undefined],
    ['x'.repeat(129), 'too_long'],
    [`${'tea and toast, '.repeat(8)}at five`, undefined],
  ])('%j: %s', (password, problem) => expect(passwordProblem(password, WORDS)).toBe(problem));

  it('asks for no kinds of characters: any twelve random letters will do', () => {
    const letters = fc.string({
      unit: fc.constantFrom('b', 'd', 'f', 'h', 'j', 'l', 'n', 'p', 'r', 't', 'v', 'x', 'z'),
      minLength: 16,
      maxLength: 60,
    });
    fc.assert(
      fc.property(letters, (password) => {
        expect([undefined, 'pattern']).toContain(passwordProblem(password, WORDS));
        expect(passwordProblem(`${password}aqe7`, WORDS)).toBeUndefined();
      }),
    );
  });

  it('counts characters, not the units of their encoding, and takes 128', () => {
    expect(passwordProblem('🙂🎈🍞🧀🥕🌶🍇🍈🍉🍊🍋', [])).toBe('too_short');
    expect(passwordProblem('🙂🎈🍞🧀🥕🌶🍇🍈🍉🍊🍋🍌', [])).toBeUndefined();
    expect(passwordProblem('ab12'.repeat(31) + 'wxyz', [])).toBeUndefined();
  });

  it('has one spelling, whichever way its letters were typed', () => {
    expect(canonicalPassword('cafe\u0301')).toBe(canonicalPassword('café'));
  });
});
