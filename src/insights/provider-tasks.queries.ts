import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { PayoutAccountChangeState } from '../payouts/index.js';
import type { Item } from './task.rules.js';

/** What is asked about claims and waits for an answer, the oldest first; the claim's value with it. */
const OPEN_QUERIES = `
select q.id, c.provisional_minor as "amountMinor"
from claim_query q join claim c on c.commissioner_id = q.commissioner_id and c.id = q.claim_id
where q.answered_at is null and q.closed_at is null
order by q.id`;

export function readOpenQueries(reader: Reader): Promise<Item[]> {
  return reader.query<Item>(OPEN_QUERIES);
}

export interface FailedFile extends Item {
  readonly contractId: string;
}

/** The last file of each contract, where it left something to correct: a later one without failures settles it. */
const FAILED_FILES = `
select id, contract_id as "contractId" from (
  select distinct on (contract_id) id, contract_id, state, failed from claim_file
  where state <> 'receiving' order by contract_id, received_at desc, id desc) f
where f.state = 'refused' or f.failed > 0
order by f.id`;

export function readFailedFiles(reader: Reader): Promise<FailedFile[]> {
  return reader.query<FailedFile>(FAILED_FILES);
}

export interface UnpaidInvoice extends Item {
  readonly commissionerId: string;
  readonly contractId: string;
  readonly amountMinor: bigint;
  readonly day: IsoDate | null;
  readonly issuedOn: IsoDate;
  /** From the day of issue to the day by which it is due; null where nothing says so. */
  readonly days: number | null;
}

/** Issued, not in a payment that has arrived, and for what advances have not taken of it. */
const UNPAID = `
select i.id, i.commissioner_id as "commissionerId", i.contract_id as "contractId",
       (i.gross_minor - coalesce(r.minor, 0))::bigint as "amountMinor",
       i.due_on as day, i.issued_on as "issuedOn", i.due_on - i.issued_on as days
from invoice i
left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
                   where r.commissioner_id = i.commissioner_id and r.invoice_id = i.id) r on true
where i.state = 'issued' and i.gross_minor > coalesce(r.minor, 0) and not exists (
  select from payout_item pi join payout p on p.commissioner_id = pi.commissioner_id and p.id = pi.payout_id
  where pi.commissioner_id = i.commissioner_id and pi.invoice_id = i.id and pi.live and p.state = 'paid')
order by i.due_on nulls last, i.id`;

export function readUnpaid(reader: Reader): Promise<UnpaidInvoice[]> {
  return reader.query<UnpaidInvoice>(UNPAID);
}

export interface WaitingInvoice extends Item {
  readonly waitsFor: string;
}

const WAITING_INVOICES = `
select id, waits_for as "waitsFor", gross_minor as "amountMinor" from invoice
where state = 'draft' and waits_for is not null order by id`;

export function readWaitingInvoices(reader: Reader): Promise<WaitingInvoice[]> {
  return reader.query<WaitingInvoice>(WAITING_INVOICES);
}

export interface AccountNow {
  readonly id: string;
  readonly commissionerId: string;
  readonly rail: 'stripe' | 'outside';
  readonly state: 'pending' | 'active' | 'restricted';
  readonly requirementCount: number;
}

const ACCOUNTS = `
select id, commissioner_id as "commissionerId", rail, state, cardinality(requirements) as "requirementCount"
from payout_account order by id`;

export function readAccounts(reader: Reader): Promise<AccountNow[]> {
  return reader.query<AccountNow>(ACCOUNTS);
}

export interface OpenChange {
  readonly id: string;
  readonly commissionerId: string;
  readonly state: PayoutAccountChangeState;
  readonly proposedBy: string;
  /** The provider has nobody else who could confirm it. */
  readonly needsCommissioner: boolean;
  /** When it is confirmed: the day on which its hold ends. */
  readonly appliesOn: IsoDate | null;
}

const OPEN_CHANGES = `
select id, commissioner_id as "commissionerId", state, proposed_by as "proposedBy",
       needs_commissioner as "needsCommissioner", (applies_at at time zone 'Europe/London')::date as "appliesOn"
from payout_account_change where state in ('proposed', 'confirmed') order by id`;

/** Changes of where money goes that are neither applied nor cancelled. */
export function readOpenChanges(reader: Reader): Promise<OpenChange[]> {
  return reader.query<OpenChange>(OPEN_CHANGES);
}

/** Payments with a remittance advice that arrived on or after a day, the latest first. $1 day. */
const REMITTANCES = `
select id, amount_minor as "amountMinor" from payout
where state = 'paid' and remittance_id is not null and (settled_at at time zone 'Europe/London')::date >= $1
order by settled_at desc, id`;

export function readRemittances(reader: Reader, since: IsoDate): Promise<Item[]> {
  return reader.query<Item>(REMITTANCES, [since]);
}
