import fc from 'fast-check';
import { CT_LEAVES, CT_ROOTS, naiveRoot, numberedLeaves } from '../../test/support/naive-tree.js';
import { EMPTY_ROOT, Frontier, leafHash, nodeHash } from './index.js';
import { perfectRoot } from './tree.js';

function grow(frontier: Frontier, leaves: readonly Uint8Array[]): Frontier {
  for (const leaf of leaves) frontier.append(leafHash(leaf));
  return frontier;
}

describe('leafHash and nodeHash', () => {
  // transparency-dev/merkle, rfc6962/rfc6962_test.go.
  it.each([
    ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    ['L123456', '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56'],
  ])('hashes the leaf "%s"', (text, hash) => {
    expect(leafHash(Buffer.from(text)).toString('hex')).toBe(hash);
  });

  it('hashes a leaf longer than any before it, and a short one afterwards', () => {
    for (const leaf of [Buffer.alloc(4_096, 1), Buffer.alloc(70_000, 2), Buffer.of(3)]) {
      expect(leafHash(leaf)).toEqual(naiveRoot([leaf]));
    }
  });

  it('tells a leaf of two hashes from the node over them', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    expect(nodeHash(left, right)).toEqual(naiveRoot([Buffer.of(1), Buffer.of(2)]));
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  it('gives each caller a hash of its own', () => {
    const first = leafHash(Buffer.of(1));
    const kept = Buffer.from(first);
    nodeHash(leafHash(Buffer.of(2)), first);
    expect(first).toEqual(kept);
  });

  it('refuses what is not a hash', () => {
    expect(() => nodeHash(Buffer.alloc(31), Buffer.alloc(32))).toThrow(RangeError);
    expect(() => nodeHash(Buffer.alloc(32), Buffer.alloc(33))).toThrow(RangeError);
    expect(() => Frontier.empty().append(Buffer.alloc(31))).toThrow(RangeError);
  });
});

describe('perfectRoot', () => {
  it('is the tree over a part of a tile', () => {
    const leaves = numberedLeaves(12);
    const hashes = Buffer.concat(leaves.map(leafHash));
    expect(perfectRoot(hashes, 4, 8)).toEqual(naiveRoot(leaves.slice(4, 12)));
    expect(perfectRoot(hashes, 11, 1)).toEqual(naiveRoot(leaves.slice(11)));
    expect(() => perfectRoot(hashes, 8, 8)).toThrow(RangeError);
  });
});

describe('Frontier', () => {
  it.each(CT_ROOTS.map((root, size) => [size, root.toString('hex')] as const))(
    'has the published root at %i leaves',
    (size, root) => {
      expect(grow(Frontier.empty(), CT_LEAVES.slice(0, size)).root().toString('hex')).toBe(root);
    },
  );

  it('begins as the empty tree', () => {
    expect(Frontier.empty().root()).toEqual(EMPTY_ROOT);
    expect(Frontier.empty().bytes()).toHaveLength(0);
  });

  it('has the root of the definition, however often it is stored and read again', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 90 }), { maxLength: 5 }), (chunks) => {
        const leaves = numberedLeaves(chunks.reduce((sum, chunk) => sum + chunk, 0));
        let frontier = Frontier.empty();
        let at = 0;
        for (const chunk of chunks) {
          frontier = grow(Frontier.parse(frontier.size, frontier.bytes()), leaves.slice(at, at + chunk));
          at += chunk;
        }
        expect(frontier.size).toBe(leaves.length);
        expect(frontier.root()).toEqual(naiveRoot(leaves));
      }),
      { numRuns: 40 },
    );
  });

  it('stores the roots of its perfect subtrees, largest first', () => {
    const leaves = numberedLeaves(13);
    expect(grow(Frontier.empty(), leaves).bytes()).toEqual(
      Buffer.concat([naiveRoot(leaves.slice(0, 8)), naiveRoot(leaves.slice(8, 12)), naiveRoot(leaves.slice(12))]),
    );
  });

  it('appends to a tree that is larger than 32 bits count', () => {
    const size = 2 ** 40 + 1;
    const [big, small, next] = numberedLeaves(3).map(leafHash) as [Buffer, Buffer, Buffer];
    const frontier = Frontier.parse(size, Buffer.concat([big, small]));
    frontier.append(next);
    expect(frontier.size).toBe(size + 1);
    expect(frontier.bytes()).toEqual(Buffer.concat([big, nodeHash(small, next)]));
    expect(frontier.root()).toEqual(nodeHash(big, nodeHash(small, next)));
  });

  it('carries through every height of such a tree', () => {
    const hashes = numberedLeaves(34).map(leafHash);
    const frontier = Frontier.parse(2 ** 33 - 1, Buffer.concat(hashes.slice(0, 33)));
    frontier.append(hashes[33] ?? EMPTY_ROOT);
    expect(frontier.bytes()).toEqual(hashes.reduceRight((right, left) => nodeHash(left, right)));
  });

  it('leaves a copy as it was', () => {
    const frontier = grow(Frontier.empty(), numberedLeaves(3));
    const copy = frontier.copy();
    grow(frontier, numberedLeaves(2));
    expect([copy.size, frontier.size]).toEqual([3, 5]);
    expect(copy.root()).toEqual(naiveRoot(numberedLeaves(3)));
  });

  it.each([
    [3, 32],
    [3, 96],
    [0, 32],
    [4, 0],
    [1, 31],
    [-1, 32],
    [1.5, 32],
    [2 ** 53, 32],
  ])('refuses %i leaves in %i bytes', (size, bytes) => {
    expect(() => Frontier.parse(size, Buffer.alloc(bytes))).toThrow(RangeError);
  });
});
