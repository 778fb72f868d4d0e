import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { SecretBox } from '../platform/secret-box.js';
import {
  ACCOUNT_PATIENCE,
  afterFailure,
  mayTry,
  NETWORK_PATIENCE,
  networkOf,
  type Failures,
  type Patience,
} from './back-off.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** A try that is looked at: whoever made it says how it ended. */
export interface Attempt {
  readonly account: Buffer;
  readonly network: Buffer;
}

/**
 * Slows guessing down, for one account and for one network. A try counts as failed from before it is looked at, so that a
 * thousand at once are no better than one after the other.
 */
@Injectable()
export class ThrottleService {
  constructor(
    private readonly database: Database,
    private readonly secretBox: SecretBox,
    private readonly clock: Clock,
  ) {}

  /**
   * Begins a try; null when it is not looked at, because there were too many.
   *
   * @param account what is guessed about, whether it exists or not: an e-mail address, or a login
   */
  begin(account: string, ip: string): Promise<Attempt | null> {
    const attempt = {
      account: this.secretBox.fingerprint(`account ${account}`),
      network: this.secretBox.fingerprint(`network ${networkOf(ip)}`),
    };
    return this.database.transaction(AUTH, async (tx) => {
      const now = this.clock.now();
      const found = await this.lock(tx, attempt, now);
      const keys = [
        [attempt.network, NETWORK_PATIENCE],
        [attempt.account, ACCOUNT_PATIENCE],
      ] as const;
      const known = (key: Buffer) => found.get(key.toString('hex')) ?? null;
      if (!keys.every(([key]) => mayTry(known(key), now))) return null;
      for (const [key, patience] of keys) await this.count(tx, key, known(key), now, patience);
      return attempt;
    });
  }

  /** The try succeeded: the account starts anew, and the network has one failure less. */
  async succeeded(tx: Tx, { account, network }: Attempt): Promise<void> {
    const now = this.clock.now();
    await tx.execute(
      `update sign_in_throttle set free_at = $3, failures = case when key = $1 then 0 else greatest(failures - 1, 0) end
       where key in ($1, $2)`,
      [account, network, now],
    );
  }

  /** Locks both rows in the order of their keys, made where they are missing. */
  private async lock(tx: Tx, { account, network }: Attempt, now: Date): Promise<Map<string, Failures>> {
    const keys = [account, network].sort((a, b) => a.compare(b));
    await tx.execute(
      `insert into sign_in_throttle (key, failures, last_failed_at, free_at)
       select k, 0, $2, $2 from unnest($1::bytea[]) k on conflict (key) do nothing`,
      [keys, now],
    );
    const rows = await tx.query<Failures & { key: Buffer }>(
      `select key, failures as count, last_failed_at as "lastFailedAt", free_at as "freeAt" from sign_in_throttle
       where key = any ($1) order by key for update`,
      [keys],
    );
    return new Map(rows.map((row) => [row.key.toString('hex'), row]));
  }

  private async count(tx: Tx, key: Buffer, known: Failures | null, now: Date, patience: Patience): Promise<void> {
    const { count, freeAt } = afterFailure(known, now, patience);
    await tx.execute('update sign_in_throttle set failures = $2, last_failed_at = $3, free_at = $4 where key = $1', [
      key,
      count,
      now,
      freeAt,
    ]);
  }
}
