import { parseCheckpoint } from './checkpoint.js';
import { openNote, type NoteVerifier } from './note.js';
import { verifyConsistency } from './proofs.js';

/** What a tree was when it was smaller, and the proof that it grew from there (RFC 9162 section 2.1.4). */
export interface Beginning {
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** One log that was shown as two: both heads are signed, and no log can have had both. */
export interface Fork {
  readonly origin: string;
  /** Where both logs are known: the smaller size of the two. */
  readonly size: number;
  /** The tree hash there, of the one and of the other. */
  readonly roots: readonly [Buffer, Buffer];
}

/**
 * Proves from two signed checkpoints of one log that it was forked: at one size they have different tree hashes, or the
 * larger did not grow out of the smaller. For the latter `beginning` says what the larger was at the smaller size, proved
 * by its own tree. Null when that does not show that there are two logs; a proof that is none shows nothing.
 *
 * @throws NoteError when either note is not signed by a known key
 * @throws RangeError when the notes are of different logs
 */
export function proveFork(
  noteA: string,
  noteB: string,
  verifiers: readonly NoteVerifier[],
  beginning?: Beginning,
): Fork | null {
  const [small, large] = [noteA, noteB]
    .map((note) => parseCheckpoint(openNote(note, verifiers).text))
    .sort((a, b) => a.size - b.size);
  if (!small || !large || small.origin !== large.origin) throw new RangeError('the checkpoints are of different logs');
  const { origin, size } = small;
  const then = size === large.size ? large.root : rootThen(size, large, beginning);
  return then === undefined || then.equals(small.root) ? null : { origin, size, roots: [small.root, then] };
}

function rootThen(
  size: number,
  large: { readonly size: number; readonly root: Buffer },
  beginning: Beginning | undefined,
): Buffer | undefined {
  if (!beginning) return undefined;
  const { root, proof } = beginning;
  return verifyConsistency(size, large.size, proof, root, large.root) ? Buffer.from(root) : undefined;
}
