import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BundleService } from '../../src/assurance/bundle.service.js';
import { verifyBundle, type Verdict } from '../../src/audit/index.js';
import { systemActor } from '../../src/platform/actor.js';
import type { Database } from '../../src/platform/database.js';
import { LogKeys, LogProofs } from '../../src/sealing/index.js';
import type { TestApp } from '../support/app.js';
import type { Superuser } from './superuser.js';

/** What an auditor does, far from the database: takes the bundle away, and verifies it with what was given out before. */
export class Auditor {
  private readonly folder = mkdtempSync(join(tmpdir(), 'wellpaid-auditor-'));
  private readonly bundles: BundleService;
  private readonly pins: readonly string[];

  /** @param held signed checkpoints of earlier */
  constructor(
    superuser: Superuser,
    { nest, runtime }: TestApp,
    private readonly commissionerId: string,
    platformLogId: string,
    private readonly held: readonly { name: string; text: string }[],
  ) {
    const keys = nest.get(LogKeys);
    const read = <T>(_scope: unknown, work: (reader: unknown) => Promise<T>) =>
      work({ query: (sql: string, parameters?: unknown[]) => superuser.query(sql, parameters) });
    const database = { read } as unknown as Database;
    this.bundles = new BundleService(database, new LogProofs(database), keys, runtime.clock, runtime.log);
    this.pins = [commissionerId, platformLogId].flatMap((id) => [...keys.verifierKeys(keys.originOf(id))]);
  }

  /** The bundle as the database would give it out now. A database that cannot even do that has given nothing that proves. */
  async verdict(): Promise<Verdict> {
    const path = join(this.folder, 'bundle.tar');
    const { bytes } = await this.bundles.open(systemActor(this.commissionerId, this.commissionerId));
    await pipeline(bytes, createWriteStream(path));
    return verifyBundle(path, { held: this.held, pins: this.pins, threads: 0 });
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
