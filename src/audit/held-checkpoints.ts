import {
  type Checkpoint,
  MalformedError,
  NoteError,
  type NoteVerifier,
  openNote,
  parseCheckpoint,
  parseTlogProof,
} from '../transparency/index.js';
import type { ReadAnchor } from './anchor-check.js';
import type { Finding } from './finding.js';
import { isSameLog, type Manifest } from './manifest.js';
import { UnreadableError } from './unreadable.js';
import type { HeldResult } from './verdict.js';

/** A checkpoint that whoever verifies was given before, by whatever way, and kept. */
export interface HeldNote {
  /** Its file, for people. */
  readonly name: string;
  /** A signed note, or a proof that ends in one. */
  readonly text: string;
}

export interface HeldCheckpoint extends Checkpoint {
  readonly name: string;
  /** Whether one of the keys in hand signed it. What is held counts all the same: it was not the bundle that brought it. */
  readonly isSigned: boolean;
}

const PROOF = 'c2sp.org/tlog-proof@v1\n';

/** @throws UnreadableError for what is no checkpoint of these logs, or one of which a signature is broken */
export function readHeld(
  { name, text }: HeldNote,
  { origin, platformOrigin }: Manifest,
  verifiersOf: (origin: string) => readonly NoteVerifier[],
): HeldCheckpoint {
  let held: HeldCheckpoint;
  try {
    const note = text.startsWith(PROOF) ? parseTlogProof(text).checkpoint : text;
    // What has no known signer can still be read; whether it is of these logs is said by its origin.
    const unopened = parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    held = { ...unopened, name, isSigned: hasKnownSigner(note, verifiersOf(unopened.origin)) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UnreadableError(
      `${name} is no checkpoint: ${error.message}.`,
      'Give a signed checkpoint as it was received: its lines, an empty line, and its signatures.',
    );
  }
  if (isSameLog(held.origin, origin) || isSameLog(held.origin, platformOrigin)) return held;
  throw new UnreadableError(
    `${name} is a checkpoint of ${held.origin}, and the bundle is of ${origin}.`,
    'Give a checkpoint of the log that the bundle holds.',
  );
}

/** Whether the log that was held is the beginning of the one that the bundle holds. */
export function compareHeld(
  held: HeldCheckpoint,
  manifest: Manifest,
  rootOfEvents: Uint8Array | undefined,
  anchor: ReadAnchor | null,
  report: (finding: Finding) => void,
): HeldResult {
  const { name, origin, size, isSigned } = held;
  const result = (comparison: HeldResult['comparison']): HeldResult => ({
    name,
    origin,
    size,
    root: Buffer.from(held.root).toString('base64'),
    isSigned,
    comparison,
  });
  const isOfLog = isSameLog(origin, manifest.origin);
  if (isOfLog && size > manifest.size) {
    report({
      code: 'held_ahead',
      at: { member: 'checkpoint' },
      what:
        `${name} is of ${size} events, and the bundle has ${manifest.size}: it was made before, or the log has lost its end. ` +
        'A bundle that is made now tells which.',
    });
    return result('ahead');
  }
  const known = isOfLog ? rootOfEvents : anchor?.platform.size === size ? anchor.platform.root : undefined;
  if (!known) return result('not_compared');
  if (Buffer.compare(known, held.root) === 0) return result('same');
  report({
    code: 'held_differs',
    at: { member: isOfLog ? 'checkpoint' : 'platform/checkpoint' },
    what: isOfLog
      ? `${name} says that the first ${size} events had another root: one of them was changed, added, removed or moved since.`
      : `${name} says that the platform's log had another root at ${size} entries: there are two of it.`,
  });
  return result('differs');
}

function hasKnownSigner(note: string, verifiers: readonly NoteVerifier[]): boolean {
  if (verifiers.every(({ name }) => !note.includes(`\n— ${name} `))) return false;
  try {
    openNote(note, verifiers);
    return true;
  } catch (error) {
    if (error instanceof NoteError && error.message.startsWith('none of')) return false;
    throw error;
  }
}
