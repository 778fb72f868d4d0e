import { numberedLeaves } from '../../test/support/naive-tree.js';
import { Frontier, leafHash, TILE_WIDTH, TileTree } from './index.js';

const leaves = numberedLeaves(TILE_WIDTH);

function append(tree: TileTree, leaf: Uint8Array): Buffer {
  const among = Buffer.concat([Buffer.from('{'), leaf, Buffer.from('}')]);
  const hash = tree.append(among, 1, 1 + leaf.length);
  expect(among.subarray(0, 1).toString()).toBe('{');
  return hash;
}

describe('TileTree', () => {
  it('has at each size the subtrees that a frontier has, and again when it is filled anew', () => {
    const tree = new TileTree();
    for (const filling of [leaves, leaves.toReversed()]) {
      tree.clear();
      const frontier = Frontier.empty();
      expect([tree.size, tree.frontier()]).toEqual([0, '']);
      for (const [n, leaf] of filling.entries()) {
        expect(append(tree, leaf)).toEqual(leafHash(leaf));
        expect(tree.leaf(n)).toEqual(leafHash(leaf));
        frontier.append(leafHash(leaf));
        expect([tree.size, tree.frontier()]).toEqual([n + 1, frontier.bytes().toString('latin1')]);
      }
    }
  });

  it('has no more leaves than a tile', () => {
    const tree = new TileTree();
    for (const leaf of leaves) append(tree, leaf);
    expect(() => tree.append(Buffer.from('{}'), 1, 2)).toThrow(RangeError);
  });
});
