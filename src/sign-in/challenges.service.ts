import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { hashOfToken, SecretBox } from '../platform/secret-box.js';
import { SecurityLog } from './security-log.service.js';
import { requestUnusable } from './sign-in.errors.js';

const AUTH = { side: 'auth', orgId: null } as const;
const MINUTE_MS = 60_000;

/** What a step of signing in keeps until the next one, and for how long (ASVS 6.5.5, 6.6.2). */
const LASTS_MS = {
  passkey_registration: 5 * MINUTE_MS,
  passkey_sign_in: 5 * MINUTE_MS,
  authenticator: 10 * MINUTE_MS,
  oidc: 10 * MINUTE_MS,
  set_up: 7 * 24 * 60 * MINUTE_MS,
} as const;
type Kind = keyof typeof LASTS_MS;

/**
 * Steps that were begun and wait for their answer. Each is answered once, in time, and by the browser that it was begun
 * in; what is kept for the answer is sealed.
 */
@Injectable()
export class ChallengesService {
  constructor(
    private readonly database: Database,
    private readonly secretBox: SecretBox,
    private readonly clock: Clock,
    private readonly log: SecurityLog,
  ) {}

  /** Begins a step. `key` is random: the answer brings it back. */
  begin(kind: Kind, key: string, browserToken: string | null, data: object): Promise<void> {
    return this.database.transaction(AUTH, (tx) => this.beginIn(tx, kind, key, browserToken, data));
  }

  async beginIn(tx: Tx, kind: Kind, key: string, browserToken: string | null, data: object): Promise<void> {
    const now = this.clock.now();
    await tx.execute(
      `insert into sign_in_challenge (key_hash, kind, browser_hash, data, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        hashOfToken(key),
        kind,
        browserToken === null ? null : hashOfToken(browserToken),
        this.secretBox.seal(JSON.stringify(data), kind),
        now,
        new Date(now.getTime() + LASTS_MS[kind]),
      ],
    );
  }

  /** What is kept of a step that can still be answered; it stays so. */
  async find<T>(reader: Reader, kind: Kind, key: string, browserToken: string | null): Promise<T | null> {
    const [row] = await reader.query<{ data: Buffer }>(
      `select data from sign_in_challenge where key_hash = $1 and kind = $2 and browser_hash is not distinct from $3
         and expires_at > $4`,
      this.keyOf(kind, key, browserToken),
    );
    return row ? (this.open(kind, row.data) as T) : null;
  }

  /**
   * Ends the step, whatever comes of it, and gives what was kept. Of two answers at once one gets it.
   *
   * @throws sign_in.request_unusable
   */
  take<T>(kind: Kind, key: string, browserToken: string | null): Promise<T> {
    return this.database.transaction(AUTH, (tx) => this.takeIn<T>(tx, kind, key, browserToken));
  }

  /** Ends the step if the transaction commits. @throws sign_in.request_unusable */
  async takeIn<T>(tx: Tx, kind: Kind, key: string, browserToken: string | null): Promise<T> {
    const [row] = await tx.query<{ data: Buffer }>(
      `delete from sign_in_challenge where key_hash = $1 and kind = $2 and browser_hash is not distinct from $3
         and expires_at > $4 returning data`,
      this.keyOf(kind, key, browserToken),
    );
    if (!row) {
      this.log.note('refused', { method: kind, reason: 'unusable' });
      throw requestUnusable();
    }
    return this.open(kind, row.data) as T;
  }

  private keyOf(kind: Kind, key: string, browserToken: string | null): unknown[] {
    return [hashOfToken(key), kind, browserToken === null ? null : hashOfToken(browserToken), this.clock.now()];
  }

  private open(kind: Kind, data: Buffer): unknown {
    return JSON.parse(this.secretBox.open(data, kind));
  }
}
