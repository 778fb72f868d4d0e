import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';

/** An invoice that can be paid: issued, for something, and in no payout that may still pay it. */
export interface PayableInvoice {
  readonly id: string;
  readonly providerId: string;
  readonly contractId: string;
  readonly grossMinor: bigint;
  /** What advances have left of it. */
  readonly amountMinor: bigint;
  readonly issuedOn: IsoDate;
  /** The advances that have taken their part of it. */
  readonly takenBy: readonly string[];
  readonly dueOn: IsoDate | null;
  /** Of the document. */
  readonly number: string | null;
}

/** Grant notices are paid like invoices; a document of nothing is not. $1 provider, or null for all. */
const PAYABLE = `
select i.id, i.provider_id as "providerId", i.contract_id as "contractId", i.gross_minor as "grossMinor",
       (i.gross_minor - coalesce(r.minor, 0))::bigint as "amountMinor", i.issued_on as "issuedOn", i.due_on as "dueOn",
       i.number, coalesce(r.taken_by, '{}') as "takenBy"
from invoice i
left join lateral (select sum(r.amount_minor) as minor, array_agg(r.advance_id::text) as taken_by from advance_recovery r
                   where r.commissioner_id = i.commissioner_id and r.invoice_id = i.id) r on true
where i.state = 'issued' and i.gross_minor > coalesce(r.minor, 0) and ($1::uuid is null or i.provider_id = $1)
  and not exists (select from payout_item p
                  where p.commissioner_id = i.commissioner_id and p.invoice_id = i.id and p.live)
order by i.due_on nulls last, i.id`;

export function readPayable(reader: Reader, providerId: string | null): Promise<PayableInvoice[]> {
  return reader.query<PayableInvoice>(PAYABLE, [providerId]);
}

export interface PaymentRun {
  readonly id: string;
  readonly paysOn: IsoDate;
  readonly madeAt: Date;
  readonly eventId: string;
  readonly finishedAt: Date | null;
  readonly cancelledAt: Date | null;
}

const RUN = `
select id, pays_on as "paysOn", made_at as "madeAt", event_id as "eventId", finished_at as "finishedAt",
       cancelled_at as "cancelledAt"
from payment_run`;

export async function findRun(reader: Reader, id: string): Promise<PaymentRun | undefined> {
  const [run] = await reader.query<PaymentRun>(`${RUN} where id = $1`, [id]);
  return run;
}

/** By the order in which they were made, or the latest first. */
export function readRuns(
  reader: Reader,
  limit: number,
  after: string | null,
  order: 'oldest' | 'latest',
): Promise<PaymentRun[]> {
  const [than, direction] = order === 'oldest' ? ['>', 'asc'] : ['<', 'desc'];
  const page = `${RUN} where ($2::uuid is null or id ${than} $2) order by id ${direction} limit $1`;
  return reader.query<PaymentRun>(page, [limit, after]);
}

/** Providers whom a run does not pay, each with the reason. */
export interface Wait {
  readonly providerId: string;
  readonly rail: 'stripe' | 'outside';
  readonly amountMinor: bigint;
  readonly reasonCode: string;
}

export function readWaits(reader: Reader, runId: string): Promise<Wait[]> {
  return reader.query<Wait>(
    `select provider_id as "providerId", rail, amount_minor as "amountMinor", reason_code as "reasonCode"
     from payment_run_wait where run_id = $1 order by provider_id, rail`,
    [runId],
  );
}

/** Whether a run has dealt with a provider and rail already. $1 run, $2 provider, $3 rail */
const DEALT_WITH = `
select from payout where run_id = $1 and provider_id = $2 and rail = $3
union all select from payment_run_wait where run_id = $1 and provider_id = $2 and rail = $3`;

export async function isDealtWith(reader: Reader, runId: string, providerId: string, rail: string): Promise<boolean> {
  return (await reader.query(DEALT_WITH, [runId, providerId, rail])).length > 0;
}

export const INSERT_WAIT = `
insert into payment_run_wait (commissioner_id, run_id, provider_id, rail, amount_minor, reason_code)
values ($1, $2, $3, $4, $5, $6)`;

/** Runs whose day has come. Under the relay's role. $1 today */
export const DUE_RUNS = `
select commissioner_id as "commissionerId", id from payment_run
where finished_at is null and cancelled_at is null and pays_on <= $1 limit 100`;
