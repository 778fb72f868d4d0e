import { parentPort, workerData } from 'node:worker_threads';
import { type Progress, verifyHere, type VerifyOptions } from './bundle-verifier.js';
import type { Verdict } from './verdict.js';

/** What the thread of a verification is given. */
export interface VerifyJob {
  readonly path: string;
  readonly options: VerifyOptions;
  readonly threads: number;
  /** Whether anybody wants to know how far it is, which costs a message for each segment. */
  readonly isWatched: boolean;
}

/** What the thread of a verification says: how far it is, and in the end what it found. */
export type Said = { readonly verified: number; readonly size: number } | { readonly verdict: Verdict };

const port = parentPort;
if (port) {
  const { path, options, threads, isWatched } = workerData as VerifyJob;
  const say = (said: Said) => port.postMessage(said, []);
  const tell: Progress | undefined = isWatched ? (verified, size) => say({ verified, size }) : undefined;
  say({ verdict: await verifyHere(path, options, threads, tell) });
}
