import type { AccountKind } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';

export interface JournalEvent {
  readonly seq: bigint;
  readonly id: string;
  readonly type: string;
  readonly subjectId: string;
  readonly causeId: string | null;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly leafHash: string;
  readonly body: Record<string, unknown>;
}

/** Transfers of one event between the same two kinds of account, added up. */
export interface Move {
  readonly eventId: string;
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly amountMinor: bigint;
  readonly transferCount: number;
  readonly effectiveOn: IsoDate;
  /** Whether they take back what was moved before. */
  readonly isReversal: boolean;
}

export interface JournalFilter {
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  /** Recorded on this day in London or later. */
  readonly from?: IsoDate | undefined;
  /** Recorded on this day in London or earlier. */
  readonly to?: IsoDate | undefined;
}

/** Where in the log: after a sequence number in the order of the log, or before one and backwards. */
export interface JournalPlace {
  readonly direction: 'forward' | 'back';
  readonly seq: string | null;
}

/** Amounts are strings in a body, so that JSON's numbers lose nothing. */
const COLUMNS = `
e.seq, e.id, e.type, e.subject_id as "subjectId", e.cause_id as "causeId", e.occurred_at as "occurredAt",
e.recorded_at as "recordedAt", encode(e.leaf_hash, 'hex') as "leafHash", convert_from(e.body, 'UTF8')::json as body`;

const SIDE = `
case e.actor_org_id when e.provider_id then 'provider' when e.referrer_id then 'referrer' else 'commissioner' end`;

const MIDNIGHT = (day: string) => `(${day}::date)::timestamp at time zone 'Europe/London'`;

/** $1 place, $2 type, $3 subject, $4 and $5 first and last day, $6 limit. */
const page = (direction: JournalPlace['direction']) => `
select ${COLUMNS}, ${SIDE} as "actorSide"
from ledger.event e
where ($1::bigint is null or e.seq ${direction === 'forward' ? '>' : '<'} $1)
  and ($2::text is null or e.type = $2) and ($3::uuid is null or e.subject_id = $3)
  and ($4::date is null or e.recorded_at >= ${MIDNIGHT('$4')})
  and ($5::date is null or e.recorded_at < ${MIDNIGHT('($5::date + 1)')})
order by e.seq ${direction === 'forward' ? '' : 'desc'} limit $6`;

const PAGES = { forward: page('forward'), back: page('back') };

export type JournalRow = JournalEvent & { readonly actorSide: 'commissioner' | 'provider' | 'referrer' };

/** Events from a place on, in that direction. */
export function readJournal(
  reader: Reader,
  { direction, seq }: JournalPlace,
  { type = null, subject = null, from = null, to = null }: Nullable<JournalFilter>,
  limit: number,
): Promise<JournalRow[]> {
  return reader.query<JournalRow>(PAGES[direction], [seq, type, subject, from, to, limit]);
}

type Nullable<T> = { readonly [Key in keyof T]?: T[Key] | null };

const ONE = `select ${COLUMNS}, ${SIDE} as "actorSide" from ledger.event e where e.id = $1`;

export async function findEvent(reader: Reader, id: string): Promise<JournalRow | undefined> {
  const [event] = await reader.query<JournalRow>(ONE, [id]);
  return event;
}

/**
 * What events moved. Accounts that a whole commissioner shares are not a provider's to read, and their ids say of which
 * kind they are. $1 events.
 */
const MOVES = `
with moved as (
  select commissioner_id, event_id, debit_account_id, credit_account_id, effective_on, reverses_id is not null as reversal,
         sum(amount_minor)::bigint as minor, count(*)::int as transfers
  from ledger.transfer where event_id = any ($1::uuid[]) group by 1, 2, 3, 4, 5, 6),
shared as (
  select o.commissioner_id, h.kind, ledger.account_id(o.commissioner_id, null, null, 'GBP', h.kind) as id
  from (select distinct commissioner_id from moved) o, ledger.chart h where not h.keyed)
select m.event_id as "eventId", coalesce(d.kind, ds.kind) as debit, coalesce(c.kind, cs.kind) as credit,
       sum(m.minor)::bigint as "amountMinor", sum(m.transfers)::int as "transferCount", m.effective_on as "effectiveOn",
       m.reversal as "isReversal"
from moved m
left join ledger.account d on d.commissioner_id = m.commissioner_id and d.id = m.debit_account_id
left join ledger.account c on c.commissioner_id = m.commissioner_id and c.id = m.credit_account_id
left join shared ds on ds.commissioner_id = m.commissioner_id and ds.id = m.debit_account_id
left join shared cs on cs.commissioner_id = m.commissioner_id and cs.id = m.credit_account_id
group by 1, 2, 3, 6, 7
order by 1, 6, 7, 2, 3`;

export function readMoves(reader: Reader, eventIds: readonly string[]): Promise<Move[]> {
  return eventIds.length === 0 ? Promise.resolve([]) : reader.query<Move>(MOVES, [eventIds]);
}
