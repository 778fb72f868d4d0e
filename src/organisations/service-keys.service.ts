import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { ApiKey } from './api-key.entity.js';
import { journalHomeOf, readersOf } from './journal-home.queries.js';
import { KeysService, type IssuedKey } from './keys.service.js';
import { shownOnce } from './organisations.errors.js';
import type { IssueServiceKey } from './organisations.schemas.js';

/** A key of a program, as those may see it who look after keys: not what it is. */
export type ServiceKey = Pick<ApiKey, 'id' | 'label' | 'prefix' | 'scopes' | 'createdAt' | 'expiresAt'> & {
  readonly isExpired: boolean;
};

const SERVICE_KEYS = `
select id, label, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt", expires_at <= $1 as "isExpired"
from api_key where member_id is null and revoked_at is null order by id`;

/** The keys by which an organisation's programs act for it, looked after by its admins and journalled. */
@Injectable()
export class ServiceKeysService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly keys: KeysService,
    private readonly clock: Clock,
  ) {}

  /** Those that were not revoked; some may have expired. */
  list(actor: Actor): Promise<ServiceKey[]> {
    return this.database.read(actor, (reader) => reader.query<ServiceKey>(SERVICE_KEYS, [this.clock.now()]));
  }

  /** A key of the actor's organisation, a personal one too. @throws not_found, also of one that was revoked */
  async get(actor: Actor, id: string): Promise<ServiceKey & { readonly isPersonal: boolean }> {
    const key = await this.database.read(actor, (reader) => reader.findOneBy(ApiKey, { id, revokedAt: IsNull() }));
    if (!key) throw notFound();
    const { label, prefix, scopes, createdAt, expiresAt, memberId } = key;
    const isExpired = expiresAt <= this.clock.now();
    return { id, label, prefix, scopes, createdAt, expiresAt, isExpired, isPersonal: memberId !== null };
  }

  /**
   * Issues a key for a program. Its secret is not kept: a command that was sent twice gets it once.
   *
   * @throws secret.shown_once
   */
  async issue(actor: Actor, { label, scopes, days }: IssueServiceKey): Promise<IssuedKey> {
    const commissionerId = await journalHomeOf(this.database, actor);
    let secret: string | undefined;
    const issued = await this.commands.run(actor, { name: 'key.issue', commissionerId }, async (tx) => {
      const { key, ...rest } = await this.keys.issueService(tx, actor.orgId, label, scopes, days);
      await this.ledger.record(tx, {
        type: 'key.issued',
        commissionerId,
        subjectId: rest.id,
        actor,
        ...readersOf(actor),
        data: { scopes, days },
      });
      secret = key;
      return rest;
    });
    if (secret === undefined) throw shownOnce();
    return { ...issued, key: secret };
  }

  /**
   * Ends a key of the actor's organisation at once, a personal one too. One that was revoked stays so.
   *
   * @throws not_found
   */
  async revoke(actor: Actor, id: string): Promise<void> {
    const commissionerId = await journalHomeOf(this.database, actor);
    await this.commands.run(actor, { name: 'key.revoke', commissionerId, subjectId: id }, async (tx) => {
      const ended = await tx.execute('update api_key set revoked_at = $2 where id = $1 and revoked_at is null', [
        id,
        this.clock.now(),
      ]);
      if (ended === 0 && !(await tx.existsBy(ApiKey, { id }))) throw notFound();
      if (ended === 0) return null;
      const type = 'key.revoked';
      await this.ledger.record(tx, { type, commissionerId, subjectId: id, actor, ...readersOf(actor), data: {} });
      return null;
    });
  }
}
