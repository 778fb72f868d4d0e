import type { InvoiceDocument } from '../../invoicing/index.js';
import type { Translate } from '../../words/index.js';

/** The lines of a document and its VAT, with figures as people read them. */
export function documentFacts(t: Translate, { lines, vat }: Pick<InvoiceDocument, 'lines' | 'vat'>) {
  return {
    lines: lines.map((line) => ({ ...line, quantity: quantityIn(t, line.quantityThousandths) })),
    vat: vat.map((total) => ({ ...total, percent: percentOf(total.rateBasisPoints) })),
  };
}

/** `12`, `1.5` or `0.333`: thousandths of a unit without needless noughts. */
export function quantityIn(t: Translate, thousandths: bigint): string {
  const sign = thousandths < 0n ? '-' : '';
  const size = thousandths < 0n ? -thousandths : thousandths;
  const rest = String(size % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${sign}${t.number(size / 1000n)}${rest === '' ? '' : `.${rest}`}`;
}

/** `20` of 2,000 basis points, `17.5` of 1,750. */
export function percentOf(basisPoints: number): string {
  return String(basisPoints / 100);
}
