import { createHash, randomBytes } from 'node:crypto';

export type SecretKind = 'personal' | 'service' | 'invitation';

const LETTER: Record<SecretKind, string> = { personal: 'p', service: 's', invitation: 'i' };

export interface Secret {
  /** Shown once, to whoever it is for. */
  text: string;
  /** Names the secret in lists and logs without giving it away. */
  prefix: string;
  hash: Buffer;
}

/** A new secret of 256 random bits, such as `wp_p_1f4e9c20_…`. */
export function newSecret(kind: SecretKind): Secret {
  const prefix = `wp_${LETTER[kind]}_${randomBytes(4).toString('hex')}`;
  const text = `${prefix}_${randomBytes(32).toString('base64url')}`;
  return { text, prefix, hash: hashOfSecret(text) };
}

/** What is stored of a secret. It has 256 random bits, so a plain hash cannot be searched. */
export function hashOfSecret(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
