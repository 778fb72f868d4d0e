import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyBundle, verdictInWords, type BundleVerdict } from '../../audit/index.js';
import { parseCheckpoint } from '../../transparency/index.js';
import type { Stage } from './stage.js';
import { count, number } from './terminal.js';

const SEALED_MAX_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Takes the books of each commissioner away, as an auditor would, and proves them without asking the server again. */
export async function proveBooks(stage: Stage): Promise<void> {
  await stage.progress.phase('Proving the books', async () => {
    await untilSealed(stage);
    let events = 0;
    for (const { code } of stage.world.commissioners) events += (await prove(stage, code)).counts.events;
    const bundles = stage.world.commissioners.length;
    const outcome = `${count(bundles, 'bundle')} in ${join(stage.outFolder, 'bundles')} proved offline: ${number(events)} events`;
    return { answer: undefined, outcome };
  });
}

async function prove(stage: Stage, code: string): Promise<BundleVerdict> {
  const auditor = await stage.as(code, 'finance');
  const name = `bundles/${code}.tar`;
  stage.write(name, await auditor.bytes('/v1/audit/bundle'));
  const verdict = await verifyBundle(join(stage.outFolder, name));
  if (verdict.outcome !== 'proved')
    throw new Error(`The books of ${code} are not proved: ${verdictInWords(verdict).join('\n')}`);
  return verdict;
}

/** What was recorded last is sealed and signed within about a second. */
async function untilSealed(stage: Stage): Promise<void> {
  const recorded = await stage.countEvents();
  for (let waitedMs = 0; waitedMs < SEALED_MAX_MS; waitedMs += LOOK_EVERY_MS) {
    let signed = 0;
    for (const { code } of stage.world.commissioners) {
      const auditor = await stage.as(code, 'finance');
      const note = (await auditor.bytes('/v1/audit/checkpoint')).toString();
      signed += parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1)).size;
    }
    if (signed >= recorded) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error('The demo waited in vain until its events were sealed');
}
