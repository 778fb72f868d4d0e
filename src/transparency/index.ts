export { formatCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.js';
export { proveFork, type Beginning, type Fork } from './fork.js';
export {
  cosignatures,
  cosignatureSigner,
  NoteError,
  noteSigner,
  openNote,
  parseVerifierKey,
  signingKey,
  signNote,
  verifierKey,
  type Cosignature,
  type NoteSigner,
  type NoteVerifier,
  type SignatureType,
} from './note.js';
export {
  consistencyProof,
  inclusionProof,
  rootOf,
  tilesOfConsistency,
  tilesOfInclusion,
  tilesOfRoot,
  verifyConsistency,
  verifyInclusion,
  type TileHashes,
} from './proofs.js';
export { MalformedError } from './text.js';
export {
  entriesPath,
  entryBundle,
  ENTRY_LENGTH_BYTES,
  entryEnds,
  parseEntryBundle,
  TILE_WIDTH,
  TileEdge,
  tilePath,
  tileWidth,
  type GrownTile,
  type TileAddress,
} from './tiles.js';
export { TileTree } from './tile-tree.js';
export { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.js';
export { EMPTY_ROOT, Frontier, HASH_BYTES, leafHash, nodeHash, perfectRoot, writeLeafHash } from './tree.js';
