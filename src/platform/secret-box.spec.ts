import fc from 'fast-check';
import { hashOfToken, looksLikeToken, newToken, SecretBox } from './secret-box.js';

const box = new SecretBox(Buffer.alloc(32, 7));

describe('the secret box', () => {
  it('gives back what it sealed, under the same context only', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (secret, context) => {
        const sealed = box.seal(secret, context);
        expect(box.open(sealed, context)).toBe(secret);
        expect(() => box.open(sealed, `${context}.`)).toThrow();
      }),
    );
  });

  it('opens nothing that was changed in any byte, cut, or sealed under another key', () => {
    const sealed = box.seal('JBSWY3DPEHPK3PXP', 'totp');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => box.open(changed, 'totp')).toThrow();
    }
    for (const length of [0, 11, 27, sealed.length - 1]) {
      expect(() => box.open(sealed.subarray(0, length), 'totp')).toThrow();
    }
    expect(() => new SecretBox(Buffer.alloc(32, 8)).open(sealed, 'totp')).toThrow();
  });

  it('seals the same secret differently each time and shows nothing of it', () => {
    const sealed = box.seal('a secret of somebody', '');
    expect(box.seal('a secret of somebody', '').equals(sealed)).toBe(false);
    expect(sealed.includes('secret')).toBe(false);
  });

  it('fingerprints the same text alike under one key, and otherwise under another', () => {
    expect(box.fingerprint('a')).toEqual(box.fingerprint('a'));
    expect(box.fingerprint('a')).not.toEqual(box.fingerprint('b'));
    expect(box.fingerprint('a')).not.toEqual(new SecretBox(Buffer.alloc(32, 8)).fingerprint('a'));
  });
});

describe('a token', () => {
  it('has 256 bits of its own, and is known by its hash', () => {
    const token = newToken();
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(newToken()).not.toBe(token);
    expect(looksLikeToken(token)).toBe(true);
    expect(hashOfToken(token)).toHaveLength(32);
  });

  it.each(['', 'short', `${'a'.repeat(42)}'`, 'a'.repeat(129), `${'a'.repeat(50)} ${'b'.repeat(3)}`])(
    'is not %j',
    (text) => expect(looksLikeToken(text)).toBe(false),
  );
});
