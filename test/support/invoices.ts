import {
  draftInvoice,
  issueInvoice,
  type ApprovedLine,
  type InvoiceDocument,
  type InvoiceDraftInput,
  type InvoiceVat,
} from '../../src/invoicing/invoice.document.js';

export const EXEMPT: InvoiceVat = { category: 'E', rateBasisPoints: 0, reason: 'welfare' };
export const STANDARD: InvoiceVat = { category: 'S', rateBasisPoints: 2000, reason: null };
export const OUTSIDE: InvoiceVat = { category: 'O', rateBasisPoints: 0, reason: 'not_registered' };

/** An attended session of a singing group at £32.00, exempt, with whatever differs. */
export function approvedLine(differs: Partial<ApprovedLine> = {}): ApprovedLine {
  return {
    serviceCode: 'SING',
    serviceName: 'Singing group',
    servedOn: '2026-10-06',
    month: '2026-10',
    unit: 'person',
    quantity: 1,
    unitPriceMinor: 3200n,
    netMinor: 3200n,
    vat: EXEMPT,
    claimCount: 1,
    reasons: [],
    ...differs,
  };
}

/** What a draft is made from: a charity and an integrated care board, both registered for VAT, with whatever differs. */
export function draftInput(differs: Partial<InvoiceDraftInput> = {}): InvoiceDraftInput {
  return {
    kind: 'invoice',
    lines: [approvedLine()],
    supplier: {
      name: 'Riverside Carers & Friends CIO',
      address: { lines: ['The Old Library', '12 Mill Lane', 'Leeds'], postcode: 'LS1 4AB' },
      vatNumber: 'GB123456782',
      charityNumber: '1123456',
      companyNumber: null,
      odsCode: null,
    },
    customer: {
      name: 'NHS West Example Integrated Care Board',
      address: { lines: ['QXX Payables F475', 'PO Box 312', 'Leeds'], postcode: 'LS11 1HP' },
      vatNumber: 'GB654321043',
      odsCode: 'QXX',
      payablesCode: 'F475',
    },
    references: {
      contractCode: 'SP2026017',
      purchaseOrder: 'PO7781234',
      buyerReference: 'BR55',
      costCode: '5517-8820',
      batchCode: 'B202610',
    },
    terms: {
      paymentDays: 14,
      regime: 'procurement_act',
      customerIsPublicAuthority: true,
      receivedOn: null,
    },
    issuedOn: '2026-11-05',
    sandbox: false,
    ...differs,
  };
}

/** The only document of a draft, issued. */
export function issued(differs: Partial<InvoiceDraftInput> = {}, number = 'RIV2026000001'): InvoiceDocument {
  const [document, second] = draftInvoice(draftInput(differs));
  if (document === undefined || second !== undefined) throw new Error('Expected one document');
  return issueInvoice(document, { number, issuedOn: document.issuedOn, receivedOn: document.issuedOn });
}
