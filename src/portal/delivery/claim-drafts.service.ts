import { Injectable } from '@nestjs/common';
import { keyOfFact, type ListedClaim, type ListedFact } from '../../delivery/index.js';
import type { Actor } from '../../platform/actor.js';
import { DraftsService } from '../../sign-in/index.js';

const LIST = 'claim-list';
const SENT = 'claims-sent';

/** An entry that was not submitted, with what was said about it. */
export interface FailedEntry {
  readonly listed: ListedClaim;
  readonly code: string;
  readonly message: string;
}

/** What came of a list when it was submitted last. */
export interface SentList {
  readonly claimIds: readonly string[];
  readonly failed: readonly FailedEntry[];
}

/** The list of claims that a member is gathering: kept on the server, until it is submitted or thirty days have passed. */
@Injectable()
export class ClaimDrafts {
  constructor(private readonly drafts: DraftsService) {}

  async list(actor: Actor): Promise<ListedClaim[]> {
    const data = await this.drafts.find(actor, LIST, '');
    return Array.isArray(data?.entries) ? data.entries.map((entry) => opened(entry) as ListedClaim) : [];
  }

  /** An entry about the same fact takes the place of the one before. */
  async add(actor: Actor, entries: readonly ListedClaim[]): Promise<void> {
    const list = new Map((await this.list(actor)).map((entry) => [entry.key, entry]));
    for (const entry of entries) list.set(entry.key, entry);
    await this.save(actor, [...list.values()]);
  }

  addSessions(actor: Actor, contractId: string, sessionIds: readonly string[]): Promise<void> {
    return this.add(
      actor,
      sessionIds.map((sessionId) => entryOf({ kind: 'session', contractId, sessionId })),
    );
  }

  async remove(actor: Actor, keys: readonly string[]): Promise<void> {
    const list = await this.list(actor);
    await this.save(
      actor,
      list.filter(({ key }) => !keys.includes(key)),
    );
  }

  keepSent(actor: Actor, sent: SentList): Promise<void> {
    return this.drafts.save(actor, SENT, '', { sent: sealed(sent) });
  }

  async sent(actor: Actor): Promise<SentList | null> {
    const data = await this.drafts.find(actor, SENT, '');
    return data === null ? null : (opened(data.sent) as SentList);
  }

  private async save(actor: Actor, list: readonly ListedClaim[]): Promise<void> {
    if (list.length === 0) await this.drafts.discard(actor, LIST, '');
    else await this.drafts.save(actor, LIST, '', { entries: list.map(sealed) });
  }
}

export function entryOf(fact: ListedFact, yourReference: string | null = null): ListedClaim {
  return { key: keyOfFact(fact), fact, yourReference };
}

/**
 * Drafts leave out a field with ten digits that could be an NHS number, which ids have by chance: so an entry, whose one
 * free text was checked when it was typed, is kept in another alphabet.
 */
function sealed(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function opened(text: unknown): unknown {
  return JSON.parse(Buffer.from(String(text), 'base64url').toString());
}
