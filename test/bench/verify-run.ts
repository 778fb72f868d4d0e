// node verify-run.js verify|bare FILE THREADS : verifies a bundle, or only reads its events, and prints what that took.
import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { verifyBundle } from '../../src/audit/index.js';
import { BundleFile, indexBundle } from '../../src/audit/bundle-file.js';
import { segmentCount } from '../../src/audit/layout.js';
import { parseEntryBundle } from '../../src/transparency/index.js';

export interface Verified {
  readonly events: number;
  /** Of the whole bundle. */
  readonly bytes: number;
  readonly ms: number;
  /** What the process held at its peak. */
  readonly memoryBytes: number;
}

const [what = '', file = '', threads = '0'] = process.argv.slice(2);
const began = performance.now();
const events = what === 'bare' ? readOnly(file) : await verified(file, Number(threads));
const ms = performance.now() - began;
const memoryBytes = process.resourceUsage().maxRSS * 1_024;
console.log(JSON.stringify({ events, bytes: statSync(file).size, ms, memoryBytes } satisfies Verified));

async function verified(path: string, beside: number): Promise<number> {
  const verdict = await verifyBundle(path, { threads: beside });
  if (verdict.outcome !== 'proved') throw new Error(JSON.stringify(verdict));
  return verdict.counts.events;
}

/** The least that any verifier does. */
function readOnly(path: string): number {
  const bundle = BundleFile.open(path);
  const index = indexBundle(bundle);
  let count = 0;
  for (let n = 0; n < segmentCount(index.manifest.size); n++) {
    for (const entry of parseEntryBundle(bundle.read(index.segment(n).entries))) {
      JSON.parse(entry.toString('latin1'));
      hash('sha256', entry, 'binary');
      count++;
    }
  }
  return count;
}
