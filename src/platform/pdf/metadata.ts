import type { PdfkitDocument } from './canvas.js';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text for a title or an author: composed, without control characters. pdfkit escapes the delimiters of PDF strings. */
export function metadataText(text: string): string {
  return text.normalize('NFC').replaceAll(/\p{C}/gu, ' ');
}

/**
 * pdfkit copies the document's information into its XMP packet as it is, so that "Carers & Friends" breaks the packet.
 * This escapes what is copied, and adds the date of modification, which must agree with that of the information.
 */
export function writeWellFormedXmp(doc: PdfkitDocument): void {
  const endMetadata = doc.endMetadata.bind(doc);
  doc.endMetadata = () => {
    const modified = doc.info.ModDate?.toISOString().replace(/\.\d+Z$/, 'Z') ?? '';
    // The information itself has been written by now: only the packet reads it again.
    doc.info = Object.fromEntries(
      Object.entries(doc.info).map(([key, value]) => [key, typeof value === 'string' ? escapeXml(value) : value]),
    );
    doc.appendXML(
      `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:ModifyDate>${modified}</xmp:ModifyDate></rdf:Description>`,
    );
    endMetadata();
  };
}

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}
