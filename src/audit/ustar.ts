import { FETCH_AGAIN, UnreadableError } from './unreadable.js';

/** A bundle is an archive that any `tar` opens: ustar of POSIX.1-2017, "pax", with plain files only. */
export const BLOCK_BYTES = 512;

/** Ends an archive: two blocks of zeros. */
export const ARCHIVE_END: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

/** Eleven octal digits. */
const SIZE_MAX = 8 ** 11 - 1;
const NAME_MAX = 100;

export interface UstarMember {
  readonly name: string;
  /** In bytes, without the zeros that fill the last block. */
  readonly size: number;
}

/** The block before a member. Owner, group and mode say nothing, so that equal bundles have equal bytes. */
export function ustarHeader({ name, size }: UstarMember, modifiedAt: Date): Buffer {
  if (name.length > NAME_MAX) throw new RangeError(`the name ${name} is too long for an archive`);
  if (!Number.isSafeInteger(size) || size < 0 || size > SIZE_MAX) {
    throw new RangeError(`a member of ${size} bytes does not fit into an archive`);
  }
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 'latin1');
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${octal(size, 11)}\0`, 124, 'latin1');
  header.write(`${octal(Math.floor(modifiedAt.getTime() / 1000), 11)}\0`, 136, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${octal(checksum(header), 6)}\0 `, 148, 'latin1');
  return header;
}

/** The zeros behind so many bytes, to the end of the block. */
export function padding(size: number): Buffer {
  return Buffer.alloc(paddingLength(size));
}

export function paddingLength(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

/**
 * Reads a header; null for a block of zeros. The checksum tells a damaged file from one that was put together otherwise.
 *
 * @throws UnreadableError for what is no header, or the header of anything but a plain file
 */
export function parseUstarHeader(block: Buffer, offset: number): UstarMember | null {
  if (isZeros(block)) return null;
  if (block.toString('latin1', 257, 262) !== 'ustar' || octalAt(block, 148, 8) !== checksum(block)) {
    throw new UnreadableError(`The archive is damaged at byte ${offset}.`, FETCH_AGAIN);
  }
  const name = textAt(block, 0, NAME_MAX);
  const size = octalAt(block, 124, 12);
  const kind = block[156];
  const isPlain = (kind === 0x30 || kind === 0) && textAt(block, 345, 155) === '';
  if (!isPlain || size === undefined || name === undefined || !/^[\x21-\x7e]+$/.test(name)) {
    throw new UnreadableError(
      `The archive has something at byte ${offset} that no bundle holds.`,
      'Verify the bundle as it was downloaded: plain files with short names, in ustar format.',
    );
  }
  return { name, size };
}

export function isZeros(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The sum of all bytes of the header, with its own field read as spaces. */
function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const byte of header) sum += byte;
  for (const byte of header.subarray(148, 156)) sum -= byte;
  return sum;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Octal digits that end in a zero or a space; undefined for anything else, such as the binary form of GNU. */
function octalAt(block: Buffer, start: number, length: number): number | undefined {
  const [, digits] = /^([0-7]+)[\0 ]{1,2}$/.exec(block.toString('latin1', start, start + length)) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** A text that is filled up with zeros; undefined when anything follows them. */
function textAt(block: Buffer, start: number, length: number): string | undefined {
  return /^([^\0]*)\0*$/.exec(block.toString('latin1', start, start + length))?.[1];
}
