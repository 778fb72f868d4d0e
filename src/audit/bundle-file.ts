import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { HASH_BYTES, tilePath } from '../transparency/index.js';
import type { Finding } from './finding.js';
import { ANCHOR, HEAD, SEGMENT_EVENTS, segmentCount, segmentMembers, segmentWidth, tilesOf } from './layout.js';
import { type Manifest, notABundle, parseManifest } from './manifest.js';
import { FETCH_AGAIN, UnreadableError } from './unreadable.js';
import { BLOCK_BYTES, isZeros, paddingLength, parseUstarHeader, type UstarMember } from './ustar.js';

/** Where a member's bytes are in the file. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** How long what is read as a whole can be. */
const TEXT_MAX = 1 << 20;
const ACCOUNTS_MAX = 1 << 26;
const ENTRIES_MAX = SEGMENT_EVENTS * (2 + 0xffff);
const LINES_MAX = Number.MAX_SAFE_INTEGER;

/** The hash tile is the one of level 0 over the same events. */
export interface SegmentSpans {
  readonly entries: Span;
  readonly transfers: Span;
  readonly checkpoints: Span;
  readonly tile: Span;
}

/** Where everything is, of a file that is whole and in order. */
export interface BundleIndex {
  readonly manifest: Manifest;
  readonly head: { readonly [Name in (typeof HEAD)[number]]: Span };
  segment(n: number): SegmentSpans;
  /** The hash tiles above level 0, in order. */
  readonly upperTiles: readonly Span[];
  readonly anchor: { readonly [Name in (typeof ANCHOR)[number]]: Span } | null;
}

/** A file that is read by places. Every thread opens its own. */
export class BundleFile {
  private constructor(
    private readonly descriptor: number,
    readonly length: number,
  ) {}

  /** @throws UnreadableError when there is no such file, or it is not a plain one */
  static open(path: string): BundleFile {
    let descriptor: number;
    try {
      // Without waiting: a pipe that nobody writes to would never open.
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      throw new UnreadableError(
        `${path} cannot be opened (${(error as { code?: string }).code ?? 'unknown error'}).`,
        'Give the path of a bundle that you may read.',
      );
    }
    const stat = fstatSync(descriptor);
    if (stat.isFile()) return new BundleFile(descriptor, stat.size);
    closeSync(descriptor);
    throw new UnreadableError(`${path} is not a file.`, 'Store the bundle in a file first.');
  }

