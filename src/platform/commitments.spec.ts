import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { commitmentTo, newSalt } from './commitments.js';

const SALT = Buffer.alloc(32, 0xab);

describe('a commitment', () => {
  it.each([
    ['a text', { kind: 'text', text: 'Ada' }, '{"kind":"text","text":"Ada"}'],
    ['names in any order', { text: 'Ada', kind: 'text' }, '{"kind":"text","text":"Ada"}'],
    ['what JSON escapes', { kind: 'text', text: 'a"\n\u20ac' }, '{"kind":"text","text":"a\\"\\n\u20ac"}'],
  ])('to %s is what docs/privacy.md says', (_, what, spelled) => {
    const input = Buffer.concat([Buffer.of(2), SALT, Buffer.from(spelled)]);
    expect(commitmentTo(what, SALT)).toEqual(createHash('sha256').update(input).digest());
  });

  it('is of one kind, text and salt alone', () => {
    const some = fc.string({ maxLength: 20 });
    const salts = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(some, some, salts, salts, (one, other, salt, otherSalt) => {
        const made = commitmentTo({ kind: 'text', text: one }, Buffer.from(salt));
        const again = commitmentTo({ kind: 'text', text: other }, Buffer.from(otherSalt));
        expect(made.equals(again)).toBe(one === other && Buffer.from(salt).equals(otherSalt));
        expect(made.equals(commitmentTo({ kind: 'reference', text: one }, Buffer.from(salt)))).toBe(false);
      }),
    );
  });

  it('has a salt of 256 bits, another each time', () => {
    expect(newSalt()).toHaveLength(32);
    expect(newSalt()).not.toEqual(newSalt());
  });
});
