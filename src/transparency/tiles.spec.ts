import fc from 'fast-check';
import { naiveRoot, naiveTile, numberedLeaves } from '../../test/support/naive-tree.js';
import {
  entriesPath,
  entryBundle,
  Frontier,
  leafHash,
  MalformedError,
  parseEntryBundle,
  TileEdge,
  tilePath,
  tileWidth,
  type GrownTile,
} from './index.js';

describe('tilePath', () => {
  // C2SP tlog-tiles.
  it.each([
    [0, 0, 256, 'tile/0/000'],
    [0, 0, 1, 'tile/0/000.p/1'],
    [1, 67, 255, 'tile/1/067.p/255'],
    [0, 999, 256, 'tile/0/999'],
    [0, 1_000, 256, 'tile/0/x001/000'],
    [2, 1_234_067, 256, 'tile/2/x001/x234/067'],
    [0, 1_234_067, 8, 'tile/0/x001/x234/067.p/8'],
    [0, 35_184_372_088_831, 256, 'tile/0/x035/x184/x372/x088/831'],
  ])('names tile %i/%i of width %i', (level, n, width, path) => {
    expect(tilePath({ level, n, width })).toBe(path);
  });

  it('names bundles of entries the same way', () => {
    expect(entriesPath(1_234_067, 256)).toBe('tile/entries/x001/x234/067');
    expect(entriesPath(5, 17)).toBe('tile/entries/005.p/17');
  });

  it.each([
    [-1, 0, 256],
    [0, -1, 256],
    [0, 1.5, 256],
    [0, 0, 0],
    [0, 0, 257],
  ])('refuses tile %d/%d of width %d', (level, n, width) => {
    expect(() => tilePath({ level, n, width })).toThrow(RangeError);
  });

  // C2SP tlog-tiles, Partial Tiles: the tree of 70,000.
  it.each([
    [0, 272, 256],
    [0, 273, 112],
    [0, 274, 0],
    [1, 0, 256],
    [1, 1, 17],
    [2, 0, 1],
    [3, 0, 0],
  ])('gives tile %i/%i of a tree of 70,000 the width %i', (level, n, width) => {
    expect(tileWidth(level, n, 70_000)).toBe(width);
  });
});

describe('an entry bundle', () => {
  it('puts a big-endian length before each entry', () => {
    expect(entryBundle([Buffer.from('abc'), Buffer.alloc(0), Buffer.alloc(258, 7)])).toEqual(
      Buffer.concat([Buffer.from([0, 3]), Buffer.from('abc'), Buffer.from([0, 0, 1, 2]), Buffer.alloc(258, 7)]),
    );
  });

  it('gives back what went in, from the middle of other bytes too', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (entries) => {
        const around = Buffer.concat([Buffer.of(9), entryBundle(entries), Buffer.of(9)]);
        expect(parseEntryBundle(around.subarray(1, -1))).toEqual(entries.map((entry) => Buffer.from(entry)));
      }),
    );
  });

  it('refuses an entry whose length needs more than 16 bits', () => {
    expect(parseEntryBundle(entryBundle([Buffer.alloc(65_535)]))).toHaveLength(1);
    expect(() => entryBundle([Buffer.alloc(65_536)])).toThrow(RangeError);
  });

  it.each([[[0]], [[0, 1]], [[0, 0, 0]], [[0, 2, 1]], [[0, 1, 1, 255]]])(
    'does not read past the end of %j',
    (bytes) => {
      expect(() => parseEntryBundle(Buffer.from(bytes))).toThrow(MalformedError);
    },
  );
});

type Stored = Map<string, Buffer>;

/** Does what a store does with grown tiles, and sees that each continues what is there. */
function store(tiles: Stored, grown: readonly GrownTile[]): void {
  for (const { level, n, width, hashes, from } of grown) {
    const key = `${level}/${n}`;
    expect(hashes).toHaveLength(32 * width);
    expect(hashes.subarray(0, 32 * from)).toEqual(tiles.get(key) ?? Buffer.alloc(0));
    tiles.set(key, hashes);
  }
}

/** The frontier of these leaves. */
function frontierOf(hashes: readonly Buffer[]): Frontier {
  const frontier = Frontier.empty();
  for (const hash of hashes) frontier.append(hash);
  return frontier;
}

