import type { BatchState } from '../batches/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { PayoutRailKind, PayoutState } from '../payouts/index.js';
import type { Item } from './task.rules.js';

export interface OpenClaims {
  readonly contractId: string;
  readonly period: IsoDate;
  readonly count: number;
  readonly amountMinor: bigint;
}

/** Claims of months before a day that wait for a batch, unless the month has one under review. $1 first day of this month. */
const OPEN_CLAIMS = `
select c.contract_id as "contractId", c.for_period as period, count(*)::int as count,
       sum(c.provisional_minor)::bigint as "amountMinor"
from claim c
where c.state = 'submitted' and c.batch_id is null and c.for_period < $1 and not exists (
  select from batch b where b.commissioner_id = c.commissioner_id and b.contract_id = c.contract_id
    and b.period = c.for_period and b.state = 'submitted')
group by 1, 2 order by 2, 1`;

export function readOpenClaims(reader: Reader, month: IsoDate): Promise<OpenClaims[]> {
  return reader.query<OpenClaims>(OPEN_CLAIMS, [month]);
}

/** Services of providers in force that no card of a contract prices on a day. $1 day, $2 providers. */
const WITHOUT_CARD = `
select s.id from service s
where s.provider_id = any ($2::uuid[]) and not exists (
  select from rate_card r where r.commissioner_id = s.commissioner_id and r.service_id = s.id and r.effective_from <= $1
    and (r.effective_to is null or r.effective_to >= $1))
order by s.code, s.id`;

export function readServicesWithoutCard(
  reader: Reader,
  day: IsoDate,
  providerIds: readonly string[],
): Promise<{ id: string }[]> {
  return reader.query<{ id: string }>(WITHOUT_CARD, [day, providerIds]);
}

/** Contracts that have a purchase order. */
export async function readContractsWithOrders(reader: Reader): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(
    'select distinct contract_id as id from purchase_order order by contract_id',
  );
  return rows.map(({ id }) => id);
}

export interface BatchUnderReview {
  readonly id: string;
  readonly contractId: string;
  readonly period: IsoDate;
  readonly state: BatchState;
  readonly madeBy: string | null;
  readonly digest: string;
  readonly lineCount: number;
  readonly totalMinor: bigint;
  readonly submittedOn: IsoDate;
}

const UNDER_REVIEW = `
select id, contract_id as "contractId", period, state, made_by as "madeBy", encode(digest, 'hex') as digest,
       line_count as "lineCount", total_minor as "totalMinor",
       (submitted_at at time zone 'Europe/London')::date as "submittedOn"
from batch where state = 'submitted' order by submitted_at, id`;

export function readUnderReview(reader: Reader): Promise<BatchUnderReview[]> {
  return reader.query<BatchUnderReview>(UNDER_REVIEW);
}

export interface OpenPayout {
  readonly id: string;
  readonly rail: PayoutRailKind;
  readonly state: PayoutState;
  readonly amountMinor: bigint;
  readonly enteredBy: string | null;
}

/** Payments that may need a person. One that came back needs nobody once each of its invoices and advances is in another. */
const OPEN_PAYOUTS = `
select p.id, p.rail, p.state, p.amount_minor as "amountMinor", p.entered_by as "enteredBy"
from payout p
where (p.state = 'requested' and p.rail = 'outside') or p.state in ('failed', 'unknown') or (p.state = 'returned' and exists (
  select from payout_item i where i.commissioner_id = p.commissioner_id and i.payout_id = p.id and not exists (
    select from payout_item l where l.commissioner_id = i.commissioner_id and l.invoice_id = i.invoice_id and l.live)
  union all
  select from payout_advance i where i.commissioner_id = p.commissioner_id and i.payout_id = p.id and not exists (
    select from payout_advance l where l.commissioner_id = i.commissioner_id and l.advance_id = i.advance_id and l.live)))
order by p.number`;

export function readOpenPayouts(reader: Reader): Promise<OpenPayout[]> {
  return reader.query<OpenPayout>(OPEN_PAYOUTS);
}

const OPEN_RUNS = `
select id, pays_on as day from payment_run where finished_at is null and cancelled_at is null order by pays_on, id`;

export function readOpenRuns(reader: Reader): Promise<(Item & { readonly day: IsoDate })[]> {
  return reader.query<Item & { readonly day: IsoDate }>(OPEN_RUNS);
}

export function readParkedNotices(reader: Reader): Promise<Item[]> {
  return reader.query<Item>(`select id from webhook_event where state = 'parked' order by received_at, id`);
}

/** Strict accounts that are below their floor: the event that took each there, and by how much. */
const BREACHES = `
select breached_by as id, abs(debits_minor - credits_minor)::bigint as "amountMinor" from ledger.balance
where breached_by is not null order by account_id`;

export function readBreaches(reader: Reader): Promise<Item[]> {
  return reader.query<Item>(BREACHES);
}

/** Invitations that may still be accepted, with the day on which each ends. $1 now. */
const OPEN_INVITATIONS = `
select id, (expires_at at time zone 'Europe/London')::date as day from invitation
where used_at is null and expires_at > $1 order by expires_at, id`;

export function readOpenInvitations(reader: Reader, now: Date): Promise<Item[]> {
  return reader.query<Item>(OPEN_INVITATIONS, [now]);
}
