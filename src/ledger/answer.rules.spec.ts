import fc from 'fast-check';
import { freeze, thaw } from './answer.rules.js';

describe('an answer that is kept', () => {
  it('comes back as it was: amounts, instants, and names that look like neither', () => {
    const name = fc.oneof(fc.constantFrom('$bigint', '$date', '$$date', '$', 'id'), fc.string());
    const answer = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.bigInt(),
        fc.date({ noInvalidDate: true }),
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(name, tie('any'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(answer, (given) => {
        expect(thaw(JSON.parse(JSON.stringify(freeze(given))))).toEqual(given);
      }),
    );
  });

  it('leaves out what is undefined, as JSON does', () => {
    expect(thaw(JSON.parse(JSON.stringify(freeze({ a: undefined, b: [1n] }))))).toEqual({ b: [1n] });
  });
});
