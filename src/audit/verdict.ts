import type { Finding } from './finding.js';
import type { UnknownType } from './replay.js';
import type { BalanceSheet } from './replay-books.js';

/** A log as a checkpoint has it. */
export interface ProvedLog {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/** What became of a checkpoint that was held. */
export interface HeldResult extends ProvedLog {
  readonly name: string;
  /** Whether a key in hand signed it. */
  readonly isSigned: boolean;
  /** `same`: what was held is the beginning of this log. Of the platform's log a bundle has one size only. */
  readonly comparison: 'same' | 'differs' | 'ahead' | 'not_compared';
}

/** What a bundle was found to be. Its JSON is an interface: names stay, and more may come. */
export interface BundleVerdict {
  readonly outcome: 'proved' | 'tampered';
  readonly log: ProvedLog & { readonly commissionerId: string; readonly madeAt: string };
  readonly counts: {
    readonly events: number;
    readonly transfers: number;
    readonly accounts: number;
    readonly checkpoints: number;
    readonly signedCheckpoints: number;
    /** Those whose balances were made again. */
    readonly statements: number;
  };
  readonly keys: {
    /** Whether they were given by whoever verifies, and not by the bundle. */
    readonly isPinned: boolean;
    /** Verifier keys of which one has signed the checkpoint, when all is proved. */
    readonly ofLog: readonly string[];
  };
  readonly held: readonly HeldResult[];
  /** Where the platform's log has this log; null when the bundle does not say. */
  readonly anchor: { readonly platform: ProvedLog; readonly index: number; readonly size: number } | null;
  /** Those whose keys were given: each saw the platform's log at that size, and no other. */
  readonly witnesses: readonly { readonly name: string; readonly cosignedAt: string }[];
  /** Types of events that a later version made: their transfers were counted, and what they mean was not checked. */
  readonly notUnderstood: readonly UnknownType[];
  /** Where they were asked for. */
  readonly balances?: BalanceSheet;
  /** As they were found, from the beginning of the log on, and at most a hundred. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

/** Nothing could be found out. */
export interface UnreadableVerdict {
  readonly outcome: 'unreadable';
  readonly message: string;
  readonly mend: string;
}

export type Verdict = BundleVerdict | StructureVerdict | UnreadableVerdict;

/** The file is whole, and not made up as a bundle is, so that nothing else was looked at. */
export interface StructureVerdict {
  readonly outcome: 'tampered';
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

export const EXIT_CODES: Readonly<Record<Verdict['outcome'], number>> = { proved: 0, tampered: 1, unreadable: 2 };
