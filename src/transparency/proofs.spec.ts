import fc from 'fast-check';
import {
  CT_LEAVES,
  CT_ROOTS,
  naiveConsistency,
  naiveInclusion,
  naiveRoot,
  numberedLeaves,
} from '../../test/support/naive-tree.js';
import {
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  TileEdge,
  tilePath,
  tilesOfConsistency,
  tilesOfInclusion,
  tilesOfRoot,
  verifyConsistency,
  verifyInclusion,
  type TileAddress,
  type TileHashes,
} from './index.js';

function hex(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString('hex'));
}

/** A log that gives out the tiles it was asked to prepare, no wider than asked. */
function log(hashes: readonly Buffer[]): (addresses: readonly TileAddress[]) => TileHashes {
  const edge = new TileEdge(Frontier.empty(), []);
  for (const hash of hashes) edge.append(hash);
  const tiles = new Map(edge.changed().map((tile) => [`${tile.level}/${tile.n}`, tile]));
  return (addresses) => {
    const fetched = new Map<string, Buffer>();
    for (const { level, n, width } of addresses) {
      const tile = tiles.get(`${level}/${n}`);
      if (!tile || tile.width < width) throw new Error(`there is no ${tilePath({ level, n, width })}`);
      fetched.set(`${level}/${n}`, tile.hashes.subarray(0, 32 * width));
    }
    return (level, n) => {
      const hashesOf = fetched.get(`${level}/${n}`);
      if (!hashesOf) throw new Error(`tile ${level}/${n} was not asked for`);
      return hashesOf;
    };
  };
}

function flip(bytes: Uint8Array, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ 0x08;
  return flipped;
}

const ct = log(CT_LEAVES.map(leafHash));

/** transparency-dev/merkle, proof/verify_test.go; its leaves count from 1. */
const INCLUSION: [leaf: number, size: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [3, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    2,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const CONSISTENCY: [from: number, to: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];

describe('the published proofs', () => {
  it.each(INCLUSION)('lead from leaf %i to the root of %i', (leaf, size, expected) => {
    const proof = inclusionProof(leaf - 1, size, ct(tilesOfInclusion(leaf - 1, size)));
    expect(hex(proof)).toEqual(expected);
    const hash = leafHash(CT_LEAVES[leaf - 1] ?? Buffer.of());
    expect(verifyInclusion(hash, leaf - 1, size, proof, CT_ROOTS[size] ?? EMPTY_ROOT)).toBe(true);
  });

  it.each(CONSISTENCY)('lead from the tree of %i to the tree of %i', (from, to, expected) => {
    const proof = consistencyProof(from, to, ct(tilesOfConsistency(from, to)));
    expect(hex(proof)).toEqual(expected);
    expect(verifyConsistency(from, to, proof, CT_ROOTS[from] ?? EMPTY_ROOT, CT_ROOTS[to] ?? EMPTY_ROOT)).toBe(true);
  });
});

const LEAVES = numberedLeaves(700);
const HASHES = LEAVES.map(leafHash);
const tilesFor = log(HASHES);
const ROOTS = rootsOf(HASHES);

function rootsOf(hashes: readonly Buffer[]): Buffer[] {
  const frontier = Frontier.empty();
  return [
    frontier.root(),
    ...hashes.map((hash) => {
      frontier.append(hash);
      return frontier.root();
    }),
  ];
}

/** A size and something smaller, which is often on the edge of a tile or of a power of two. */
const sizes = fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 513, 700));
const leafOfTree = sizes.chain((size) => fc.record({ size: fc.constant(size), index: fc.nat({ max: size - 1 }) }));
const twoSizes = sizes.chain((to) => fc.record({ to: fc.constant(to), from: fc.integer({ min: 1, max: to }) }));

