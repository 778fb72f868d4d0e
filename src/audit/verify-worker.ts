import { parentPort, workerData } from 'node:worker_threads';
import { verifyHere, type VerifyOptions } from './bundle-verifier.js';
import type { Verdict } from './verdict.js';

/** What the thread of a verification says: how far it is, and in the end what it found. */
export type Said = { readonly verified: number; readonly size: number } | { readonly verdict: Verdict };

const port = parentPort;
if (port) {
  const { path, options, threads } = workerData as { path: string; options: VerifyOptions; threads: number };
  const say = (said: Said) => port.postMessage(said, []);
  say({ verdict: await verifyHere(path, options, threads, (verified, size) => say({ verified, size })) });
}
