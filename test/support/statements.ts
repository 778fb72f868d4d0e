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

/** What every entry of this statement has alike. */
export const OF_RIVERSIDE = {
  provider: { code: 'RIV', name: 'Riverside Carers & Friends CIO' },
  contract: 'WALK-26',
  vatMinor: 0n,
  eventId: '01990000-0000-7000-8000-000000000001',
} as const;

/** So many invoices of £1.00, one after the other, in pages of one. */
export function* pounds(count: number): Generator<readonly StatementEntry[]> {
  for (let n = 1; n <= count; n += 1) {
    const reference = `RIV2026${String(n).padStart(6, '0')}`;
    yield [{ effectiveOn: '2026-10-07', kind: 'invoice', reference, effectMinor: 100n, ...OF_RIVERSIDE }];
  }
}

export function closingAt(closingMinor: bigint): StatementClosing {
  return {
    closingMinor,
    parts: { owedMinor: closingMinor, inTransitMinor: 400n, advancedMinor: 300n, recoverableMinor: 100n },
    notInvoiced: { approvedNotInvoicedMinor: 3300n, claimedNotApprovedMinor: 2200n, recognisedMinor: 1100n },
    ageing: ageingOf([{ dueOn: '2026-10-01', openMinor: 500n }], '2026-10-31'),
    bookedSize: 812,
    checkpoint: { origin: 'wellpaid.example/platform', size: 40, root: 'q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=' },
  };
}
