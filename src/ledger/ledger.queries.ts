import { hash } from 'node:crypto';
import { type BulkColumn, column, insertRows, sendRows } from '../platform/bulk-insert.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { noteRecorded } from '../platform/receipts.js';
import type { Account } from './accounts.js';
import { BodySpeller, leafInput, type StoredEvent } from './event.rules.js';
import { accountId, type Sha256, type Transfer } from './transfer.rules.js';

/** An event with its transfers, whose digest is in the event. */
export interface Entry {
  readonly event: StoredEvent;
  readonly transfers: readonly Transfer[];
}

export interface RecordedEvent {
  readonly id: string;
  readonly recordedAt: Date;
  /** SHA-256 of the event's leaf in its commissioner's log (RFC 6962 section 2.1): what a receipt promises. */
  readonly leafHash: Buffer;
}

export interface PostedEvent extends RecordedEvent {
  /** In the order given; without lines of nothing. */
  readonly transferIds: readonly string[];
}

/** What a reversal undoes: all that an event moved, or some of its transfers, each in full. */
export type Reversed = { readonly eventId: string } | { readonly transferIds: readonly string[] };

/** In minor units; authorised = budget + committed + spent. */
export interface ContractBudget {
  readonly authorisedMinor: bigint;
  /** Left to commit. */
  readonly budgetMinor: bigint;
  readonly committedMinor: bigint;
  readonly spentMinor: bigint;
}

export const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

const EVENT_COLUMNS: readonly BulkColumn<SpelledEvent>[] = [
  column.uuid('commissioner_id', ({ commissionerId }) => commissionerId),
  column.uuid('id', ({ id }) => id),
  column.text('type', ({ event }) => event.type),
  column.uuid('subject_id', ({ event }) => event.subjectId),
  column.uuid('actor_org_id', ({ event }) => event.actor.orgId),
  column.uuid('provider_id', ({ event }) => event.providerId),
  column.uuid('referrer_id', ({ event }) => event.referrerId),
  column.uuid('cause_id', ({ event }) => event.causeId),
  column.timestamptz('occurred_at', ({ event }) => event.occurredAt),
  column.timestamptz('recorded_at', ({ recordedAt }) => recordedAt),
  column.bytea('body', ({ body }) => body),
];

const POST_TRANSFERS = 'select ledger.post_transfers($1, $2, $3, $4)';

const TRANSFER = `
select id, debit_account_id as "debitAccountId", credit_account_id as "creditAccountId", amount_minor as "amountMinor",
       effective_on as "effectiveOn", claim_id as "claimId", reverses_id as "reversesId"
from ledger.transfer`;

const TRANSFERS_OF_EVENT = `${TRANSFER} where commissioner_id = $1 and event_id = $2 order by id`;

const TRANSFERS_BY_ID = `${TRANSFER} where commissioner_id = $1 and id = any ($2::uuid[]) order by id`;

/** $1 commissioner, $2 account ids, $3 effective by this day, $4 booked in this snapshot; null is no limit. */
const BALANCES = `
select a.id, ledger.balance_minor(a, $3, $4) as minor
from ledger.account a where a.commissioner_id = $1 and a.id = any ($2::uuid[])`;

const CONTRACT_BUDGET = `
select b.authorised_minor as "authorisedMinor", b.budget_minor as "budgetMinor", b.committed_minor as "committedMinor",
       b.spent_minor as "spentMinor"
from (select distinct commissioner_id from ledger.account where contract_id = $1 and book = 'budget') c,
     ledger.contract_budget(c.commissioner_id, $1) b`;

export function findTransfers(reader: Reader, commissionerId: string, what: Reversed): Promise<Transfer[]> {
  return 'eventId' in what
    ? reader.query<Transfer>(TRANSFERS_OF_EVENT, [commissionerId, what.eventId])
    : reader.query<Transfer>(TRANSFERS_BY_ID, [commissionerId, what.transferIds]);
}

