import type { CsvColumn } from '../platform/csv-writer.js';
import { wordReason } from '../pricing/index.js';
import type { InvoicedCharge } from './invoice-charges.service.js';

/** The schedule behind an invoice. Its references are opaque: the provider's own, and ids. */
export const SCHEDULE_COLUMNS: readonly CsvColumn<InvoicedCharge>[] = [
  { header: 'claim_id', text: ({ claim }) => claim.claimId },
  { header: 'your_reference', text: ({ claim }) => claim.yourReference },
  { header: 'session_id', text: ({ claim }) => claim.sessionId },
  { header: 'referral_id', text: ({ claim }) => claim.referralId },
  { header: 'service', text: ({ service }) => service.code },
  { header: 'charge', text: ({ claim }) => claim.chargeKind },
  { header: 'served_on', text: ({ claim }) => claim.servedOn },
  { header: 'month', text: ({ claim }) => claim.forPeriod.slice(0, 7) },
  { header: 'net', pounds: ({ claim }) => claim.price.netMinor },
  { header: 'vat_category', text: ({ vat }) => vat.category },
  { header: 'vat_basis_points', integer: ({ vat }) => vat.rateBasisPoints },
  { header: 'reasons', text: ({ claim }) => claim.price.reasons.map(wordReason).join('; ') },
];
