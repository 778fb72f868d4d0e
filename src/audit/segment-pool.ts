import { Worker } from 'node:worker_threads';
import { SegmentCheck, type SegmentJob, type SegmentResult, type SegmentSetting } from './segment-check.js';
import type { Answer } from './segment-worker.js';
import { UnreadableError } from './unreadable.js';

/** Segments that are verified or wait for a worker, for each of them: enough to keep it busy, and bounded. */
const AHEAD = 4;

/** What is made of an event is dropped at once: a small nursery is as quick as a large one, and does not grow with the log. */
export const YOUNG_MEGABYTES = 8;

/**
 * Verifies segments on so many threads, and gives them in order. With no thread beside this one it is done here, which is
 * quicker for a small bundle.
 */
export async function* verifySegments(
  setting: SegmentSetting,
  jobs: Iterable<SegmentJob>,
  threads: number,
): AsyncGenerator<SegmentResult> {
  if (threads === 0) {
    yield* verifyHere(setting, jobs);
    return;
  }
  const workers = Array.from({ length: threads }, () => new SegmentThread(setting));
  try {
    const ahead: Promise<SegmentResult>[] = [];
    for (const job of jobs) {
      const idlest = workers.reduce((a, b) => (b.waiting < a.waiting ? b : a));
      const verified = idlest.verify(job);
      verified.catch(() => undefined); // it is awaited later, in order
      ahead.push(verified);
      const next = ahead.length < AHEAD * threads ? undefined : ahead.shift();
      if (next) yield await next;
    }
    for (const next of ahead) yield await next;
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

function* verifyHere(setting: SegmentSetting, jobs: Iterable<SegmentJob>): Generator<SegmentResult> {
  const check = new SegmentCheck(setting);
  try {
    for (const job of jobs) yield check.verify(job);
  } finally {
    check.close();
  }
}

interface Waiting {
  readonly resolve: (result: SegmentResult) => void;
  readonly reject: (error: Error) => void;
}

/** One worker, which answers its jobs in order. */
class SegmentThread {
  private readonly worker: Worker;
  private readonly queue: Waiting[] = [];
  private failure: Error | null = null;

  constructor(setting: SegmentSetting) {
    this.worker = new Worker(new URL('./segment-worker.js', import.meta.url), {
      workerData: setting,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    this.worker.on('message', (answer: Answer) => {
      const asked = this.queue.shift();
      if ('result' in answer) asked?.resolve(answer.result);
      else asked?.reject(new UnreadableError(answer.message, answer.mend));
    });
    this.worker.on('error', (error: Error & { code?: string }) => {
      this.failure = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge() : error;
      for (const { reject } of this.queue.splice(0)) reject(this.failure);
    });
  }

  get waiting(): number {
    return this.queue.length;
  }

  verify(job: SegmentJob): Promise<SegmentResult> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.queue.push({ resolve, reject });
      this.worker.postMessage(job, job.emptyTape ? [job.emptyTape.buffer] : []);
    });
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}

export function tooLarge(): UnreadableError {
  return new UnreadableError(
    'The bundle takes more memory than this program may use.',
    'Run it where there is more memory.',
  );
}