  /** The bytes of a place. A file that shrinks while it is read is unreadable. */
  read({ offset, length }: Span, into: Buffer = Buffer.allocUnsafe(length)): Buffer {
    let done = 0;
    while (done < length) {
      const count = readSync(this.descriptor, into, done, length - done, offset + done);
      if (count === 0) throw new UnreadableError('The file became shorter while it was read.', FETCH_AGAIN);
      done += count;
    }
    return into.subarray(0, length);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A bundle that is not made up as it must be: whole as a file, but members are missing, added or moved. */
export class StructureError extends Error {
  constructor(readonly finding: Finding) {
    super(finding.what);
  }
}

/**
 * Goes through the headers of the archive once, without reading what is between them.
 *
 * @throws UnreadableError for what is no bundle, is damaged, or ends too early
 * @throws StructureError where the members are not those that the manifest's size asks for
 */
export function indexBundle(file: BundleFile): BundleIndex {
  const walk = new Walk(file);
  const manifestSpan = walk.first();
  const manifest = parseManifest(file.read(manifestSpan).toString('utf8'));
  const head = {
    'bundle.json': manifestSpan,
    keys: walk.next('keys', TEXT_MAX),
    checkpoint: walk.next('checkpoint', TEXT_MAX),
    accounts: walk.next('accounts', ACCOUNTS_MAX),
  };
  const places: number[] = [];
  const keep = ({ offset, length }: Span) => places.push(offset, length);
  const segments = segmentCount(manifest.size);
  for (let n = 0; n < segments; n++) {
    const [entries, transfers, checkpoints] = segmentMembers(n, segmentWidth(n, manifest.size));
    keep(walk.next(entries, ENTRIES_MAX));
    keep(walk.next(transfers, LINES_MAX));
    keep(walk.next(checkpoints, LINES_MAX));
  }
  const tiles: number[] = [];
  const upperTiles: Span[] = [];
  for (const tile of tilesOf(manifest.size)) {
    const span = walk.next(tilePath(tile), tile.width * HASH_BYTES);
    if (tile.level === 0) tiles.push(span.offset, span.length);
    else upperTiles.push(span);
  }
  const anchor = walk.anchor();
  const span = (from: readonly number[], at: number): Span => ({ offset: from[at] ?? 0, length: from[at + 1] ?? 0 });
  const segment = (n: number) => ({
    entries: span(places, 6 * n),
    transfers: span(places, 6 * n + 2),
    checkpoints: span(places, 6 * n + 4),
    tile: span(tiles, 2 * n),
  });
  return { manifest, head, segment, upperTiles, anchor };
}

/** Steps from header to header. */
class Walk {
  private at = 0;
  private before: string | null = null;
  private readonly block = Buffer.alloc(BLOCK_BYTES);

  constructor(private readonly file: BundleFile) {}

  /** The manifest, which says what follows. What does not begin with one is no bundle. */
  first(): Span {
    if (this.file.length === 0) throw new UnreadableError('The file is empty.', FETCH_AGAIN);
    this.file.read({ offset: 0, length: Math.min(BLOCK_BYTES, this.file.length) }, this.block);
    if (this.block[0] === 0x1f && this.block[1] === 0x8b) {
      throw new UnreadableError('The file is compressed.', 'Unpack it first, with gunzip.');
    }
    if (this.block.toString('latin1', 0, HEAD[0].length + 1) !== `${HEAD[0]}\0`) throw notABundle();
    return this.next(HEAD[0], TEXT_MAX);
  }

  next(name: string, lengthMax: number): Span {
    const member = this.step();
    if (member?.name !== name) throw misplaced(name, member, this.before);
    if (member.length > lengthMax) {
      throw new StructureError({
        code: 'member_too_long',
        at: { member: name },
        what: `${name} has ${member.length} bytes, and can have ${lengthMax} at most.`,
      });
    }
    this.before = name;
    return member;
  }

  /** The last members, if there are any, and the end of the archive, behind which nothing stands. */
  anchor(): { readonly [Name in (typeof ANCHOR)[number]]: Span } | null {
    const found = this.step();
    if (!found) {
      this.end();
      return null;
    }
    const [checkpoint, entry, proof] = ANCHOR;
    if (found.name !== checkpoint) throw misplaced(undefined, found, this.before);
    this.before = checkpoint;
    const anchor = { [checkpoint]: found, [entry]: this.next(entry, TEXT_MAX), [proof]: this.next(proof, TEXT_MAX) };
    const added = this.step();
    if (added) throw misplaced(undefined, added, this.before);
    this.end();
    return anchor;
  }

  /** The next member; null at the end of the archive. */
  private step(): (Span & { name: string }) | null {
    const offset = this.at;
    if (offset + BLOCK_BYTES > this.file.length) throw this.cutOff(offset);
    this.file.read({ offset, length: BLOCK_BYTES }, this.block);
    const member = parseUstarHeader(this.block, offset);
    if (!member) return null;
    this.at = this.behind(member);
    return { name: member.name, offset: offset + BLOCK_BYTES, length: member.size };
  }

  /** Where the next header is; what fills the last block is zeros. */
  private behind({ name, size }: UstarMember): number {
    const end = this.at + BLOCK_BYTES + size;
    const fill = paddingLength(size);
    if (end + fill > this.file.length) throw this.cutOff(this.at, name);
    if (fill > 0 && !isZeros(this.file.read({ offset: end, length: fill }, this.block))) {
      throw new UnreadableError(`The archive is damaged at byte ${end}, behind ${name}.`, FETCH_AGAIN);
    }
    return end + fill;
  }

  /** Zeros only, and two blocks of them at least. */
  private end(): void {
    if (this.at + 2 * BLOCK_BYTES > this.file.length) throw this.cutOff(this.at);
    const rest = Buffer.alloc(1 << 16);
    for (let at = this.at; at < this.file.length; at += rest.length) {
      const length = Math.min(rest.length, this.file.length - at);
      if (isZeros(this.file.read({ offset: at, length }, rest))) continue;
      throw new UnreadableError(`Something stands behind the end of the archive, at byte ${at} or later.`, FETCH_AGAIN);
    }
  }

  private cutOff(offset: number, inside?: string): UnreadableError {
    const where = inside === undefined ? `after ${this.before ?? 'nothing'}` : `inside ${inside}`;
    return new UnreadableError(
      `The file ends too early: it has ${this.file.length} bytes and ends ${where}, which begins before byte ${offset + BLOCK_BYTES}. ` +
        'The download was cut off; that says nothing about the books.',
      FETCH_AGAIN,
    );
  }
}

function misplaced(
  expected: string | undefined,
  found: { name: string } | null,
  before: string | null,
): StructureError {
  const place = `behind ${before ?? 'the beginning'}`;
  if (expected === undefined) {
    const name = found?.name ?? '';
    return new StructureError({
      code: 'member_unexpected',
      at: { member: name },
      what: `${name} stands ${place}, where nothing may.`,
    });
  }
  return new StructureError({
    code: 'member_missing',
    at: { member: expected },
    what: `${expected} is not ${place}, where it belongs${found ? `; ${found.name} is there` : ''}.`,
  });
}
