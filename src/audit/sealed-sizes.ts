import {
  HASH_BYTES,
  MalformedError,
  NoteError,
  type NoteVerifier,
  openNote,
  parseCheckpoint,
} from '../transparency/index.js';
import type { Finding } from './finding.js';
import { parseSealedSizeLine, type SealedSize } from './lines.js';

/** A size at which a pass of the sealer ended, and the root that it is said to have had. */
export interface Sealed {
  readonly size: number;
  /** Base64. */
  readonly root: string;
  readonly isSigned: boolean;
}

/**
 * The checkpoints whose last event is of one segment. Each note is opened: a signature that was made over another size or
 * root does not pass for one of this.
 *
 * @param first the least size that can be among them
 */
export function readSealedSizes(
  lines: Iterable<string>,
  of: { readonly member: string; readonly origin: string; readonly first: number; readonly last: number },
  verifiers: readonly NoteVerifier[],
  report: (finding: Finding) => void,
): Sealed[] {
  const { member, origin, last } = of;
  const sealed: Sealed[] = [];
  let least = of.first;
  try {
    for (const line of lines) {
      const said = parseSealedSizeLine(line);
      if (!said) throw new MalformedError('it has a line that is no checkpoint');
      if (said.size < least || said.size > last)
        throw new MalformedError(`its sizes do not ascend from ${least} to ${last}`);
      least = said.size + 1;
      const wrong = said.note === null ? undefined : whyNotSigned(said.note, said, origin, verifiers);
      if (wrong !== undefined) {
        report({
          code: 'checkpoint_differs',
          at: { member },
          what: `The checkpoint of ${said.size} events is not what it says: ${wrong}.`,
        });
      }
      sealed.push({ size: said.size, root: checkedRoot(said), isSigned: said.note !== null });
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    report({
      code: 'checkpoints_malformed',
      at: { member },
      what: `The checkpoints cannot be read: ${error.message}.`,
    });
  }
  return sealed;
}

/** Why a note is not the signed checkpoint of this log, size and root. */
export function whyNotSigned(
  note: string,
  { size, root }: Pick<SealedSize, 'size' | 'root'>,
  origin: string,
  verifiers: readonly NoteVerifier[],
): string | undefined {
  try {
    const said = parseCheckpoint(openNote(note, verifiers).text);
    const isSame = said.origin === origin && said.size === size && said.root.toString('base64') === root;
    return isSame
      ? undefined
      : `its note says ${said.size} events with the root ${said.root.toString('base64')} of ${said.origin}`;
  } catch (error) {
    if (error instanceof NoteError || error instanceof MalformedError) return error.message;
    throw error;
  }
}

function checkedRoot({ root }: SealedSize): string {
  const bytes = Buffer.from(root, 'base64');
  if (bytes.length !== HASH_BYTES || bytes.toString('base64') !== root) {
    throw new MalformedError('it has a root that is no hash');
  }
  return root;
}
