import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { CanonicalObject } from '../platform/canonical-json.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { type Account, accountCode } from './accounts.js';
import type { StoredEvent } from './event.rules.js';
import {
  type ContractBudget,
  type Entry,
  findBudget,
  findTransfers,
  insertEvents,
  type PostedEvent,
  readBalances,
  type RecordedEvent,
  type Reversed,
  sendEvents,
  sha256,
  writeEntries,
} from './ledger.queries.js';
import { accountId, reversalOf, type Transfer, transfersDigest, whyNotTransfer } from './transfer.rules.js';

export type { ContractBudget, PostedEvent, RecordedEvent, Reversed } from './ledger.queries.js';

/** Something that happened, to be remembered for ever. */
export interface NewEvent {
  /** Made here when it is left out; give it when a row stored before the event has to name it. */
  readonly id?: string;
  /** `noun.past_participle`, such as `batch.approved`. */
  readonly type: string;
  readonly commissionerId: string;
  readonly subjectId: string;
  readonly actor: Actor;
  /** The one provider that may read this event. What a provider may not read is a different event. */
  readonly providerId?: string | null;
  readonly referrerId?: string | null;
  /** The earlier event, of the same commissioner, that led to this one. */
  readonly causeId?: string | null;
  /** When it happened outside; now, when it is left out. */
  readonly occurredAt?: Date;
  /** Opaque ids, states, hashes and amounts (bigint minor units). No personal data: an event is never erased. */
  readonly data: CanonicalObject;
}

export interface NewTransfer {
  readonly debit: Account;
  readonly credit: Account;
  /** A line of nothing is left out; below zero is a bug. */
  readonly amountMinor: bigint;
  readonly claimId?: string | null;
}

/** An event and what it moves. */
export interface Posting {
  readonly event: NewEvent;
  readonly transfers: readonly NewTransfer[];
  /** The day on which the money counts; today in London, when it is left out. */
  readonly effectiveOn?: IsoDate;
  /** True for what has happened outside and cannot be refused (a webhook, a bank's result): floors let it pass. */
  readonly fact?: boolean;
}

/** The journal (what happened) and the ledger (what it moved) of every commissioner. Rows are added, never changed. */
@Injectable()
export class LedgerService {
  constructor(private readonly clock: Clock) {}

  /** Remembers an event that moves nothing. */
  async record(tx: Tx, event: NewEvent): Promise<RecordedEvent> {
    const [recorded] = await this.recordAll(tx, [event]);
    assert(recorded, 'one event gives one record');
    return recorded;
  }

  /** Remembers events in this order with one statement, also of several commissioners (under the intake role). */
  recordAll(tx: Tx, events: readonly NewEvent[]): Promise<RecordedEvent[]> {
    const recordedAt = this.clock.now();
    return insertEvents(
      tx,
      events.map((event) => stored(event, recordedAt)),
    );
  }

  /** The same, without waiting for it: what comes next fails as it did. */
  sendAll(tx: Pick<Tx, 'send'>, events: readonly NewEvent[]): void {
    const recordedAt = this.clock.now();
    sendEvents(
      tx,
      events.map((event) => stored(event, recordedAt)),
    );
  }

  /**
   * Remembers an event with its transfers, and opens the accounts that are missing.
   *
   * @throws ledger.balance_too_low when a decision would take a strict account below zero
   */
  async post(tx: Tx, posting: Posting): Promise<PostedEvent> {
    const [posted] = await this.postAll(tx, [posting]);
    assert(posted, 'one posting gives one event');
    return posted;
  }

  /**
   * Posts in one step: floors are judged after all of it, and each strict account is locked and updated once. All are of
   * one commissioner, and either all facts or all decisions.
   *
   * @throws ledger.balance_too_low when the decisions together would take a strict account below zero
   */
  postAll(tx: Tx, postings: readonly Posting[]): Promise<PostedEvent[]> {
    const recordedAt = this.clock.now();
    const named = new Map<string, { id: string; account: Account }>();
    const entries = postings.map(({ event, transfers, effectiveOn = this.clock.today() }) => {
      const idOf = (account: Account): string => {
        const code = accountCode(account);
        const known = named.get(code) ?? { id: accountId(event.commissionerId, account, sha256), account };
        named.set(code, known);
        return known.id;
      };
      return entryOf(
        stored(event, recordedAt),
        transfers.filter((line) => line.amountMinor !== 0n).map((line) => transferOf(line, effectiveOn, idOf)),
      );
    });
    const facts = new Set(postings.map(({ fact = false }) => fact));
    assert(facts.size <= 1, 'facts and decisions are not posted together');
    const opened = Array.from(named.values(), ({ account }) => account);
    return writeEntries(tx, entries, opened, facts.has(true));
  }

