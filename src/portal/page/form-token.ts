import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;

/**
 * A synchroniser token for a form: derived from the secret cookie of the browser, so nobody without the cookie can make
 * one, and masked anew for each page, so that compression does not give it away (BREACH).
 */
export function formToken(browserToken: string): string {
  const mask = randomBytes(BYTES);
  return Buffer.concat([mask, xor(mask, secretOf(browserToken))]).toString('base64url');
}

/** Whether the token was made for this browser, and for this session of it. */
export function isFormToken(browserToken: string, token: string): boolean {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 2 * BYTES) return false;
  return timingSafeEqual(xor(bytes.subarray(0, BYTES), bytes.subarray(BYTES)), secretOf(browserToken));
}

function secretOf(browserToken: string): Buffer {
  return createHmac('sha256', browserToken).update('form').digest();
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
