import { Injectable } from '@nestjs/common';
import type { Actor, ServiceScope } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { Gathering } from '../platform/gathering.js';
import { newId } from '../platform/ids.js';
import { Authenticator } from '../platform/permit.guard.js';
import { ApiKey } from './api-key.entity.js';
import type { Member } from './member.entity.js';
import { hashOfSecret, newSecret } from './secrets.js';

const AUTH = { side: 'auth', orgId: null } as const;
const PERSONAL_HOURS = 12;
const HOUR_MS = 3_600_000;
const LOOKUPS_MOST = 200;
const LOOKUPS_WAITING_MOST = 2_000;
const LOOKUPS_PATIENCE_MS = 2;

export interface IssuedKey {
  id: string;
  key: string;
  prefix: string;
  expiresAt: Date;
}

interface KeyRow {
  keyId: string;
  orgId: string;
  kind: 'commissioner' | 'provider' | 'referrer';
  memberId: string | null;
  scopes: ServiceScope[];
  roles: Actor['roles'] | null;
  approvalLimitMinor: bigint | null;
}

const FIND_KEYS = `
select k.secret_hash as "hash", k.id as "keyId", o.id as "orgId", o.kind, k.member_id as "memberId", k.scopes, m.roles,
       m.approval_limit_minor as "approvalLimitMinor"
from api_key k join organisation o on o.id = k.organisation_id left join member m on m.id = k.member_id
where k.secret_hash = any ($1::bytea[]) and k.revoked_at is null and k.expires_at > $2 and m.disabled_at is null`;

/** Bearer keys: who one belongs to, and new ones. Every request looks its key up, so that revoking works at once. */
@Injectable()
export class KeysService extends Authenticator {
  /** Requests that come while keys are being looked up have theirs looked up together. */
  private readonly lookups = new Gathering<Buffer, KeyRow | undefined>({
    most: LOOKUPS_MOST,
    waitingMost: LOOKUPS_WAITING_MOST,
    patienceOf: () => LOOKUPS_PATIENCE_MS,
    run: async (hashes) => {
      const rows = await this.database.lookUp<KeyRow & { readonly hash: Buffer }>(AUTH, FIND_KEYS, [
        hashes,
        this.clock.now(),
      ]);
      return hashes.map((hash) => ({ status: 'fulfilled', value: rows.find((row) => row.hash.equals(hash)) }));
    },
  });

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async authenticate(key: string, correlationId: string): Promise<Actor | null> {
    const hash = hashOfSecret(key);
    // Two lanes: what holds up one look-up does not hold up everybody.
    const row = await this.lookups.join(String((hash[0] ?? 0) % 2), hash);
    if (!row) return null;
    return {
      kind: row.memberId === null ? 'service' : 'person',
      side: row.kind,
      orgId: row.orgId,
      memberId: row.memberId,
      keyId: row.keyId,
      roles: row.roles ?? [],
      scopes: row.scopes,
      approvalLimitMinor: row.approvalLimitMinor,
      correlationId,
    };
  }

  /** A key that carries the member's roles for half a day. */
  issuePersonal(tx: Tx, member: Pick<Member, 'id' | 'organisationId'>): Promise<IssuedKey> {
    return this.issue(tx, 'personal', {
      organisationId: member.organisationId,
      memberId: member.id,
      label: 'personal',
      scopes: [],
      hours: PERSONAL_HOURS,
    });
  }

  /** A key for a program: what it may do is listed, and approving or paying cannot be. */
  issueService(
    tx: Tx,
    organisationId: string,
    label: string,
    scopes: ServiceScope[],
    days: number,
  ): Promise<IssuedKey> {
    return this.issue(tx, 'service', { organisationId, memberId: null, label, scopes, hours: days * 24 });
  }

  private async issue(
    tx: Tx,
    kind: 'personal' | 'service',
    spec: { organisationId: string; memberId: string | null; label: string; scopes: ServiceScope[]; hours: number },
  ): Promise<IssuedKey> {
    const secret = newSecret(kind);
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + spec.hours * HOUR_MS);
    const { hours: _, ...columns } = spec;
    const id = newId();
    await tx.insert(ApiKey, {
      ...columns,
      id,
      prefix: secret.prefix,
      secretHash: secret.hash,
      createdAt: now,
      expiresAt,
    });
    return { id, key: secret.text, prefix: secret.prefix, expiresAt };
  }
}
