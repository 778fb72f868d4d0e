import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { type Finding, verifyBundle } from '../audit/index.js';
import { systemActor } from '../platform/actor.js';
import { LogKeys, LogProofs } from '../sealing/index.js';
import { BundleService } from './bundle.service.js';

/** What a bundle of the books is found to be by whoever takes it away: the replay of all that was decided, from the first event on. */
@Injectable()
export class LiveReplay {
  constructor(
    private readonly bundles: BundleService,
    private readonly keys: LogKeys,
    private readonly proofs: LogProofs,
  ) {}

  /** Of the newest signed checkpoint of a commissioner's log. The bundle stands in a temporary file meanwhile. */
  async findingsOf(
    commissionerId: string,
    onProgress: (events: number, size: number) => void,
  ): Promise<{ readonly findings: readonly Finding[]; readonly count: number }> {
    const folder = await mkdtemp(join(tmpdir(), 'wellpaid-verify-'));
    try {
      const path = join(folder, 'bundle.tar');
      const { bytes } = await this.bundles.open(systemActor(commissionerId, commissionerId));
      await pipeline(bytes, createWriteStream(path));
      const pins = [commissionerId, await this.proofs.platformLogId()].flatMap((id) => [
        ...this.keys.verifierKeys(this.keys.originOf(id)),
      ]);
      const verdict = await verifyBundle(path, { pins, onProgress });
      if (verdict.outcome === 'unreadable')
        return { findings: [{ code: 'bundle_unreadable', at: {}, what: verdict.message }], count: 1 };
      return { findings: verdict.findings, count: verdict.findingCount };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
