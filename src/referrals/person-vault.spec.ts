import fc from 'fast-check';
import { commitmentTo } from '../platform/commitments.js';
import { SecretBox } from '../platform/secret-box.js';
import { type PersonIdentity } from './person-identity.rules.js';
import { PersonVault } from './person-vault.service.js';

const COMMISSIONER = '01890000-0000-7000-8000-00000000c0c0';
const PERSON = '01890000-0000-4000-8000-0000000000aa';
const vault = new PersonVault(new SecretBox(Buffer.alloc(32, 7)));
const reference = (text: string): PersonIdentity => {
  return { kind: 'reference', commissionerId: COMMISSIONER, ownerOrgId: 'o', reference: text };
};

describe('the vault of a person', () => {
  it('gives back what it sealed, whatever the reference', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }), (text) => {
        const sealed = vault.seal(PERSON, reference(text));
        const { identity, salt } = vault.open(COMMISSIONER, PERSON, sealed);
        expect(identity).toEqual(reference(text));
        expect(commitmentTo(identity, Buffer.from(salt, 'hex'))).toEqual(sealed.commitment);
      }),
    );
  });

  it('opens nothing that was changed in any byte, of the key or of the ciphertext', () => {
    const sealed = vault.seal(PERSON, reference('EL-1'));
    for (const part of ['wrapped', 'sealed'] as const) {
      for (let at = 0; at < sealed[part].length; at++) {
        const changed = Buffer.from(sealed[part]);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(() => vault.open(COMMISSIONER, PERSON, { ...sealed, [part]: changed })).toThrow();
      }
    }
  });

  it('opens for no other person, commissioner or version, with no other key, and with nobody else’s ciphertext', () => {
    const one = vault.seal(PERSON, reference('EL-1'));
    const other = vault.seal(PERSON, reference('EL-2'));
    expect(() => vault.open(COMMISSIONER, COMMISSIONER, one)).toThrow();
    expect(() => vault.open(PERSON, PERSON, one)).toThrow();
    expect(() => vault.open(COMMISSIONER, PERSON, { ...one, version: 2 })).toThrow();
    expect(() => vault.open(COMMISSIONER, PERSON, { ...one, sealed: other.sealed })).toThrow();
    expect(() => vault.open(COMMISSIONER, PERSON, { ...one, wrapped: other.wrapped })).toThrow();
    const stranger = new PersonVault(new SecretBox(Buffer.alloc(32, 8)));
    expect(() => stranger.open(COMMISSIONER, PERSON, one)).toThrow();
  });

  it('commits to the same person differently each time', () => {
    const [one, other] = [vault.seal(PERSON, reference('EL-1')), vault.seal(PERSON, reference('EL-1'))];
    expect(one.commitment).not.toEqual(other.commitment);
    expect(one.wrapped).toHaveLength(60);
  });

  it('finds a reference only for whoever knows it, whose it is, and the key', () => {
    const index = vault.indexOf(COMMISSIONER, 'o', 'EL-1');
    expect(vault.indexOf(COMMISSIONER, 'o', 'EL-1')).toEqual(index);
    expect(vault.indexOf(COMMISSIONER, 'p', 'EL-1')).not.toEqual(index);
    expect(vault.indexOf(PERSON, 'o', 'EL-1')).not.toEqual(index);
    expect(vault.indexOf(COMMISSIONER, 'o', 'el-1')).not.toEqual(index);
    expect(new PersonVault(new SecretBox(Buffer.alloc(32, 8))).indexOf(COMMISSIONER, 'o', 'EL-1')).not.toEqual(index);
  });
});
