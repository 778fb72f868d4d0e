import { CheckpointSigner } from '../../src/sealing/checkpoint-signer.service.js';
import { Sealer } from '../../src/sealing/index.js';
import type { TestApp } from './app.js';

/** Seals all that is committed and signs it, as the duty will at a time of its own. */
export async function signLogs({ nest }: Pick<TestApp, 'nest'>): Promise<void> {
  while ((await nest.get(Sealer).pass()) === null); // until no other is at work
  await nest.get(CheckpointSigner).sign();
}
