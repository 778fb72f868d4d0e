import type { VatTreatment } from '../money/index.js';
import type { DocumentMode } from '../pricing/index.js';
import type { InvoiceKind } from './invoice.document.js';

export const INVOICE_STATES = ['draft', 'issued'] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];

export const DOCUMENT_KINDS = ['invoice', 'self_billed_invoice', 'provider_invoice', 'grant_notice'] as const;
/** Who makes the document: `provider_invoice` is one that the provider made in its own system, matched to the batch. */
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export const INVOICE_SPLITS = ['taxed', 'outside_scope', 'grant'] as const;
/** Which part of its batch: what is outside the scope of VAT cannot share an e-invoice with anything else. */
export type InvoiceSplit = (typeof INVOICE_SPLITS)[number];

export const INVOICE_WAITS = ['agreement', 'authority', 'own_number'] as const;
/**
 * What a draft waits for: a self-billing agreement that covers its days, the provider's leave, or the number of the
 * provider's own invoice.
 */
export type InvoiceWait = (typeof INVOICE_WAITS)[number];

const KINDS: Readonly<Record<DocumentMode, DocumentKind>> = {
  self_billed: 'self_billed_invoice',
  provider_issued: 'invoice',
  provider_own: 'provider_invoice',
  grant_notice: 'grant_notice',
};

export function kindOf(mode: DocumentMode): DocumentKind {
  return KINDS[mode];
}

/** How the document reads: an invoice that the provider made itself reads as any invoice. */
export function documentKindOf(kind: DocumentKind): InvoiceKind {
  return kind === 'provider_invoice' ? 'invoice' : kind;
}

/** The part of its batch to which a charge belongs, and with it the whole of its document. */
export function splitOf(kind: DocumentKind, vat: VatTreatment): InvoiceSplit {
  if (kind === 'grant_notice') return 'grant';
  return vat.category === 'O' ? 'outside_scope' : 'taxed';
}

export interface Authority {
  /** A self-billing agreement, accepted by the provider, covers the first and the last day of service. */
  readonly hasAgreement: boolean;
  readonly standingAuthority: boolean;
  readonly issueAuthorisedAt: Date | null;
  readonly ownNumber: string | null;
}

const WAITS: Readonly<Record<DocumentKind, (authority: Authority) => InvoiceWait | null>> = {
  self_billed_invoice: ({ hasAgreement }) => (hasAgreement ? null : 'agreement'),
  invoice: ({ standingAuthority, issueAuthorisedAt }) =>
    standingAuthority || issueAuthorisedAt !== null ? null : 'authority',
  provider_invoice: ({ ownNumber }) => (ownNumber === null ? 'own_number' : null),
  grant_notice: () => null,
};

/** What keeps a draft from being issued; null when nothing does. */
export function waitOf(kind: DocumentKind, authority: Authority): InvoiceWait | null {
  return WAITS[kind](authority);
}

/** What the provider can do for a draft: let it be issued, or give the number of its own invoice. */
export type ProviderStep = 'issue' | 'own_number';

/** Null where nothing is left for the provider to do: the draft is issued without it, or will be in a moment. */
export function providerStepOf(
  invoice: { readonly kind: DocumentKind; readonly state: InvoiceState; readonly waitsFor: InvoiceWait | null } & Pick<
    Authority,
    'issueAuthorisedAt' | 'ownNumber'
  >,
): ProviderStep | null {
  const { kind, state, waitsFor, issueAuthorisedAt, ownNumber } = invoice;
  if (state !== 'draft') return null;
  if (kind === 'provider_invoice') return ownNumber === null ? 'own_number' : null;
  return kind === 'invoice' && waitsFor === 'authority' && issueAuthorisedAt === null ? 'issue' : null;
}

/** The kinds that have a series; the provider's own invoice has the provider's number. */
export type SeriesKind = Exclude<DocumentKind, 'provider_invoice'>;

const SUFFIXES: Readonly<Record<SeriesKind, string>> = {
  invoice: 'IN',
  self_billed_invoice: 'SB',
  grant_notice: 'GN',
};

const CODES_MAX = 14;

/**
 * Prefixes that a series may have, the best first: the provider's code, the commissioner's, and the kind. A supplier's
 * numbers must be unique whoever they are made for (VAT Regulations 1995 reg 14(1)(a)), so the commissioner's code is in
 * full. Where both codes are too long for an invoice number the provider's is cut; should two providers of one
 * commissioner then look alike, a digit tells them apart.
 */
export function seriesPrefixes(providerCode: string, commissionerCode: string, kind: SeriesKind): string[] {
  const room = CODES_MAX - commissionerCode.length;
  const ending = `${commissionerCode}${SUFFIXES[kind]}`;
  if (providerCode.length <= room) return [`${providerCode}${ending}`];
  const digits = ['2', '3', '4', '5', '6', '7', '8', '9'];
  return [providerCode.slice(0, room), ...digits.map((digit) => providerCode.slice(0, room - 1) + digit)].map(
    (provider) => `${provider}${ending}`,
  );
}
