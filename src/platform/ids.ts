import { createHash, randomBytes } from 'node:crypto';
import { unixMilliseconds } from './clock.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits. */
export function newId(unixMs: number = unixMilliseconds()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(unixMs, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return grouped(bytes.toString('hex'));
}

/** A UUID version 5 (RFC 9562 section 5.5): the same part of the same thing has the same id, today and tomorrow. */
export function partId(wholeId: string, part: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(wholeId.replaceAll('-', ''), 'hex'))
    .update(part)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return grouped(bytes.toString('hex'));
}

function grouped(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** True for a lower-case UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
