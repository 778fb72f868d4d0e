import { formatCheckpoint } from './checkpoint.js';
import { proveFork } from './fork.js';
import { NoteError, noteSigner, parseVerifierKey, signingKey, signNote, verifierKey } from './note.js';
import { consistencyProof } from './proofs.js';
import { Frontier, leafHash } from './tree.js';

const ORIGIN = 'log.example/1';
const key = signingKey(Buffer.alloc(32, 1));
const verifiers = [parseVerifierKey(verifierKey(ORIGIN, key))];

/** A log whose leaves from `branch` on are those of `name`. */
function logOf(name: string, branch: number) {
  const leaves = Array.from({ length: 10 }, (_, index) =>
    leafHash(Buffer.from(`${index < branch ? 'common' : name} ${index}`)),
  );
  const rootAt = (size: number) => {
    const frontier = Frontier.empty();
    for (const leaf of leaves.slice(0, size)) frontier.append(leaf);
    return frontier.root();
  };
  return {
    note: (size: number, origin = ORIGIN) =>
      signNote(formatCheckpoint({ origin, size, root: rootAt(size) }), [noteSigner(origin, key)]),
    beginning: (size: number, of: number) => ({
      root: rootAt(size),
      proof: consistencyProof(size, of, (level) => (level === 0 ? Buffer.concat(leaves) : Buffer.alloc(0))),
    }),
  };
}

const one = logOf('one', 5);
const other = logOf('other', 5);

describe('a fork', () => {
  it('is proved by two tree hashes at one size', () => {
    expect(proveFork(one.note(8), other.note(8), verifiers)).toMatchObject({ origin: ORIGIN, size: 8 });
    expect(proveFork(one.note(5), other.note(5), verifiers)).toBeNull();
  });

  it.each([6, 7, 8, 9])('is proved at size %i by what the larger was then', (size) => {
    const proved = proveFork(one.note(size), other.note(10), verifiers, other.beginning(size, 10));
    expect(proved).toMatchObject({ origin: ORIGIN, size });
    expect(proveFork(other.note(10), one.note(size), verifiers, other.beginning(size, 10))).toEqual(proved);
  });

  it('is none where the larger grew out of the smaller', () => {
    expect(proveFork(one.note(7), one.note(10), verifiers, one.beginning(7, 10))).toBeNull();
    expect(proveFork(one.note(4), other.note(10), verifiers, other.beginning(4, 10))).toBeNull();
  });

  it('is not proved by a beginning that is not that of the larger', () => {
    expect(proveFork(one.note(7), other.note(10), verifiers)).toBeNull();
    expect(proveFork(one.note(7), other.note(10), verifiers, one.beginning(7, 10))).toBeNull();
    const { root } = one.beginning(3, 10);
    expect(proveFork(one.note(7), one.note(10), verifiers, { ...one.beginning(7, 10), root })).toBeNull();
  });

  it('is a matter of two signed checkpoints of one log', () => {
    const forged = other.note(8).replace('\n8\n', '\n9\n');
    expect(() => proveFork(one.note(8), forged, verifiers)).toThrow(NoteError);
    const elsewhere = [...verifiers, parseVerifierKey(verifierKey('log.example/2', key))];
    expect(() => proveFork(one.note(8), other.note(8, 'log.example/2'), elsewhere)).toThrow(RangeError);
  });
});
