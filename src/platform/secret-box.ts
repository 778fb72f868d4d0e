import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43,128}$/;

/**
 * Keeps small secrets so that the database alone does not give them away: AES-256-GCM under a key derived from the
 * instance's own, which is not in the database.
 */
export class SecretBox {
  /** A key of 256 bits for one purpose (RFC 5869): who has one of them has none of the others. */
  readonly keyFor: (purpose: string) => Buffer;
  private readonly sealingKey: Buffer;
  private readonly fingerprintKey: Buffer;

  constructor(masterKey: Buffer) {
    this.keyFor = (purpose) => Buffer.from(hkdfSync('sha256', masterKey, '', `wellpaid ${purpose}`, KEY_BYTES));
    this.sealingKey = this.keyFor('secret box');
    this.fingerprintKey = this.keyFor('fingerprint');
  }

  /** Nonce, ciphertext and tag in one. `context` says what it is of whom: it opens under the same one only. */
  seal(secret: string, context: string): Buffer {
    return sealUnder(this.sealingKey, Buffer.from(secret), context);
  }

  /** @throws Error when it was sealed for something else, under another key, or was changed */
  open(sealed: Buffer, context: string): string {
    return openUnder(this.sealingKey, sealed, context).toString('utf8');
  }

  /** What stands for a text that may be guessed, such as an address, where it is only compared. */
  fingerprint(text: string): Buffer {
    return createHmac('sha256', this.fingerprintKey).update(text).digest();
  }
}

/** AES-256-GCM: a nonce of 96 random bits (NIST SP 800-38D section 8.2.2), ciphertext and tag in one. */
export function sealUnder(key: Buffer, secret: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when it was sealed for something else, under another key, or was changed */
export function openUnder(key: Buffer, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES));
  const secret = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([secret, decipher.final()]);
}

/** An opaque token of 256 random bits, for a cookie or a link. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What is stored of a token. It has 256 random bits, so a plain hash cannot be searched. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whether a text could be one of our tokens: what cannot need not be looked up. */
export function looksLikeToken(text: string): boolean {
  return TOKEN.test(text);
}
