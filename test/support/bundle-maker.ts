import { createHash, type KeyObject } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type Anchor,
  type BundleSource,
  type BundleTransfer,
  type SealedSize,
  type TilePlace,
  transferLine,
  writeBundle,
} from '../../src/audit/index.js';
import type { Transfer } from '../../src/ledger/rules.js';
import {
  cosignatureSigner,
  formatCheckpoint,
  formatTlogProof,
  Frontier,
  HASH_BYTES,
  inclusionProof,
  leafHash,
  noteSigner,
  type NoteSigner,
  signingKey,
  signNote,
  TileEdge,
  verifierKey,
} from '../../src/transparency/index.js';
import { type BooksSetting, MadeBooks } from './made-books.js';
import type { MadeEvent } from './made-journal.js';

export interface MakeOptions extends Partial<BooksSetting> {
  readonly events: number;
  /** A pass of the sealer ends after so many events, and at the end. */
  readonly passEvery?: number;
  /** Of what makes the signing key: other seeds are other signers. */
  readonly seed?: string;
  readonly isAnchored?: boolean;
  /** Of the witness that saw the platform's log. */
  readonly witness?: string;
}

export const LOG_NAME = 'made.wellpaid.example';
export const WITNESS_NAME = 'witness.example/w1';
export const PLATFORM_ORIGIN = `${LOG_NAME}/01a20000-0000-7000-8000-00000000000f`;
const SEALED_AT = '2026-11-25T09:00:00.000Z';

/** What was made of the log before the bundle is written: a bundle begins with the checkpoint of its end. */
export interface MadeLog {
  readonly origin: string;
  readonly root: Buffer;
  readonly sealed: readonly SealedSize[];
  readonly keys: readonly string[];
  readonly source: BundleSource;
}

/**
 * A whole bundle of valid books of any size, without a database. The books are played twice, once for the tree and once for
 * the bundle, so that a million events are never in memory together.
 */
export function madeLog({
  events,
  passEvery = 50,
  contracts = 2,
  sessions = 5,
  seed = 'made',
  isAnchored = true,
  witness,
}: MakeOptions): MadeLog {
  const setting = { contracts, sessions };
  const key = keyOf(seed);
  const origin = `${LOG_NAME}/${new MadeBooks(setting).commissionerId}`;
  const { frontier, edge, sealed } = grow(new MadeBooks(setting), { events, passEvery, origin, key });
  const root = frontier.root();
  const checkpoint = formatCheckpoint({ origin, size: events, root });
  const keys = [verifierKey(origin, key), verifierKey(PLATFORM_ORIGIN, key)];
  const books = new MadeBooks(setting);
  const accounts = books.accounts();
  const segments = new Segments(books.events());
  const tiles = new Map(edge.changed().map(({ level, n, hashes }) => [`${level}/${n}`, hashes]));
  const source: BundleSource = {
    manifest: {
      origin,
      commissionerId: books.commissionerId,
      size: events,
      madeAt: new Date(SEALED_AT),
      platformOrigin: PLATFORM_ORIGIN,
    },
    keys,
    checkpoint: signNote(checkpoint, [noteSigner(origin, key)]),
    anchor: isAnchored ? anchored(checkpoint, platformSigners(key, witness)) : null,
    accounts: () => Promise.resolve(accounts),
    entries: (first, count) => Promise.resolve(segments.read(first, count).map(({ body }) => body)),
    transfers: (first, count) => Promise.resolve(linesOf(segments.read(first, count), first)),
    sealedSizes: (first, last) => Promise.resolve(sealed.filter(({ size }) => size >= first && size <= last)),
    tile: ({ level, n, width }: TilePlace) =>
      Promise.resolve((tiles.get(`${level}/${n}`) ?? Buffer.alloc(0)).subarray(0, width * HASH_BYTES)),
  };
  return { origin, root, sealed, keys, source };
}

/** The bundle in memory, for small ones. */
export async function madeBundle(options: MakeOptions): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of writeBundle(madeLog(options).source)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The bundle as a file, for large ones. */
export async function writeMadeBundle(path: string, options: MakeOptions): Promise<void> {
  await pipeline(Readable.from(writeBundle(madeLog(options).source), { objectMode: false }), createWriteStream(path));
}

export function keyOf(seed: string): KeyObject {
  return signingKey(createHash('sha256').update(seed).digest());
}

function grow(
  books: MadeBooks,
  { events, passEvery, origin, key }: { events: number; passEvery: number; origin: string; key: KeyObject },
): { frontier: Frontier; edge: TileEdge; sealed: SealedSize[] } {
  const frontier = Frontier.empty();
  const edge = new TileEdge(frontier, []);
  const sealed: SealedSize[] = [];
  for (const { body } of books.events()) {
    const leaf = leafHash(body);
    edge.append(leaf);
    const { size } = frontier;
    if (size % passEvery === 0 || size === events) {
      const root = frontier.root();
      const note = signNote(formatCheckpoint({ origin, size, root }), [noteSigner(origin, key)]);
      sealed.push({ size, root: root.toString('base64'), sealedAt: SEALED_AT, note });
    }
    if (size === events) break;
  }
  return { frontier, edge, sealed };
}

/** The platform's log holds checkpoints of three commissioners; ours is the second. */
function anchored(checkpoint: string, signers: readonly NoteSigner[]): Anchor {
  const entries = ['another log\n', checkpoint, 'a third log\n'].map((text) => leafHash(Buffer.from(text)));
  const frontier = Frontier.empty();
  for (const leaf of entries) frontier.append(leaf);
  const platform = formatCheckpoint({ origin: PLATFORM_ORIGIN, size: entries.length, root: frontier.root() });
  const note = signNote(platform, signers);
  const proof = inclusionProof(1, entries.length, () => Buffer.concat(entries));
  return { checkpoint: note, entry: checkpoint, proof: formatTlogProof({ index: 1, proof, checkpoint: note }) };
}

function platformSigners(key: KeyObject, witness: string | undefined): NoteSigner[] {
  const cosigner = witness === undefined ? [] : [cosignatureSigner(WITNESS_NAME, keyOf(witness), new Date(SEALED_AT))];
  return [noteSigner(PLATFORM_ORIGIN, key), ...cosigner];
}

/** Reads the books on, a segment at a time; the segment read last can be read again. */
class Segments {
  private first = 0;
  private kept: MadeEvent[] = [];

  constructor(private readonly events: Generator<MadeEvent>) {}

  read(first: number, count: number): readonly MadeEvent[] {
    if (first !== this.first || this.kept.length === 0) {
      this.first = first;
      this.kept = Array.from({ length: count }, () => this.events.next().value as MadeEvent);
    }
    return this.kept;
  }
}

function linesOf(events: readonly MadeEvent[], first: number): { length: number; pieces: AsyncIterable<string> } {
  const lines = events.flatMap(({ transfers }, offset) =>
    transfers.map((transfer) => transferLine(bundled(transfer, first + offset))),
  );
  const text = lines.join('');
  return { length: text.length, pieces: Readable.from([text]) };
}

export function bundled(transfer: Transfer, eventIndex: number): BundleTransfer {
  const { id, debitAccountId, creditAccountId, amountMinor, effectiveOn, claimId, reversesId } = transfer;
  return {
    eventIndex,
    id,
    debit: debitAccountId,
    credit: creditAccountId,
    amountMinor: String(amountMinor),
    effectiveOn,
    claimId,
    reversesId,
  };
}
