import { Injectable } from '@nestjs/common';
import { IsNull, Not } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { invalidRequest } from '../platform/errors.js';
import { emit, type Topic } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { Login } from './login.entity.js';
import { SecurityLog } from './security-log.service.js';
import { credentialAdded, credentialRemoved } from './sign-in.events.js';

const AUTH = { side: 'auth', orgId: null } as const;
const NAME_MAX = 120;
const FIRST_ORGANISATION =
  'select organisation_id as id from member where login_id = $1 order by created_at, id limit 1';

/** Where a notice to the owner of a login goes. */
export interface LoginAddress {
  readonly email: string;
  readonly displayName: string;
  readonly locale: 'en' | 'cy';
}

export interface NewLogin {
  readonly id?: string;
  readonly email: string;
  readonly displayName: string;
  readonly locale?: 'en' | 'cy';
  readonly operator?: boolean;
}

/** People's ways in, as rows. */
@Injectable()
export class LoginsService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: SecurityLog,
  ) {}

  /** Where to write to the owner of a login; null when there is none, or it is disabled. */
  findAddress(loginId: string): Promise<LoginAddress | null> {
    return this.database.read(AUTH, async (reader) => {
      const login = await reader.findOneBy(Login, { id: loginId });
      if (!login || login.disabledAt !== null) return null;
      const { email, displayName, locale } = login;
      return { email, displayName, locale };
    });
  }

  /** What pages and e-mails speak to somebody. */
  async chooseLocale(loginId: string, locale: 'en' | 'cy'): Promise<void> {
    await this.database.transaction(AUTH, (tx) => tx.update(Login, { id: loginId }, { locale }));
  }

  /** @throws request.invalid when the name is empty or too long */
  async create(
    tx: Tx,
    { id = newId(), email, displayName, locale = 'en', operator = false }: NewLogin,
  ): Promise<Login> {
    const name = displayName.trim();
    if (name.length < 1 || name.length > NAME_MAX) throw invalidRequest({ field: 'displayName', max: NAME_MAX });
    const login = {
      id,
      email: canonicalEmail(email),
      displayName: name,
      locale,
      passwordHash: null,
      totpSecret: null,
      totpStep: null,
      operator,
      createdAt: this.clock.now(),
      disabledAt: null,
    };
    await tx.insert(Login, login);
    return login;
  }

  /** The login that signs in with this address and a password. */
  findByEmail(reader: Reader, email: string): Promise<Login | null> {
    return reader.findOneBy(Login, { email: canonicalEmail(email), passwordHash: Not(IsNull()), disabledAt: IsNull() });
  }

  /** Tells the owner by e-mail, through the outbox, that a way in was added. */
  async noteAdded(tx: Tx, loginId: string, method: string): Promise<void> {
    this.log.note('credential_added', { loginId, method });
    await this.tell(tx, credentialAdded, loginId);
  }

  async noteRemoved(tx: Tx, loginId: string, method: string): Promise<void> {
    this.log.note('credential_removed', { loginId, method });
    await this.tell(tx, credentialRemoved, loginId);
  }

  /** Whoever works for nobody, such as an operator, is told by the log alone. */
  private async tell(tx: Tx, topic: Topic, loginId: string): Promise<void> {
    const [first] = await tx.query<{ id: string }>(FIRST_ORGANISATION, [loginId]);
    if (first) await emit(tx, first.id, topic, { commissionerId: first.id, id: loginId });
  }
}

/** One spelling of an address: it is compared as people type it. */
export function canonicalEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase();
}
