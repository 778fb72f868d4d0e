import { DocumentFile } from './document-file.entity.js';
import { Invoice } from './invoice.entity.js';

export { InvoicingModule } from './invoicing.module.js';

/** For statements and screens: what was drafted and issued. Payouts stand beside this module and read the table. */
export { InvoicesService, type InvoicedContract, type InvoiceFile, type InvoiceFilter } from './invoices.service.js';
export { type Invoice } from './invoice.entity.js';
export {
  INVOICE_STATES,
  providerStepOf,
  type DocumentKind,
  type InvoiceSplit,
  type InvoiceState,
  type InvoiceWait,
  type ProviderStep,
} from './issue.rules.js';
export { OwnInvoiceNumber } from './invoices.schemas.js';
export { type InvoiceDocument } from './invoice.document.js';
export { invoiceDocumentFromJson, invoiceDocumentToJson } from './invoice-json.document.js';
export { invoiceIssued } from './invoicing.events.js';

/** The same commands that the API uses. */
export { InvoiceAuthorityService } from './invoice-authority.service.js';
export { InvoiceDraftService } from './invoice-draft.service.js';
export { InvoiceIssueService } from './invoice-issue.service.js';

export const INVOICING_ENTITIES = [Invoice, DocumentFile];
