import { parentPort, workerData } from 'node:worker_threads';
import { SegmentCheck, type SegmentJob, type SegmentResult, type SegmentSetting } from './segment-check.js';
import { UnreadableError } from './unreadable.js';

/** What a worker answers to a job. An error keeps its class no other way. */
export type Answer = { readonly result: SegmentResult } | { readonly message: string; readonly mend: string };

const port = parentPort;
if (port) {
  const check = new SegmentCheck(workerData as SegmentSetting);
  port.on('message', (job: SegmentJob) => {
    try {
      const result = check.verify(job);
      // What is large is handed over, not copied.
      port.postMessage({ result } satisfies Answer, [result.tape.buffer]);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      port.postMessage({ message: error.message, mend: error.mend } satisfies Answer);
    }
  });
}