describe('an inclusion proof', () => {
  const prove = (index: number, size: number) => inclusionProof(index, size, tilesFor(tilesOfInclusion(index, size)));

  it('is the path of the definition, and is believed', () => {
    fc.assert(
      fc.property(leafOfTree, ({ index, size }) => {
        const proof = prove(index, size);
        expect(proof).toEqual(naiveInclusion(index, LEAVES.slice(0, size)));
        expect(verifyInclusion(HASHES[index] ?? EMPTY_ROOT, index, size, proof, ROOTS[size] ?? EMPTY_ROOT)).toBe(true);
      }),
    );
  });

  it('proves nothing once anything is another', () => {
    fc.assert(
      fc.property(leafOfTree, fc.nat(), fc.nat(), fc.nat(), ({ index, size }, byte, which, other) => {
        const [hash, root, proof] = [HASHES[index] ?? EMPTY_ROOT, ROOTS[size] ?? EMPTY_ROOT, prove(index, size)];
        const at = byte % 32;
        const lie = which % Math.max(1, proof.length);
        expect(verifyInclusion(flip(hash, at), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(hash, index, size, proof, flip(root, at))).toBe(false);
        expect(verifyInclusion(hash, index, size * 2, proof, root)).toBe(false);
        expect(verifyInclusion(hash, index, Math.floor(size / 2), proof, root)).toBe(false);
        expect(verifyInclusion(hash, index, size, [...proof, root], root)).toBe(false);
        expect(verifyInclusion(hash, index, size, [root, ...proof], root)).toBe(false);
        expect(verifyInclusion(hash, index, size, [...proof, Buffer.alloc(0)], root)).toBe(false);
        if (other % size !== index) expect(verifyInclusion(hash, other % size, size, proof, root)).toBe(false);
        if (proof.length === 0) return;
        const changed = proof.map((sibling, position) => (position === lie ? flip(sibling, at) : sibling));
        expect(verifyInclusion(hash, index, size, changed, root)).toBe(false);
        expect(verifyInclusion(hash, index, size, proof.toSpliced(lie, 1), root)).toBe(false);
      }),
    );
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 1],
    [-1, 1],
    [0.5, 2],
    [0, 2 ** 53],
  ])('is refused for leaf %d of %d', (index, size) => {
    expect(() => tilesOfInclusion(index, size)).toThrow(RangeError);
    expect(() => inclusionProof(index, size, () => Buffer.alloc(8_192))).toThrow(RangeError);
    expect(verifyInclusion(EMPTY_ROOT, index, size, [], EMPTY_ROOT)).toBe(false);
  });

  it('ends at the root: hashes beyond it are no proof, even of a root made to fit', () => {
    const [hash, beyond] = HASHES as [Buffer, Buffer];
    expect(verifyInclusion(hash, 0, 1, [beyond], nodeHash(beyond, hash))).toBe(false);
    expect(verifyInclusion(hash, 0, 1, [beyond], nodeHash(hash, beyond))).toBe(false);
  });

  it('is believed of no leaf or root that is not a hash', () => {
    const hash = HASHES[0] ?? EMPTY_ROOT;
    expect(verifyInclusion(hash, 0, 1, [], hash)).toBe(true);
    expect(verifyInclusion(Buffer.alloc(0), 0, 1, [], Buffer.alloc(0))).toBe(false);
    expect(verifyInclusion(hash.subarray(1), 0, 1, [], hash.subarray(1))).toBe(false);
  });
});

