import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { assertOutsideTransaction } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { CHECKPOINTS, type CheckpointSettings } from '../platform/platform.module.js';

/** What is published of a log: a signed note, and how many were published before it. */
export interface Published {
  readonly edition: number;
  readonly note: string;
}

/** The store does not answer as it should: nothing is known of what is published. */
export class StoreUnreachable extends Error {
  override name = 'StoreUnreachable';
}

const EDITION = /^\d{12}$/;
/** For people; the editions are what counts. */
const NEWEST = 'checkpoint';
/** Editions that stay, for whoever wants to see how a log went on. */
const KEPT = 16;

/**
 * The newest checkpoint of each log in a folder outside the database, which processes on several machines may share: one
 * folder for each log, one numbered file for each note. A file is made whole or not at all and only where there is none,
 * so that of two publishers who read the same edition one alone writes the next: compare and set.
 */
@Injectable()
export class CheckpointStore {
  private readonly root: string | undefined;

  constructor(@Inject(CHECKPOINTS) { storeDir }: CheckpointSettings) {
    this.root = storeDir;
  }

  get isConfigured(): boolean {
    return this.root !== undefined;
  }

  /**
   * The newest note of a log; null when none was published, or all of it is lost.
   *
   * @throws StoreUnreachable
   */
  async read(logId: string): Promise<Published | null> {
    const folder = await this.folderOf(logId);
    return reaching(async () => {
      const edition = (await editionsOf(folder)).at(-1);
      return edition === undefined ? null : { edition, note: await readFile(join(folder, nameOf(edition)), 'utf8') };
    });
  }

  /**
   * Publishes the note on top of what was read. False when somebody else has gone on meanwhile: read again. Another process
   * that publishes the very same note is nobody else.
   *
   * @throws StoreUnreachable
   */
  async publish(logId: string, after: Published | null, note: string): Promise<boolean> {
    const folder = await this.folderOf(logId);
    const edition = (after?.edition ?? 0) + 1;
    return reaching(async () => {
      await mkdir(folder, { recursive: true });
      if (!(await place(folder, nameOf(edition), note))) return false;
      const editions = await editionsOf(folder);
      // Others went on meanwhile: on top of ours, or long ago, and ours took the place of one that was cleared away.
      if (editions.at(-1) !== edition) return false;
      await showNewest(folder);
      for (const old of editions.slice(0, -KEPT)) await rm(join(folder, nameOf(old)), { force: true });
      return true;
    });
  }

  /** The folder of the store itself is never made: where it is missing, a disk is. */
  private async folderOf(logId: string): Promise<string> {
    assertOutsideTransaction();
    assert(this.root !== undefined, 'a store is asked only where there is one');
    const { root } = this;
    await reaching(() => stat(root));
    return join(root, logId);
  }
}

async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StoreUnreachable((error as NodeJS.ErrnoException).code ?? 'unreachable', { cause: error });
  }
}

function nameOf(edition: number): string {
  return String(edition).padStart(12, '0');
}

async function editionsOf(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => EDITION.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Makes the file whole, on the disk, and only where there is none. True also when what is there is the same text. */
async function place(folder: string, name: string, text: string): Promise<boolean> {
  const draft = await writeDraft(folder, text);
  try {
    await link(draft, join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Over NFS a link may be made and its answer lost.
    return (await readFile(join(folder, name), 'utf8')) === text;
  } finally {
    await rm(draft, { force: true });
  }
  await sync(folder);
  return true;
}

/** It may lag behind after a crash: nothing reads it but people. Of two who show at once the later shows the newest. */
async function showNewest(folder: string): Promise<void> {
  for (let shown = 0; ;) {
    const newest = (await editionsOf(folder)).at(-1) ?? 0;
    if (newest === shown) return;
    const draft = join(folder, `.${randomUUID()}`);
    await copyFile(join(folder, nameOf(newest)), draft);
    await rename(draft, join(folder, NEWEST));
    shown = newest;
  }
}

async function writeDraft(folder: string, text: string): Promise<string> {
  const draft = join(folder, `.${randomUUID()}`);
  const file = await open(draft, 'wx', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

/** A name is kept once its folder is. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
