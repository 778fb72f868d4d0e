import type { IsoDate } from '../platform/clock.js';
import { readDate, readReference } from '../platform/csv-cells.rules.js';
import type { OpenRow, TemplateColumn } from '../platform/csv-template.rules.js';

export type OutsidePaymentColumn = 'payout' | 'reference' | 'paidOn';

/** The columns of a file of payments that accounts payable has made. */
export const outsidePaymentColumns: readonly TemplateColumn<OutsidePaymentColumn>[] = [
  {
    key: 'payout',
    title: 'payout reference',
    synonyms: ['payout', 'our reference', 'remittance', 'remittance reference'],
    describes: 'The reference of the payout, as the payment run and the remittance advice show it.',
    example: 'NELICB-P000012',
  },
  {
    key: 'reference',
    title: 'payment reference',
    synonyms: ['reference', 'bank reference', 'bacs reference', 'transaction reference'],
    describes: 'The reference of the payment in the accounts package or at the bank.',
    example: 'BACS 004512',
  },
  {
    key: 'paidOn',
    title: 'paid on',
    synonyms: ['date', 'payment date', 'date paid', 'value date'],
    describes: 'The day on which the bank made the payment. Day before month.',
    example: '12/11/2026',
    holdsDate: true,
  },
];

export interface OutsidePaymentRow {
  readonly payout: string;
  readonly reference: string;
  readonly paidOn: IsoDate;
}

const LONG_AGO = '2020-01-01';

/** Reads one row; undefined when it has problems, which the row then holds. */
export function readOutsidePayment(row: OpenRow<OutsidePaymentColumn>, today: IsoDate): OutsidePaymentRow | undefined {
  const payout = row.need('payout', readReference, 'Give the reference of the payout.');
  const reference = row.need('reference', readReference, 'Give the reference of the payment.');
  const bounds = { earliest: LONG_AGO, latest: today };
  const paidOn = row.need('paidOn', (text) => readDate(text, bounds), 'Give the day on which it was paid.');
  if (payout === null || reference === null || paidOn === null) return undefined;
  return { payout, reference, paidOn: paidOn.on };
}
