import type { PaidInvoice, RemittanceInput } from '../../src/payouts/remittance.document.js';

/** Twelve claims, paid in full. */
export const PAID: PaidInvoice = {
  number: 'RIV2026000001',
  kind: 'invoice',
  issuedOn: '2026-11-05',
  claimCount: 12,
  grossMinor: 62_784n,
  paidMinor: 62_784n,
};

/** What the advice of one paid invoice is drawn up from, with whatever differs. */
export function remittanceInput(differs: Partial<RemittanceInput> = {}): RemittanceInput {
  return {
    reference: 'PAY2026000012',
    payer: {
      name: 'NHS West Example Integrated Care Board',
      addressLines: ['PO Box 312', 'Leeds'],
      postcode: 'LS11 1HP',
    },
    payee: { name: 'Riverside Carers & Friends CIO', addressLines: ['The Old Library', 'Leeds'], postcode: 'LS1 4AB' },
    paidOn: '2026-11-12',
    rail: 'stripe',
    railReference: 'po_1QabcDEF',
    invoices: [PAID],
    advancesRecovered: [],
    payoutMinor: 62_784n,
    checkpoint: null,
    sandbox: false,
    ...differs,
  };
}