  /**
   * Moves back, in full, what an event or some transfers moved, under a new event. Nothing is reversed twice, and a
   * reversal itself is not reversed: post anew.
   *
   * @throws ledger.already_reversed when any of it was reversed before
   * @throws ledger.balance_too_low when what was moved has moved on, unless it is a fact
   */
  async reverse(tx: Tx, what: Reversed, posting: Omit<Posting, 'transfers'>): Promise<PostedEvent> {
    const { event, effectiveOn = this.clock.today(), fact = false } = posting;
    const originals = await findTransfers(tx, event.commissionerId, what);
    assert(originals.length > 0, 'nothing was moved that could be reversed');
    assert('eventId' in what || originals.length === what.transferIds.length, 'every transfer to reverse exists');
    const entry = entryOf(
      stored(event, this.clock.now()),
      originals.map((original) => reversalOf(original, newId(), effectiveOn)),
    );
    const [posted] = await writeEntries(tx, [entry], [], fact);
    assert(posted, 'one reversal gives one event');
    return posted;
  }

  /** What an account holds now, in minor units on its normal side; 0 when it was never opened. */
  async balance(reader: Reader, commissionerId: string, account: Account): Promise<bigint> {
    const [minor = 0n] = await this.balances(reader, commissionerId, [account]);
    return minor;
  }

  /** What several accounts hold now, in the order given. */
  balances(reader: Reader, commissionerId: string, wanted: readonly Account[]): Promise<bigint[]> {
    return readBalances(reader, commissionerId, wanted, null, null);
  }

  /**
   * What an account held at the end of a day, by the days on which its transfers count. With a snapshot (the text of the
   * `pg_snapshot` stored with a checkpoint) only what that checkpoint had sealed counts, so that a statement can be made
   * again to the penny: a time stamp could not say so, for late commits change what had been recorded by then.
   */
  async balanceAsOf(
    reader: Reader,
    commissionerId: string,
    account: Account,
    effectiveOn: IsoDate,
    bookedIn: string | null = null,
  ): Promise<bigint> {
    const [minor = 0n] = await readBalances(reader, commissionerId, [account], effectiveOn, bookedIn);
    return minor;
  }

  /** The budget of a contract, for its commissioner or its provider; all zero when nothing was authorised. */
  async contractBudget(reader: Reader, contractId: string): Promise<ContractBudget> {
    const budget = await findBudget(reader, contractId);
    return budget ?? { authorisedMinor: 0n, budgetMinor: 0n, committedMinor: 0n, spentMinor: 0n };
  }
}

function stored(event: NewEvent, recordedAt: Date): StoredEvent {
  const { kind, orgId, memberId, keyId } = event.actor;
  return {
    id: event.id ?? newId(),
    commissionerId: event.commissionerId,
    type: event.type,
    subjectId: event.subjectId,
    actor: { kind, orgId, memberId, keyId },
    providerId: event.providerId ?? null,
    referrerId: event.referrerId ?? null,
    causeId: event.causeId ?? null,
    occurredAt: event.occurredAt ?? recordedAt,
    recordedAt,
    data: event.data,
  };
}

function transferOf(line: NewTransfer, effectiveOn: IsoDate, idOf: (account: Account) => string): Transfer {
  const wrong = whyNotTransfer(line);
  assert(wrong === undefined, `${accountCode(line.debit)} to ${accountCode(line.credit)}: ${wrong}`);
  return {
    id: newId(),
    debitAccountId: idOf(line.debit),
    creditAccountId: idOf(line.credit),
    amountMinor: line.amountMinor,
    effectiveOn,
    claimId: line.claimId ?? null,
    reversesId: null,
  };
}

/** Binds the transfers to the body of their event before either is written. */
function entryOf(event: StoredEvent, transfers: readonly Transfer[]): Entry {
  if (transfers.length === 0) return { event, transfers };
  return { event: { ...event, transfers: transfersDigest(transfers, sha256) }, transfers };
}
