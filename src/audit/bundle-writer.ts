import { entryBundle, tilePath } from '../transparency/index.js';
import {
  ANCHOR,
  HEAD,
  SEGMENT_EVENTS,
  segmentCount,
  segmentMembers,
  segmentWidth,
  tilesOf,
  type TilePlace,
} from './layout.js';
import { accountLine, sealedSizeLine, type SealedSize } from './lines.js';
import { type Manifest, manifestText } from './manifest.js';
import type { BundleAccount } from './segment.js';
import { ARCHIVE_END, padding, ustarHeader } from './ustar.js';

/** The lines of a segment's transfers, whose length an archive says before the first of them is read. */
export interface TransferLines {
  /** In bytes. */
  readonly length: number;
  /** In order of their events, then of their ids; each piece is whole lines. */
  readonly pieces: AsyncIterable<string>;
}

/** Where the platform's log has a checkpoint of this log: the texts of `platform/…`. */
export interface Anchor {
  readonly checkpoint: string;
  /** The leaf: the text of this log's checkpoint. */
  readonly entry: string;
  /** C2SP tlog-proof that the leaf is in the platform's log. */
  readonly proof: string;
}

/** What a bundle is made of. The writer asks for one thing after the other, in the order of the bundle, each once. */
export interface BundleSource {
  readonly manifest: Manifest;
  /** Verifier keys of C2SP signed-note, of both logs. */
  readonly keys: readonly string[];
  /** The signed note of exactly the manifest's size. */
  readonly checkpoint: string;
  readonly anchor: Anchor | null;
  /** In order of their ids. */
  accounts(): Promise<readonly BundleAccount[]>;
  /** The bodies of the events from `first` on, byte for byte. */
  entries(first: number, count: number): Promise<readonly Uint8Array[]>;
  transfers(first: number, count: number): Promise<TransferLines>;
  /** The checkpoints of these sizes, `first` and `last` included, in order. */
  sealedSizes(first: number, last: number): Promise<readonly SealedSize[]>;
  /** The concatenated hashes of a tile, exactly as many as it is wide. */
  tile(place: TilePlace): Promise<Uint8Array>;
}

/** A bundle, piece by piece: at no time is more in memory than one segment's entries, or one page of transfers. */
export async function* writeBundle(source: BundleSource): AsyncGenerator<Buffer> {
  const { manifest, anchor } = source;
  const member = (name: string, content: Uint8Array | string) => whole(name, content, manifest.madeAt);
  const accounts = (await source.accounts()).map(accountLine).join('');
  const head = [manifestText(manifest), `${source.keys.join('\n')}\n`, source.checkpoint, accounts];
  for (const [index, name] of HEAD.entries()) yield member(name, head[index] ?? '');
  for (let n = 0; n < segmentCount(manifest.size); n++) yield* segment(source, n);
  for (const place of tilesOf(manifest.size)) yield member(tilePath(place), await source.tile(place));
  if (anchor) {
    const texts = [anchor.checkpoint, anchor.entry, anchor.proof];
    for (const [index, name] of ANCHOR.entries()) yield member(name, texts[index] ?? '');
  }
  yield ARCHIVE_END;
}

async function* segment(source: BundleSource, n: number): AsyncGenerator<Buffer> {
  const { size, madeAt } = source.manifest;
  const width = segmentWidth(n, size);
  const first = n * SEGMENT_EVENTS;
  const [entries, transfers, checkpoints] = segmentMembers(n, width);
  yield whole(entries, entryBundle(await source.entries(first, width)), madeAt);
  yield* streamed(transfers, await source.transfers(first, width), madeAt);
  const sealed = await source.sealedSizes(first + 1, first + width);
  yield whole(checkpoints, sealed.map(sealedSizeLine).join(''), madeAt);
}

function whole(name: string, content: Uint8Array | string, madeAt: Date): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([ustarHeader({ name, size: bytes.length }, madeAt), bytes, padding(bytes.length)]);
}

async function* streamed(name: string, { length, pieces }: TransferLines, madeAt: Date): AsyncGenerator<Buffer> {
  yield ustarHeader({ name, size: length }, madeAt);
  let written = 0;
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    written += bytes.length;
    yield bytes;
  }
  if (written !== length) throw new Error(`${name} came to ${written} bytes, not ${length}`);
  yield padding(length);
}
