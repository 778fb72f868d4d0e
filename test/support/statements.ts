import {
  ageingOf,
  type StatementClosing,
  type StatementEntry,
  type StatementHead,
} from '../../src/statements/statement.document.js';

export const STATEMENT_HEAD: StatementHead = {
  format: 'wellpaid.statement.1',
  subject: {
    kind: 'provider',
    code: 'RIV',
    name: 'Riverside Carers & Friends CIO',
    parties: ['NHS West Example Integrated Care Board'],
  },
  period: { from: '2026-10-01', to: '2026-10-31' },
  preparedOn: '2026-11-05',
  currency: 'GBP',
  openingMinor: 10_000n,
  sandbox: false,
};

/** So many invoices of £1.00, one after the other. */
export function* pounds(count: number): Generator<StatementEntry> {
  for (let n = 1; n <= count; n += 1) {
    yield {
      effectiveOn: '2026-10-07',
      kind: 'invoice',
      reference: `RIV2026${String(n).padStart(6, '0')}`,
      effectMinor: 100n,
    };
  }
}

export function closingAt(closingMinor: bigint): StatementClosing {
  return {
    closingMinor,
    accrued: { deliveredNotClaimedMinor: 1100n, claimedNotApprovedMinor: 2200n, approvedNotInvoicedMinor: 3300n },
    ageing: ageingOf([{ dueOn: '2026-10-01', openMinor: 500n }], '2026-10-31'),
  };
}
