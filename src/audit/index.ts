/** The bundle that an auditor takes away: written here, and verified here without a database. */
export { type Anchor, type BundleSource, type TransferLines, writeBundle } from './bundle-writer.js';
export { type Finding, Findings, type Place } from './finding.js';
export type { HeldNote } from './held-checkpoints.js';
export { SEGMENT_EVENTS, type TilePlace } from './layout.js';
export { type BundleTransfer, type SealedSize, transferLine, transferLinesLength } from './lines.js';
export type { Manifest } from './manifest.js';
export type { BundleAccount } from './segment.js';
export { UnreadableError } from './unreadable.js';
export { verdictInWords } from './verdict-words.js';
export { EXIT_CODES, type BundleVerdict, type UnreadableVerdict, type Verdict } from './verdict.js';
export { verifyBundle, type VerifyBundleOptions } from './verify-bundle.js';
export type { BalancesAt, BalanceSheet } from './replay-books.js';
export { dayNumber } from './replay-said.rules.js';
