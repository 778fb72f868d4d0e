import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseServerAccount } from '../../src/platform/embedded-postgres-account.js';
import { afterTest, isRoot, makeFolder } from '../support/embedded-servers.js';
import type { Cluster } from './cluster.js';

const SIZE_MB = 48;
/** Not so long that work is given up. */
const FULL_FOR_MS = 1_000;
/** What every command adds rows to. */
const TABLES = ['ledger.event', 'claim', 'idempotency', 'outbox'];

/** A volume of its own for the tables that grow, small enough to be filled. Only root can make one. */
export class SmallDisk {
  private constructor(private readonly folder: string) {}

  /** Gives why there is none where there cannot be one. */
  static async mount(cluster: Cluster): Promise<SmallDisk | string> {
    if (!isRoot) return 'only root can mount a volume';
    const folder = path.join(makeFolder(), 'volume');
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder]);
    if (mounted.status !== 0) return `mount: ${String(mounted.stderr ?? mounted.error).trim()}`;
    afterTest(() => spawnSync('umount', ['-l', folder]));
    const data = path.join(folder, 'data');
    mkdirSync(data);
    const account = chooseServerAccount(data);
    if (account) chownSync(data, account.uid, account.gid);
    await cluster.query(`create tablespace small location '${data}'`);
    for (const table of TABLES) await cluster.query(`alter table ${table} set tablespace small`);
    return new SmallDisk(folder);
  }

  /** No page more fits for a while. */
  async fill(): Promise<void> {
    const ballast = path.join(this.folder, 'ballast');
    try {
      for (let n = 0; ; n++) writeFileSync(`${ballast}${n}`, Buffer.alloc(64 * 1_024));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
    await sleep(FULL_FOR_MS);
    for (let n = 0; n <= SIZE_MB * 16; n++) rmSync(`${ballast}${n}`, { force: true });
  }
}
