// A process of its own, so that its memory is that of one statement: writes it, counts it, and says how it went.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keepHeapSmall } from '../../src/platform/heap.js';
import { StatementExportService } from '../../src/statements/index.js';
import { actorOf } from '../support/ledger-stage.js';
import { openApp } from './opened-app.js';
import { YEAR } from './statements-stage.js';

/** What a run says on its last line. */
export interface StatementRun {
  readonly seconds: number;
  readonly firstByteSeconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly peakMemoryMb: number;
}

keepHeapSmall(); // as the program does when it serves
const [appUrl = '', commissionerId = '', format = 'csv'] = process.argv.slice(2);
const app = await openApp(appUrl, YEAR.asked);
const exports = app.nest.get(StatementExportService);
const actor = actorOf('commissioner', commissionerId);
const ask = (from: string) =>
  exports.export(actor, {
    party: 'commissioner',
    id: commissionerId,
    from,
    to: YEAR.to,
    format: format === 'json' ? 'json' : 'csv',
  });
// The last day first: whoever asks first waits until the journal is sealed.
for await (const _ of (await ask(YEAR.to)).bytes);
const began = performance.now();
const cpu = process.cpuUsage();
const { bytes: written } = await ask(YEAR.from);
const hash = createHash('sha256');
let [bytes, firstByteSeconds] = [0, 0];
for await (const chunk of written) {
  if (bytes === 0) firstByteSeconds = (performance.now() - began) / 1_000;
  bytes += (chunk as Buffer).length;
  hash.update(chunk as Buffer);
}
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpu);
await app.close();
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
const run: StatementRun = {
  seconds,
  firstByteSeconds,
  cpuSeconds: (user + system) / 1e6,
  bytes,
  sha256: hash.digest('hex'),
  peakMemoryMb: Number(peak?.[1] ?? Number.NaN) / 1024,
};
console.log(JSON.stringify(run));
