import { formatBase64, linesOf, MalformedError, parseBase64, parseDecimal, parseHash, requireCount } from './text.js';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** A path has one hash for each height of the tree, and no tree of this program is higher than 53. */
const MAX_PATH = 64;

/** That an entry is in a log, in one text that is verified without asking anyone (C2SP tlog-proof). */
export interface TlogProof {
  index: number;
  /** The inclusion proof, from the leaf's sibling up. */
  proof: readonly Uint8Array[];
  /** The signed note of the tree that the proof leads to, verbatim. */
  checkpoint: string;
  /** Whatever the application adds; nothing authenticates it. */
  extra?: Uint8Array | undefined;
}

/** Writes the proof (C2SP tlog-proof, Format). */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  requireCount(index, 'the index of a leaf');
  const lines = [
    HEADER,
    ...(extra && extra.length > 0 ? [`extra ${formatBase64(extra)}`] : []),
    `index ${index}`,
    ...proof.map(formatBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads a proof without believing it: the note must still be opened and the inclusion verified. Throws MalformedError. */
export function parseTlogProof(text: string): TlogProof & { proof: Buffer[]; extra?: Buffer | undefined } {
  const gap = text.indexOf('\n\n');
  if (gap < 0) throw new MalformedError('the proof has no checkpoint');
  const [header, ...rest] = linesOf(text.slice(0, gap + 1));
  if (header !== HEADER) throw new MalformedError(`the proof does not begin with ${HEADER}`);
  const extra = rest[0]?.startsWith('extra ') ? parseBase64(rest.shift()?.slice('extra '.length) ?? '') : undefined;
  const index = rest.shift();
  if (!index?.startsWith('index ')) throw new MalformedError('the proof names no index');
  if (rest.length > MAX_PATH) throw new MalformedError('the proof is longer than any tree is high');
  return {
    index: parseDecimal(index.slice('index '.length)),
    proof: rest.map(parseHash),
    checkpoint: text.slice(gap + 2),
    ...(extra ? { extra } : {}),
  };
}
