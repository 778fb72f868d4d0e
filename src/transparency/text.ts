/** A proof, note or tile that is not what its specification says. What a verifier reads comes from others, so it is no bug. */
export class MalformedError extends Error {
  override name = 'MalformedError';
}

/** The decimal of the C2SP formats: no sign, no leading zero, and no larger than a safe integer. */
export function parseDecimal(text: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new MalformedError(`${excerpt(text)} is not a whole number`);
  return value;
}

/** Standard padded Base64 (RFC 4648 section 4) in its one canonical spelling, so that no two texts mean the same bytes. */
export function parseBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) throw new MalformedError(`${excerpt(text)} is not Base64`);
  return bytes;
}

/** Base64 of one SHA-256 hash. */
export function parseHash(text: string): Buffer {
  const bytes = parseBase64(text);
  if (bytes.length !== 32) throw new MalformedError(`${excerpt(text)} is not a SHA-256 hash`);
  return bytes;
}

export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** The lines of a text that ends in a newline, without their newlines. */
export function linesOf(text: string): string[] {
  if (!text.endsWith('\n')) throw new MalformedError('the text does not end in a newline');
  return text.slice(0, -1).split('\n');
}

/** Guards what this program makes itself: a wrong size or index is a bug. */
export function requireCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${what} is a whole number, not ${value}`);
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