function rightmost(tiles: Stored): { level: number; n: number; hashes: Buffer }[] {
  return [...tiles].map(([key, hashes]) => {
    const [level = 0, n = 0] = key.split('/').map(Number);
    return { level, n, hashes };
  });
}

describe('TileEdge', () => {
  it('makes the tiles of the definition, in whatever chunks leaves arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 6 }), (chunks) => {
        const leaves = numberedLeaves(chunks.reduce((sum, chunk) => sum + chunk, 0));
        const tiles: Stored = new Map();
        const frontier = Frontier.empty();
        for (const chunk of chunks) {
          const edge = new TileEdge(frontier, rightmost(tiles));
          for (const leaf of leaves.slice(frontier.size, frontier.size + chunk)) edge.append(leafHash(leaf));
          store(tiles, edge.changed());
        }
        const { size } = frontier;
        expect(frontier.root()).toEqual(naiveRoot(leaves));
        const expected = new Map<string, Buffer>();
        for (let level = 0; 256 ** level <= size; level++) {
          for (let n = 0; n * 256 ** (level + 1) < size; n++) {
            const hashes = naiveTile(level, n, leaves);
            if (hashes.length > 0) expected.set(`${level}/${n}`, hashes);
          }
        }
        expect(tiles).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('fills two levels above the leaves at 65,536, and stands on the right edge afterwards', () => {
    const hash = leafHash(Buffer.of(1));
    const frontier = Frontier.empty();
    const edge = new TileEdge(frontier, []);
    for (let leaf = 0; leaf < 65_536; leaf++) edge.append(hash);
    const tiles: Stored = new Map();
    store(tiles, edge.changed());
    expect(tiles.size).toBe(256 + 1 + 1);
    expect(tiles.get('2/0')).toEqual(frontier.root());

    const next = new TileEdge(
      frontier,
      rightmost(tiles).filter(({ level }) => level === 2),
    );
    next.append(hash);
    expect(next.changed()).toEqual([{ level: 0, n: 256, width: 1, from: 0, hashes: hash }]);
  });

  it('says what grew and from where, and nothing when nothing did', () => {
    const leaves = numberedLeaves(256);
    const before = leaves.slice(0, 255).map(leafHash);
    const edge = new TileEdge(frontierOf(before), [{ level: 0, n: 0, hashes: Buffer.concat(before) }]);
    expect(edge.changed()).toEqual([]);
    edge.append(leafHash(leaves[255] ?? Buffer.of()));
    expect(edge.changed().map(({ level, n, width, from }) => ({ level, n, width, from }))).toEqual([
      { level: 0, n: 0, width: 256, from: 255 },
      { level: 1, n: 0, width: 1, from: 0 },
    ]);
    expect(edge.changed()[1]?.hashes).toEqual(naiveRoot(leaves));
  });

  it('does not change an answer that it has given', () => {
    const edge = new TileEdge(Frontier.empty(), []);
    edge.append(leafHash(Buffer.of(1)));
    const before = edge.changed();
    edge.append(leafHash(Buffer.of(2)));
    expect(before).toEqual([{ level: 0, n: 0, width: 1, from: 0, hashes: leafHash(Buffer.of(1)) }]);
  });

  it('refuses to grow from tiles that are not those of its size', () => {
    const hashes = (width: number) => ({ level: 0, n: 0, hashes: Buffer.alloc(32 * width) });
    const of = (size: number) => frontierOf(Array.from({ length: size }, () => Buffer.alloc(32)));
    expect(() => new TileEdge(of(3), [])).toThrow('tile 0/0 holds 3 hashes, not 0');
    expect(() => new TileEdge(of(3), [hashes(2)])).toThrow('tile 0/0 holds 3 hashes, not 2');
    expect(() => new TileEdge(of(3), [hashes(4)])).toThrow(RangeError);
    expect(() => new TileEdge(of(257), [{ level: 0, n: 1, hashes: Buffer.alloc(32) }])).toThrow(
      'tile 1/0 holds 1 hashes',
    );
    expect(() => new TileEdge(of(0), []).append(Buffer.alloc(31))).toThrow(RangeError);
  });
});
