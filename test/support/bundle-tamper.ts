import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Verdict, verifyBundle, type VerifyBundleOptions } from '../../src/audit/index.js';
import { BLOCK_BYTES, padding, parseUstarHeader, ustarHeader } from '../../src/audit/ustar.js';

/** A member of an archive, which whoever tampers may change, move or drop. */
export interface Member {
  name: string;
  content: Buffer;
}

/** The members of an archive, in order; each has its bytes for itself. */
export function membersOf(archive: Buffer): Member[] {
  const members: Member[] = [];
  for (let at = 0; ;) {
    const header = parseUstarHeader(archive.subarray(at, at + BLOCK_BYTES), at);
    if (!header) return members;
    const start = at + BLOCK_BYTES;
    members.push({ name: header.name, content: Buffer.from(archive.subarray(start, start + header.size)) });
    at = start + Math.ceil(header.size / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

/** An archive of members, with whatever headers they need. */
export function archiveOf(members: readonly Member[]): Buffer {
  const madeAt = new Date('2026-11-25T09:00:00Z');
  const blocks = members.flatMap(({ name, content }) => [
    ustarHeader({ name, size: content.length }, madeAt),
    content,
    padding(content.length),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** The archive with one member's text changed; throws where the text is not there to be changed. */
export function withText(archive: Buffer, name: string, change: (text: string) => string): Buffer {
  const members = membersOf(archive);
  const member = members.find((each) => each.name === name);
  if (!member) throw new Error(`there is no ${name}`);
  const text = member.content.toString('latin1');
  const changed = change(text);
  if (changed === text) throw new Error(`nothing changed in ${name}`);
  member.content = Buffer.from(changed, 'latin1');
  return archiveOf(members);
}

/** Verifies bytes as a file. */
export async function verdictOf(bytes: Buffer, options: VerifyBundleOptions = {}): Promise<Verdict> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  try {
    const file = path.join(folder, 'bundle.tar');
    writeFileSync(file, bytes);
    return await verifyBundle(file, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The codes of what was found; the reason why nothing could be. */
export function codesOf(verdict: Verdict): string[] {
  if (verdict.outcome === 'unreadable') return [`unreadable: ${verdict.message}`];
  return verdict.findings.map(({ code }) => code);
}
