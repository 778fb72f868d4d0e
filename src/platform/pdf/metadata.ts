import type { PdfkitDocument } from './canvas.js';

type XmpWriter = PdfkitDocument & { info: PDFKit.DocumentInfo; appendXML(xml: string): void; _addInfo(): void };

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text for a title or an author: composed, without control characters. pdfkit escapes the delimiters of PDF strings. */
export function metadataText(text: string): string {
  return text.normalize('NFC').replaceAll(/\p{C}/gu, ' ');
}

/**
 * pdfkit copies the document's information into its XMP packet as it is, so that "Carers & Friends" breaks the packet.
 * This escapes what is copied, and adds the date of modification, which must agree with that of the information.
 */
export function writeWellFormedXmp(document: PdfkitDocument): void {
  const doc = document as XmpWriter;
  const addInfo = doc._addInfo.bind(doc);
  doc._addInfo = () => {
    const { info } = doc;
    doc.info = Object.fromEntries(
      Object.entries(info).map(([key, value]) => [key, typeof value === 'string' ? escapeXml(value) : value]),
    ) as PDFKit.DocumentInfo;
    addInfo();
    doc.info = info;
    const modified = info.ModDate?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '';
    doc.appendXML(
      `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:ModifyDate>${modified}</xmp:ModifyDate></rdf:Description>`,
    );
  };
}

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}
