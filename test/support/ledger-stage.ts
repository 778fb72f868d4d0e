import pg from 'pg';
import {
  type Account,
  accounts,
  checkInvariants,
  LEDGER_INVARIANTS,
  Commands,
  type Finding,
  LedgerService,
  type NewEvent,
  type PostedEvent,
  type Posting,
  type Reversed,
} from '../../src/ledger/index.js';
import type { Actor, Scope } from '../../src/platform/actor.js';
import { Clock, type IsoDate } from '../../src/platform/clock.js';
import { connect } from '../../src/platform/data-source.js';
import { Database, type Tx } from '../../src/platform/database.js';
import { newId } from '../../src/platform/ids.js';
import { testDatabase } from './database.js';

/** Stands still until a test moves it. */
export class StillClock extends Clock {
  at = new Date('2026-11-25T10:00:00.123Z');

  now(): Date {
    return this.at;
  }
}

/** A database of a test's own, the ledger on it as the application sees it, and a superuser to look and to tamper. */
export interface LedgerStage {
  readonly database: Database;
  readonly ledger: LedgerService;
  readonly commands: Commands;
  readonly clock: StillClock;
  /** Runs a statement as the superuser, whom no policy and no grant binds. */
  admin<Row = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function ledgerStage(): Promise<LedgerStage> {
  const own = await testDatabase();
  const database = new Database(await connect(own.appUrl, [], 10));
  const client = new pg.Client({ connectionString: own.adminUrl });
  await client.connect();
  const clock = new StillClock();
  const ledger = new LedgerService(clock);
  return {
    database,
    ledger,
    commands: new Commands(database, ledger),
    clock,
    admin: async <Row>(sql: string, parameters: unknown[] = []) => {
      const { rows } = await client.query(sql, parameters);
      return rows as Row[];
    },
    close: async () => {
      await database.onApplicationShutdown();
      await client.end();
      await own.drop();
    },
  };
}

/** Somebody who acts for an organisation, standing on that side of the database. */
export function actorOf(side: Scope['side'], orgId: string, more: Partial<Actor> = {}): Actor {
  return {
    kind: 'person',
    side,
    orgId,
    memberId: newId(),
    keyId: newId(),
    roles: [],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: newId(),
    ...more,
  };
}

/** The books of one new commissioner, and the few postings that tests of the ledger are made of. */
export class Books {
  readonly commissioner = actorOf('commissioner', newId());

  constructor(private readonly stage: LedgerStage) {}

  event(type: string, more: Partial<NewEvent> = {}): NewEvent {
    const { commissioner } = this;
    return { type, commissionerId: commissioner.orgId, subjectId: newId(), actor: commissioner, data: {}, ...more };
  }

  write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.stage.database.transaction(this.commissioner, work);
  }

  post(posting: Posting): Promise<PostedEvent> {
    return this.write((tx) => this.stage.ledger.post(tx, posting));
  }

  reverse(what: Reversed, type: string, fact = false): Promise<PostedEvent> {
    return this.write((tx) => this.stage.ledger.reverse(tx, what, { event: this.event(type), fact }));
  }

  /** A fact: funds come in. */
  fund(amountMinor: bigint, effectiveOn?: IsoDate): Promise<PostedEvent> {
    const transfers = [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor }];
    return this.post({
      event: this.event('funds.received'),
      transfers,
      fact: true,
      ...(effectiveOn === undefined ? {} : { effectiveOn }),
    });
  }

  /** A decision that funds limit. */
  reservation(amountMinor: bigint): Posting {
    const transfers = [{ debit: accounts.fundsReserved(), credit: accounts.funds(), amountMinor }];
    return { event: this.event('payout.requested'), transfers };
  }

  /** A fact that may take funds below zero. */
  fee(amountMinor: bigint): Posting {
    const transfers = [{ debit: accounts.fees(), credit: accounts.funds(), amountMinor }];
    return { event: this.event('fee.taken'), transfers, fact: true };
  }

  balance(account: Account): Promise<bigint> {
    return this.stage.database.read(this.commissioner, (reader) =>
      this.stage.ledger.balance(reader, this.commissioner.orgId, account),
    );
  }

  funds(): Promise<bigint> {
    return this.balance(accounts.funds());
  }
}

/** What is broken anywhere in the database; nothing, when all is well. */
export async function brokenInvariants(stage: LedgerStage): Promise<Finding[]> {
  const findings = await checkInvariants((sql) => stage.admin(sql), LEDGER_INVARIANTS);
  return findings.filter(({ violations }) => violations.length > 0);
}

let tied = 0;

/** A contract with the provider, and the registration of the referrer: what lets them write into these books. */
export async function tie(
  stage: Pick<LedgerStage, 'admin'>,
  commissionerId: string,
  providerId: string,
  referrerId: string,
): Promise<void> {
  await stage.admin(
    `insert into organisation (id, kind, code, name, legal_form, address, postcode, registered_by, created_at)
     values ($1, 'commissioner', $4, 'Buyer', 'council', '{1 Street}', 'E1 6AN', null, now()),
            ($2, 'provider', $5, 'Seller', 'charity', '{1 Street}', 'E1 6AN', $1, now()),
            ($3, 'referrer', $6, 'Sender', 'charity', '{1 Street}', 'E1 6AN', $1, now())`,
    [commissionerId, providerId, referrerId, ...['BUYER', 'SELLER', 'SENDER'].map((code) => `${code}${++tied}`)],
  );
  await stage.admin(
    `insert into contract (commissioner_id, id, provider_id, code, title, created_at)
     values ($1, gen_random_uuid(), $2, 'SP-1', 'Singing', now())`,
    [commissionerId, providerId],
  );
}
