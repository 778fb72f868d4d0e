import { Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import type { InvoiceDocument } from './invoice.document.js';
import { INVOICE_PDF_VERSION, renderInvoicePdf } from './invoice.pdf.js';

/** A document as it was drawn. */
export interface DrawnInvoice {
  readonly bytes: Buffer;
  readonly sha256: Buffer;
  /** What drew it, with its version. */
  readonly renderer: string;
}

/** Draws documents. It holds nothing and asks nobody, so that a document can be drawn before anything is locked for it. */
@Injectable()
export class InvoicePress {
  async draw(document: InvoiceDocument): Promise<DrawnInvoice> {
    const { bytes } = await renderInvoicePdf(document);
    return { bytes, sha256: hash('sha256', bytes, 'buffer'), renderer: INVOICE_PDF_VERSION };
  }
}
