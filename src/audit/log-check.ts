import { Frontier, HASH_BYTES, nodeHash, TileEdge, tilePath } from '../transparency/index.js';
import type { BundleFile, BundleIndex } from './bundle-file.js';
import type { Finding } from './finding.js';
import { SEGMENT_EVENTS, segmentMembers, tilesOf } from './layout.js';
import type { Cut, SegmentResult } from './segment-check.js';

/** Stands for a segment that cannot be read; no hash is this one. */
const NO_ROOT = Buffer.alloc(HASH_BYTES);

/** The tree over all segments: its root at each checkpoint, and its tiles above those of the events. */
export class LogCheck {
  /** Of the full segments so far: each is a perfect subtree, and so a leaf of this smaller tree, whose tiles grow with it. */
  private readonly segments = Frontier.empty();
  private readonly tiles = new TileEdge(this.segments, []);
  private readonly kept = new Map<number, Buffer>();
  private soundSize = 0;
  private differsFrom: number | null = null;

  constructor(
    private readonly size: number,
    private readonly report: (finding: Finding) => void,
  ) {}

  /** The root at a cut that was asked for. */
  rootAt(size: number): Buffer | undefined {
    return this.kept.get(size);
  }

  /** The root that the events up to a cut have; compared with what its checkpoint says. */
  cut({ size, frontier, sealedRoot }: Cut, isKept: boolean): void {
    const root = rootOf(Buffer.concat([this.segments.bytes(), Buffer.from(frontier, 'latin1')]));
    if (isKept) this.kept.set(size, root);
    if (sealedRoot === null || this.differsFrom !== null) return;
    if (root.toString('base64') === sealedRoot) {
      this.soundSize = size;
      return;
    }
    // Every later root differs too, and says nothing more.
    this.differsFrom = size;
    const n = Math.floor((size - 1) / SEGMENT_EVENTS);
    const between = this.soundSize === size - 1 ? `${this.soundSize}` : `${this.soundSize} to ${size - 1}`;
    this.report({
      code: 'root_differs',
      at: { index: this.soundSize, member: segmentMembers(n, SEGMENT_EVENTS)[2] },
      what:
        `The events up to ${size} have the root ${root.toString('base64')}, and the checkpoint of that size says ` +
        `${sealedRoot}: an event from ${between} was changed, added, removed or moved.`,
    });
  }

  /** The end of a segment. */
  segment({ n, frontier }: SegmentResult): void {
    if ((n + 1) * SEGMENT_EVENTS > this.size) return; // the last one, which is not full
    const root = frontier.length === HASH_BYTES ? Buffer.from(frontier, 'latin1') : NO_ROOT;
    this.tiles.append(root);
  }

  /** The tiles of the levels above the events. */
  finish(file: BundleFile, index: BundleIndex): void {
    const grown = new Map(this.tiles.changed().map(({ level, n, hashes }) => [`${level + 1}/${n}`, hashes]));
    let at = 0;
    for (const place of tilesOf(this.size)) {
      const span = place.level === 0 ? undefined : index.upperTiles[at++];
      if (!span) continue;
      if (grown.get(`${place.level}/${place.n}`)?.equals(file.read(span))) continue;
      const member = tilePath(place);
      this.report({
        code: 'tile_differs',
        at: { member },
        what: `${member} does not have the hashes of the tiles below it.`,
      });
    }
  }
}

/** The root over perfect subtrees, largest first (RFC 6962 section 2.1). */
function rootOf(hashes: Buffer): Buffer {
  let root: Buffer | null = null;
  for (let end = hashes.length; end > 0; end -= HASH_BYTES) {
    const left = hashes.subarray(end - HASH_BYTES, end);
    root = root ? nodeHash(left, root) : left;
  }
  return root ?? Buffer.alloc(0);
}