export async function findBudget(reader: Reader, contractId: string): Promise<ContractBudget | undefined> {
  const [budget] = await reader.query<ContractBudget>(CONTRACT_BUDGET, [contractId]);
  return budget;
}

/** Inserts the events, opens the accounts that are missing, and moves the money: two statements for any number. */
export async function writeEntries(
  tx: Tx,
  entries: readonly Entry[],
  opened: readonly Account[],
  fact: boolean,
): Promise<PostedEvent[]> {
  const [commissionerId, ...others] = new Set(entries.map(({ event }) => event.commissionerId));
  assert(others.length === 0, 'one step posts to the books of one commissioner');
  const recorded = await insertEvents(
    tx,
    entries.map(({ event }) => event),
  );
  const rows = entries.flatMap(({ event, transfers }) => transfers.map((transfer) => transferRow(event.id, transfer)));
  if (rows.length > 0) {
    const accountRows = opened.map(({ kind, providerId, contractId }) => ({
      kind,
      provider_id: providerId,
      contract_id: contractId,
    }));
    await tx.query(POST_TRANSFERS, [commissionerId, JSON.stringify(accountRows), JSON.stringify(rows), fact]);
  }
  return recorded.map((event, index) => ({
    id: event.id,
    recordedAt: event.recordedAt,
    leafHash: event.leafHash,
    transferIds: (entries[index]?.transfers ?? []).map(({ id }) => id),
  }));
}

function transferRow(eventId: string, transfer: Transfer): Record<string, unknown> {
  return {
    id: transfer.id,
    event_id: eventId,
    debit: transfer.debitAccountId,
    credit: transfer.creditAccountId,
    amount_minor: transfer.amountMinor.toString(),
    effective_on: transfer.effectiveOn,
    claim_id: transfer.claimId,
    reverses_id: transfer.reversesId,
  };
}

/** In the order given, so that `seq` follows it. */
export async function insertEvents(tx: Tx, events: readonly StoredEvent[]): Promise<RecordedEvent[]> {
  const recorded = spelled(events);
  await insertRows(tx, 'ledger.event', EVENT_COLUMNS, recorded);
  noteRecorded(recorded);
  return recorded;
}

/** The same, without waiting for it. */
export function sendEvents(tx: Pick<Tx, 'send'>, events: readonly StoredEvent[]): void {
  const recorded = spelled(events);
  sendRows(tx, 'ledger.event', EVENT_COLUMNS, recorded);
  noteRecorded(recorded);
}

function spelled(events: readonly StoredEvent[]): SpelledEvent[] {
  const speller = new BodySpeller();
  return events.map((event) => new SpelledEvent(event, speller.spell(event)));
}

/** An event with its body as it is hashed. Most are recorded by the thousand, and nobody asks for their hash. */
class SpelledEvent implements RecordedEvent {
  readonly id: string;
  readonly commissionerId: string;
  readonly subjectId: string;
  readonly recordedAt: Date;

  constructor(
    readonly event: StoredEvent,
    readonly body: string,
  ) {
    this.id = event.id;
    this.commissionerId = event.commissionerId;
    this.subjectId = event.subjectId;
    this.recordedAt = event.recordedAt;
  }

  get leafHash(): Buffer {
    return Buffer.from(sha256(leafInput(Buffer.from(this.body))));
  }
}

export async function readBalances(
  reader: Reader,
  commissionerId: string,
  wanted: readonly Account[],
  effectiveOn: IsoDate | null,
  bookedIn: string | null,
): Promise<bigint[]> {
  const ids = wanted.map((account) => accountId(commissionerId, account, sha256));
  const rows = await reader.query<{ id: string; minor: bigint }>(BALANCES, [
    commissionerId,
    ids,
    effectiveOn,
    bookedIn,
  ]);
  const byId = new Map(rows.map(({ id, minor }) => [id, minor]));
  return ids.map((id) => byId.get(id) ?? 0n);
}