describe('a consistency proof', () => {
  const prove = (from: number, to: number) => consistencyProof(from, to, tilesFor(tilesOfConsistency(from, to)));

  it('is the proof of the definition, and is believed', () => {
    fc.assert(
      fc.property(twoSizes, ({ from, to }) => {
        const proof = prove(from, to);
        expect(proof).toEqual(naiveConsistency(from, LEAVES.slice(0, to)));
        expect(verifyConsistency(from, to, proof, ROOTS[from] ?? EMPTY_ROOT, ROOTS[to] ?? EMPTY_ROOT)).toBe(true);
      }),
    );
  });

  it('proves nothing once anything is another', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), fc.nat(), fc.nat(), ({ from, to }, byte, which, other) => {
        const [first, second, proof] = [ROOTS[from] ?? EMPTY_ROOT, ROOTS[to] ?? EMPTY_ROOT, prove(from, to)];
        const at = byte % 32;
        const lie = which % Math.max(1, proof.length);
        const otherFrom = 1 + (other % to);
        expect(verifyConsistency(from, to, proof, flip(first, at), second)).toBe(false);
        expect(verifyConsistency(from, to, proof, first, flip(second, at))).toBe(false);
        expect(verifyConsistency(from, to, [...proof, second], first, second)).toBe(false);
        expect(verifyConsistency(from, to, [first, ...proof], first, second)).toBe(false);
        expect(verifyConsistency(from, to, [...proof, Buffer.alloc(0)], first, second)).toBe(false);
        if (otherFrom !== from) expect(verifyConsistency(otherFrom, to, proof, first, second)).toBe(false);
        if (proof.length === 0) return;
        const changed = proof.map((sibling, position) => (position === lie ? flip(sibling, at) : sibling));
        expect(verifyConsistency(from, to, changed, first, second)).toBe(false);
        expect(verifyConsistency(from, to, proof.toSpliced(lie, 1), first, second)).toBe(false);
        expect(verifyConsistency(from, to, [], first, second)).toBe(false);
        expect(verifyConsistency(from, to, proof, second, first)).toBe(false);
        expect(verifyConsistency(from, to * 2, proof, first, second)).toBe(false);
        expect(verifyConsistency(to, from, proof, second, first)).toBe(false);
      }),
    );
  });

  it('finds out a log that rewrote a leaf, whatever proof it offers', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), ({ from, to }, rewritten) => {
        const forged = LEAVES.slice(0, to);
        forged[rewritten % from] = Buffer.from('another');
        const proof = naiveConsistency(from, forged);
        expect(verifyConsistency(from, to, proof, ROOTS[from] ?? EMPTY_ROOT, naiveRoot(forged))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('ends at the roots: hashes beyond them are no proof, even of roots made to fit', () => {
    const beyond = HASHES[9] ?? EMPTY_ROOT;
    const [first, second] = [ROOTS[3] ?? EMPTY_ROOT, ROOTS[4] ?? EMPTY_ROOT];
    const proof = [...prove(3, 4), beyond];
    expect(verifyConsistency(3, 4, proof, nodeHash(beyond, first), nodeHash(beyond, second))).toBe(false);
  });

  it('is empty from nothing and from the same, and then the roots must say so', () => {
    const [hash] = HASHES as [Buffer];
    expect(prove(0, 5)).toEqual([]);
    expect(prove(5, 5)).toEqual([]);
    expect(verifyConsistency(0, 5, [], EMPTY_ROOT, hash)).toBe(true);
    expect(verifyConsistency(0, 5, [], hash, hash)).toBe(false);
    expect(verifyConsistency(0, 5, [hash], EMPTY_ROOT, hash)).toBe(false);
    expect(verifyConsistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)).toBe(true);
    expect(verifyConsistency(0, 0, [], hash, hash)).toBe(false);
    expect(verifyConsistency(5, 5, [], hash, hash)).toBe(true);
    expect(verifyConsistency(5, 5, [], hash, EMPTY_ROOT)).toBe(false);
    expect(verifyConsistency(5, 5, [hash], hash, hash)).toBe(false);
  });

  it.each([
    [2, 1],
    [-1, 1],
    [0.5, 2],
    [1, 2 ** 53],
  ])('is refused from %d to %d', (from, to) => {
    expect(() => tilesOfConsistency(from, to)).toThrow(RangeError);
    expect(() => consistencyProof(from, to, () => Buffer.alloc(8_192))).toThrow(RangeError);
    expect(verifyConsistency(from, to, [], EMPTY_ROOT, EMPTY_ROOT)).toBe(false);
  });
});

