import { Injectable } from '@nestjs/common';
import { findNhsNumbers } from '../identifiers/index.js';
import type { Side } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { Draft } from './draft.entity.js';

const TYPED = 'typed';

/** Whose a draft is: an actor who is a member, or the owner of a session that has ended. */
export interface DraftOwner {
  readonly side: Side;
  readonly orgId: string;
  readonly memberId: string | null;
}

type Data = Readonly<Record<string, unknown>>;

/**
 * What members had typed when they were interrupted, for thirty days. A field that says whom a form is about is left out,
 * and so is one in which there is an NHS number: nothing here needs to know.
 */
@Injectable()
export class DraftsService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Keeps the draft in the place of an earlier one. Without a member there is nobody to keep it for. */
  async save(owner: DraftOwner, kind: string, subject: string, data: Data): Promise<void> {
    if (owner.memberId === null) return;
    const kept = Object.fromEntries(Object.entries(data).filter(([name, value]) => !isAboutPerson(name, value)));
    await this.database.transaction(owner, (tx) =>
      tx.execute(
        `insert into draft (organisation_id, member_id, kind, subject, data, saved_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (organisation_id, member_id, kind, subject)
         do update set data = excluded.data, saved_at = excluded.saved_at`,
        [owner.orgId, owner.memberId, kind, subject, JSON.stringify(kept), this.clock.now()],
      ),
    );
  }

  async find(owner: DraftOwner, kind: string, subject: string): Promise<Data | null> {
    if (owner.memberId === null) return null;
    const where = keyOf(owner, owner.memberId, kind, subject);
    const draft = await this.database.read(owner, (reader) => reader.findOneBy(Draft, where));
    return draft?.data ?? null;
  }

  /** One's own drafts, the latest first. */
  async list({ memberId, ...scope }: DraftOwner): Promise<Draft[]> {
    if (memberId === null) return [];
    const where = { organisationId: scope.orgId, memberId };
    return this.database.read(scope, (reader) => reader.find(Draft, { where, order: { savedAt: 'DESC' } }));
  }

  async discard(owner: DraftOwner, kind: string, subject: string): Promise<void> {
    await this.database.transaction(owner, (tx) => discard(tx, owner, kind, subject));
  }

  /** The draft, which is gone then. */
  take(owner: DraftOwner, kind: string, subject: string): Promise<Data | null> {
    return this.database.transaction(owner, async (tx) => {
      if (owner.memberId === null) return null;
      const draft = await tx.findOneBy(Draft, keyOf(owner, owner.memberId, kind, subject));
      await discard(tx, owner, kind, subject);
      return draft?.data ?? null;
    });
  }

  /** Keeps what was typed on a page while its author signs in again or proves who they are. */
  keepTyped(owner: DraftOwner, path: string, values: Data): Promise<void> {
    return this.save(owner, TYPED, path.slice(0, 200), values);
  }

  /** What was kept of a page, once. */
  async takeTyped(owner: DraftOwner, path: string): Promise<Data> {
    return (await this.take(owner, TYPED, path.slice(0, 200))) ?? {};
  }
}

function keyOf({ orgId }: DraftOwner, memberId: string, kind: string, subject: string) {
  return { organisationId: orgId, memberId, kind, subject };
}

async function discard(tx: Tx, owner: DraftOwner, kind: string, subject: string): Promise<void> {
  if (owner.memberId !== null) await tx.delete(Draft, keyOf(owner, owner.memberId, kind, subject));
}

function isAboutPerson(name: string, value: unknown): boolean {
  return /nhs|^person/i.test(name) || findNhsNumbers(JSON.stringify(value) ?? '').length > 0;
}
