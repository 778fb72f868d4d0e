import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { paymentPerformance, type PaymentPerformance, type ReceivedInvoice } from './payment-performance.rules.js';

/** A single payment that has to be published. */
export interface LargePayment {
  readonly payoutId: string;
  readonly reference: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly amountMinor: bigint;
  readonly paidOn: IsoDate;
}

export interface PaymentReport extends PaymentPerformance {
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** Payments of more than £30,000 that arrived in these days, by day. */
  readonly large: readonly LargePayment[];
}

/** Procurement Act 2023 s70 asks for payments above it. */
const LARGE_MINOR = 3_000_000n;

/** The day on which a payout reached the bank: what accounts payable says, or when the rail said so, as in the ledger. */
const PAID_ON = `coalesce(p.outside_paid_on, (p.settled_at at time zone 'Europe/London')::date)`;

/** $1 first and $2 last day of receipt. What an advance took whole was paid on that day. Which day is the last to pay was worked out when the document was issued. */
const RECEIVED = `
select i.id as "invoiceId", i.number, i.provider_id as "providerId", o.name as "providerName",
       i.contract_id as "contractId", i.gross_minor as "grossMinor", i.received_on as "receivedOn",
       coalesce((i.document -> 'due' ->> 'section68On')::date, (i.document -> 'due' ->> 'latePaymentActOn')::date,
                i.due_on, i.received_on) as "lastDayOn",
       coalesce((select ${PAID_ON} from payout_item pi
         join payout p on p.commissioner_id = pi.commissioner_id and p.id = pi.payout_id
         where pi.commissioner_id = i.commissioner_id and pi.invoice_id = i.id and pi.live and p.state = 'paid'),
        (select (max(r.recovered_at) at time zone 'Europe/London')::date from advance_recovery r
         where r.commissioner_id = i.commissioner_id and r.invoice_id = i.id
         having sum(r.amount_minor) = i.gross_minor)) as "paidOn"
from invoice i join organisation o on o.id = i.provider_id
where i.state = 'issued' and i.kind <> 'grant_notice' and i.gross_minor > 0 and i.received_on between $1 and $2
order by i.received_on, i.id`;

/** $1 first and $2 last day of arrival, $3 more than this. */
const LARGE = `
select p.id as "payoutId", p.reference, p.provider_id as "providerId", o.name as "providerName",
       p.amount_minor as "amountMinor", ${PAID_ON} as "paidOn"
from payout p join organisation o on o.id = p.provider_id
where p.state = 'paid' and p.amount_minor > $3 and ${PAID_ON} between $1 and $2
order by ${PAID_ON}, p.number`;

/** How promptly a commissioner pays, for its finance people and its published figures. */
@Injectable()
export class PaymentPerformanceService {
  constructor(private readonly database: Database) {}

  /**
   * Of the invoices received in these days, both included, month by month as things stand today: Procurement Act 2023 s69,
   * and s70 for large payments.
   */
  of(
    actor: Actor,
    { from, to }: { readonly from: IsoDate; readonly to: IsoDate },
    today: IsoDate,
  ): Promise<PaymentReport> {
    return this.database.read(actor, async (reader) => {
      const invoices = await reader.query<ReceivedInvoice>(RECEIVED, [from, to]);
      const large = await reader.query<LargePayment>(LARGE, [from, to, LARGE_MINOR.toString()]);
      return { from, to, ...paymentPerformance(invoices, today), large };
    });
  }
}
