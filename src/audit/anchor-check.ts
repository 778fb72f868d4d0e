import {
  type Checkpoint,
  cosignatures,
  formatTlogProof,
  leafHash,
  MalformedError,
  openNote,
  parseCheckpoint,
  parseTlogProof,
  verifyInclusion,
} from '../transparency/index.js';
import type { Anchor } from './bundle-writer.js';
import type { TrustedKeys } from './bundle-keys.js';
import type { Finding } from './finding.js';
import { isSameLog, type Manifest } from './manifest.js';

/** The platform's checkpoint, and where its log has a checkpoint of this log. */
export interface ReadAnchor {
  readonly platform: Checkpoint;
  readonly index: number;
  /** The checkpoint of this log that is the leaf: its root is to be compared with that of the events. */
  readonly entry: Checkpoint;
  readonly witnesses: readonly { readonly name: string; readonly cosignedAt: string }[];
}

/** Checks that the platform's log, as its checkpoint is signed, has a checkpoint of this log. */
export function readAnchor(
  { checkpoint, entry, proof }: Anchor,
  manifest: Manifest,
  keys: TrustedKeys,
  report: (finding: Finding) => void,
): ReadAnchor | null {
  const members = { checkpoint: 'platform/checkpoint', entry: 'platform/entry', proof: 'platform/proof' } as const;
  let member: string = members.checkpoint;
  try {
    const { verifiers } = keys.of(manifest.platformOrigin);
    const platform = parseCheckpoint(openNote(checkpoint, verifiers).text);
    require(platform.origin === manifest.platformOrigin, `it is of the log ${platform.origin}, not of the platform's`);
    const witnesses = keys.witnesses.length === 0 ? [] : cosignatures(checkpoint, keys.witnesses);
    member = members.entry;
    const said = parseCheckpoint(entry);
    require(isSameLog(said.origin, manifest.origin), `it is a checkpoint of ${said.origin}, not of this log`);
    require(said.size <= manifest.size, `it is of ${said.size} events, and the bundle has ${manifest.size}`);
    member = members.proof;
    const { index, proof: path, checkpoint: proved } = parseTlogProof(proof);
    require(formatTlogProof({ index, proof: path, checkpoint }) === proof &&
      proved === checkpoint, 'it is of another checkpoint');
    const isIncluded = verifyInclusion(leafHash(Buffer.from(entry)), index, platform.size, path, platform.root);
    require(isIncluded, "it does not lead from platform/entry to the root of the platform's log");
    return {
      platform,
      index,
      entry: said,
      witnesses: witnesses.map(({ name, cosignedAt }) => ({ name, cosignedAt: cosignedAt.toISOString() })),
    };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    report({ code: 'anchor_differs', at: { member }, what: `${member} proves nothing: ${error.message}.` });
    return null;
  }
}

function require(condition: boolean, otherwise: string): void {
  if (!condition) throw new MalformedError(otherwise);
}
