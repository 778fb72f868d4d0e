import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { londonDay, type IsoDate } from '../platform/clock.js';
import { csvText, type CsvColumn } from '../platform/csv-writer.js';
import { Database } from '../platform/database.js';
import { outsideStepOf, type OutsideStep } from './outside-payment.rules.js';
import { detailsAsSeenBy } from './payout-account.rules.js';

/** A payment that accounts payable has to make, or has made and nobody has confirmed. */
export interface OutsidePaymentDue {
  readonly id: string;
  readonly reference: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly amountMinor: bigint;
  readonly requestedAt: Date;
  /** Where the provider wants it; null where it has not said, and accounts payable goes by its own register. */
  readonly accountName: string | null;
  readonly sortCode: string | null;
  readonly accountNumber: string | null;
  /** Where it goes is being changed: nothing should be paid until that is decided. */
  readonly isChanging: boolean;
  readonly entered: { readonly reference: string; readonly paidOn: IsoDate } | null;
  readonly step: OutsideStep;
}

interface Row extends Omit<OutsidePaymentDue, 'entered' | 'step'> {
  readonly enteredBy: string | null;
  readonly outsideReference: string | null;
  readonly outsidePaidOn: IsoDate | null;
}

const OPEN = `
select p.id, p.reference, p.provider_id as "providerId", o.name as "providerName", p.amount_minor as "amountMinor",
       p.requested_at as "requestedAt", p.entered_by as "enteredBy", p.outside_reference as "outsideReference",
       p.outside_paid_on as "outsidePaidOn", a.account_name as "accountName", a.sort_code as "sortCode",
       a.account_number as "accountNumber",
       exists (select from payout_account_change c
               where c.commissioner_id = a.commissioner_id and c.payout_account_id = a.id
                 and c.state in ('proposed', 'confirmed')) as "isChanging"
from payout p join organisation o on o.id = p.provider_id
left join payout_account a
  on a.commissioner_id = p.commissioner_id and a.provider_id = p.provider_id and a.rail = 'outside'
where p.rail = 'outside' and p.state = 'requested'
order by p.number limit 1000`;

const CHANGING = 'Bank details are being changed: ask the provider before you pay.';

/** The first three columns are those of the file that says what was paid: filled in, this file is that file. */
const COLUMNS: readonly CsvColumn<OutsidePaymentDue>[] = [
  { header: 'payout reference', text: ({ reference }) => reference },
  { header: 'payment reference', text: () => null },
  { header: 'paid on', text: () => null },
  { header: 'payee', text: ({ providerName }) => providerName },
  { header: 'amount', pounds: ({ amountMinor }) => amountMinor },
  { header: 'account name', text: ({ accountName, isChanging }) => (isChanging ? null : accountName) },
  { header: 'sort code', text: ({ sortCode, isChanging }) => (isChanging ? null : sortCode) },
  { header: 'account number', text: ({ accountNumber, isChanging }) => (isChanging ? null : accountNumber) },
  { header: 'asked for on', text: ({ requestedAt }) => londonDay(requestedAt) },
  { header: 'note', text: ({ isChanging }) => (isChanging ? CHANGING : null) },
];

/** What accounts payable has to pay, as a list and as a file to work from. */
@Injectable()
export class OutsidePaymentList {
  constructor(private readonly database: Database) {}

  /** In the order of their numbers, at most a thousand; bank details as the actor may see them. */
  async open(actor: Actor): Promise<OutsidePaymentDue[]> {
    const rows = await this.database.read(actor, (reader) => reader.query<Row>(OPEN));
    return rows.map(({ enteredBy, outsideReference, outsidePaidOn, sortCode, accountNumber, ...row }) => ({
      ...row,
      ...detailsAsSeenBy(actor, { sortCode, accountNumber }),
      entered:
        outsideReference === null || outsidePaidOn === null
          ? null
          : { reference: outsideReference, paidOn: outsidePaidOn },
      step: outsideStepOf({ rail: 'outside', state: 'requested', enteredBy }, actor.memberId) ?? 'enter',
    }));
  }

  /** Those that nobody has entered yet, as CSV, with the bank details: only for the people who pay. */
  async file(actor: Actor): Promise<{ name: string; bytes: Buffer }> {
    const unpaid = (await this.open(actor)).filter(({ entered }) => entered === null);
    const parts: string[] = [];
    for await (const part of csvText(COLUMNS, unpaid)) parts.push(part);
    return { name: 'payments-to-make.csv', bytes: Buffer.from(parts.join('')) };
  }
}