describe('a tree of 70,000', () => {
  const hash = leafHash(Buffer.of(1));
  const hashes = Array.from({ length: 70_000 }, (_, index) => (index === 65_537 ? leafHash(Buffer.of(2)) : hash));
  const roots = rootsOf(hashes);
  const tiles = log(hashes);

  it('names the few tiles that a proof needs, as wide as the tree has them', () => {
    expect(tilesOfInclusion(3, 70_000).map(tilePath)).toEqual([
      'tile/0/000',
      'tile/0/273.p/112',
      'tile/1/000',
      'tile/1/001.p/17',
    ]);
    expect(tilesOfInclusion(65_537, 70_000).map(tilePath)).toEqual([
      'tile/0/256',
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
    expect(tilesOfConsistency(65_536, 70_000).map(tilePath)).toEqual(['tile/0/273.p/112', 'tile/1/001.p/17']);
  });

  it('proves over three levels of tiles', () => {
    for (const index of [0, 65_535, 65_536, 65_537, 69_999]) {
      const proof = inclusionProof(index, 70_000, tiles(tilesOfInclusion(index, 70_000)));
      expect(verifyInclusion(hashes[index] ?? EMPTY_ROOT, index, 70_000, proof, roots[70_000] ?? EMPTY_ROOT)).toBe(
        true,
      );
    }
    for (const from of [1, 256, 65_536, 65_537, 65_538, 69_888]) {
      const proof = consistencyProof(from, 70_000, tiles(tilesOfConsistency(from, 70_000)));
      expect(verifyConsistency(from, 70_000, proof, roots[from] ?? EMPTY_ROOT, roots[70_000] ?? EMPTY_ROOT)).toBe(true);
    }
  });

  it('is proved from whole tiles too, and not from one that is too narrow', () => {
    const addresses = tilesOfInclusion(9, 600);
    const whole = tiles(addresses.map((address) => ({ ...address, width: address.level === 0 ? 256 : address.width })));
    expect(inclusionProof(9, 600, whole)).toEqual(inclusionProof(9, 600, tiles(addresses)));
    expect(() => inclusionProof(9, 600, (level, n) => whole(level, n).subarray(0, 32))).toThrow(RangeError);
  });
});

describe('a tree larger than 32 bits count', () => {
  /** The roots of perfect trees of equal leaves, by height. */
  const perfect = Array.from({ length: 40 }).reduce<Buffer[]>(
    (roots) => [...roots, nodeHash(roots.at(-1) ?? EMPTY_ROOT, roots.at(-1) ?? EMPTY_ROOT)],
    [leafHash(Buffer.of(1))],
  );
  const tiles: TileHashes = (level) =>
    Buffer.concat(Array.from({ length: 256 }, () => perfect[8 * level] ?? EMPTY_ROOT));
  const rootOver = (...heights: number[]) =>
    heights.map((height) => perfect[height] ?? EMPTY_ROOT).reduceRight((right, left) => nodeHash(left, right));
  const size = 2 ** 40 + 2 ** 33 + 1;
  const root = rootOver(40, 33, 0);

  it.each([0, 2 ** 35 + 5, 2 ** 40 - 1, 2 ** 40 + 2 ** 32, size - 1])('proves the leaf %i', (index) => {
    const proof = inclusionProof(index, size, tiles);
    expect(verifyInclusion(leafHash(Buffer.of(1)), index, size, proof, root)).toBe(true);
    expect(verifyInclusion(leafHash(Buffer.of(2)), index, size, proof, root)).toBe(false);
  });

  it.each([
    [2 ** 40, rootOver(40)],
    [2 ** 40 + 2 ** 32, rootOver(40, 32)],
    [2 ** 33 + 1, rootOver(33, 0)],
    [1, rootOver(0)],
  ])('proves that it began with %i', (from, fromRoot) => {
    const proof = consistencyProof(from, size, tiles);
    expect(verifyConsistency(from, size, proof, fromRoot, root)).toBe(true);
    expect(verifyConsistency(from, size, proof, root, root)).toBe(false);
  });
});

describe('a root', () => {
  it('is what tiles hold at any size that they reach, and at no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_200 }), fc.integer({ min: 0, max: 600 }), (size, more) => {
        const leaves = numberedLeaves(size + more);
        const tiles = log(leaves.map(leafHash));
        expect(rootOf(size, tiles(tilesOfRoot(size)))).toEqual(naiveRoot(leaves.slice(0, size)));
        expect(() => rootOf(size + 1, (level, n) => tiles(tilesOfRoot(size))(level, n))).toThrow();
      }),
      { numRuns: 40 },
    );
    expect(() => rootOf(0, () => Buffer.alloc(0))).toThrow(RangeError);
  });
});
