import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { PayoutState } from '../payouts/index.js';

/** An invoice that has not been paid. */
export interface OwedInvoice {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly kind: 'invoice' | 'self_billed_invoice' | 'provider_invoice' | 'grant_notice';
  readonly commissionerId: string;
  readonly providerId: string;
  readonly contractId: string;
  readonly contractCode: string;
  /** Less what advances took of it. */
  readonly grossMinor: bigint;
  readonly issuedOn: IsoDate;
  readonly dueOn: IsoDate | null;
  /** Days after the day of the invoice that the contract gives for paying it; null where nothing says so. */
  readonly paymentDays: number | null;
  /** The payment that is being made for it; null while none is. */
  readonly payoutId: string | null;
  readonly payoutState: PayoutState | null;
}

const OWED = `
select i.id as "invoiceId", i.number, i.kind, i.commissioner_id as "commissionerId", i.provider_id as "providerId",
       i.contract_id as "contractId", c.code as "contractCode", (i.gross_minor - coalesce(r.minor, 0))::bigint as "grossMinor",
       i.issued_on as "issuedOn", i.due_on as "dueOn", i.due_on - i.issued_on as "paymentDays",
       p.id as "payoutId", p.state as "payoutState"
from invoice i
join contract c on c.commissioner_id = i.commissioner_id and c.id = i.contract_id
left join payout_item pi on pi.commissioner_id = i.commissioner_id and pi.invoice_id = i.id and pi.live
left join payout p on p.commissioner_id = pi.commissioner_id and p.id = pi.payout_id
left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
                   where r.commissioner_id = i.commissioner_id and r.invoice_id = i.id) r on true
where i.state = 'issued' and i.gross_minor > coalesce(r.minor, 0) and (p.id is null or p.state <> 'paid')
order by i.due_on nulls last, i.id`;

export function readOwed(reader: Reader): Promise<OwedInvoice[]> {
  return reader.query<OwedInvoice>(OWED);
}

/** What is on its way to an invoice, of one contract. Net: VAT is worked out on the invoice. */
export interface MoneyComing {
  readonly contractId: string;
  readonly contractCode: string;
  readonly commissionerId: string;
  readonly providerId: string;
  /** Claimed, and not with the commissioner for review yet. */
  readonly claimedMinor: bigint;
  readonly claimedCount: number;
  readonly inReviewMinor: bigint;
  /** Approved, and not on an invoice that was issued. */
  readonly approvedMinor: bigint;
}

/** Only contracts of which anything is coming. */
const COMING = `
with claimed as (
  select commissioner_id, contract_id, sum(coalesce(price_minor, provisional_minor))::bigint as minor, count(*)::int as n
  from claim where state in ('submitted', 'queried') and batch_id is null group by 1, 2),
review as (
  select commissioner_id, contract_id, sum(total_minor)::bigint as minor
  from batch where state = 'submitted' group by 1, 2),
approved as (
  select a.commissioner_id, a.contract_id, m.minor
  from ledger.account a, lateral (select ledger.balance_minor(a, null, null) as minor) m where a.kind = 'accrued')
select c.id as "contractId", c.code as "contractCode", c.commissioner_id as "commissionerId",
       c.provider_id as "providerId", coalesce(k.minor, 0)::bigint as "claimedMinor", coalesce(k.n, 0) as "claimedCount",
       coalesce(r.minor, 0)::bigint as "inReviewMinor", coalesce(a.minor, 0)::bigint as "approvedMinor"
from contract c
left join claimed k on k.commissioner_id = c.commissioner_id and k.contract_id = c.id
left join review r on r.commissioner_id = c.commissioner_id and r.contract_id = c.id
left join approved a on a.commissioner_id = c.commissioner_id and a.contract_id = c.id
where coalesce(k.n, 0) > 0 or coalesce(r.minor, 0) <> 0 or coalesce(a.minor, 0) <> 0
order by c.code, c.id`;

export function readComing(reader: Reader): Promise<MoneyComing[]> {
  return reader.query<MoneyComing>(COMING);
}

/** A payment that has arrived. */
export interface MoneyPaid {
  readonly payoutId: string;
  readonly reference: string;
  readonly commissionerId: string;
  readonly providerId: string;
  readonly amountMinor: bigint;
  readonly paidOn: IsoDate;
  readonly hasRemittance: boolean;
}

/** The latest first. $1 how many. */
const PAID = `
select p.id as "payoutId", p.reference, p.commissioner_id as "commissionerId", p.provider_id as "providerId",
       p.amount_minor as "amountMinor",
       coalesce(p.outside_paid_on, (p.settled_at at time zone 'Europe/London')::date) as "paidOn",
       p.remittance_id is not null as "hasRemittance"
from payout p where p.state = 'paid' order by "paidOn" desc, p.id desc limit $1`;

export function readPaid(reader: Reader, limit: number): Promise<MoneyPaid[]> {
  return reader.query<MoneyPaid>(PAID, [limit]);
}
