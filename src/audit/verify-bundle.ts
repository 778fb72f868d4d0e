import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Progress, verifyHere, type VerifyOptions } from './bundle-verifier.js';
import { tooLarge, YOUNG_MEGABYTES } from './segment-pool.js';
import type { Verdict } from './verdict.js';
import type { Said, VerifyJob } from './verify-worker.js';

/** Less is verified before a thread has started, and takes little memory. */
const BYTES_WORTH_A_THREAD = 4_000_000;
const THREADS_MAX = 8;

export interface VerifyBundleOptions extends VerifyOptions {
  /**
   * Of the segments: as many as the machine runs at once unless given, and none for a small bundle or where it runs only
   * one. With none, the one thread that goes through the log verifies the segments too.
   */
  readonly threads?: number;
  readonly onProgress?: Progress;
}

/** Verifies a bundle with nothing but its file and what whoever asks already holds. Throws for no file, whatever is in it. */
export function verifyBundle(path: string, options: VerifyBundleOptions = {}): Promise<Verdict> {
  const isLarge = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= BYTES_WORTH_A_THREAD;
  const { threads = isLarge ? threadsAtOnce() : 0, onProgress, ...asked } = options;
  if (threads === 0 && !isLarge) return verifyHere(path, asked, 0, onProgress);
  return verifyApart(path, asked, threads, onProgress);
}

function threadsAtOnce(): number {
  const threads = Math.min(THREADS_MAX, availableParallelism());
  return threads === 1 ? 0 : threads;
}

/** On a thread of its own, whose memory for what is dropped at once can be bounded: that of this one cannot any more. */
function verifyApart(path: string, options: VerifyOptions, threads: number, onProgress?: Progress): Promise<Verdict> {
  const worker = new Worker(new URL('./verify-worker.js', import.meta.url), {
    workerData: { path, options, threads, isWatched: onProgress !== undefined } satisfies VerifyJob,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (said: Said) => {
      if ('verdict' in said) resolve(said.verdict);
      else onProgress?.(said.verified, said.size);
    });
    worker.on('error', (error: Error & { code?: string }) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error);
      const { message, mend } = tooLarge();
      resolve({ outcome: 'unreadable', message, mend });
    });
  });
}
