import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { PdfCanvas, type PdfHead, type PdfkitDocument } from './canvas.js';
import { metadataText, writeWellFormedXmp } from './metadata.js';
import { fontFile, Typeface, type ParsedFont, type Weight } from './typeface.js';

type PdfkitClass = new (options: PDFKit.PDFDocumentOptions) => PdfkitDocument;

interface Engine {
  readonly Document: PdfkitClass;
  readonly faces: Readonly<Record<Weight, Typeface>>;
}

/** What is known of a document once it is drawn. */
export interface DrawnPdf {
  readonly pages: number;
  /** Characters that the font lacks, as `U+4E2D`: each was drawn as "?". Empty, unless somebody should look. */
  readonly replacedCharacters: readonly string[];
  readonly rendererVersion: string;
}

export interface RenderedPdf extends DrawnPdf {
  readonly bytes: Buffer;
}

/** Draws a document in memory. The same head and the same drawing are the same bytes, in any process. */
export async function renderPdf(head: PdfHead, draw: (canvas: PdfCanvas) => void): Promise<RenderedPdf> {
  const { doc, canvas } = open(await engine(), head);
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(doc, 'end');
  draw(canvas);
  canvas.finish();
  doc.end();
  await ended;
  return { bytes: Buffer.concat(chunks), ...drawn(canvas, head) };
}

/** Lets what is drawn flow out before more is drawn; await it between parts. */
export type Drained = () => Promise<void>;

/**
 * Draws a document of any length into a stream and ends the stream. Memory stays flat as long as the drawing awaits
 * `drained` between its parts. Rejects when the drawing or the stream fails; the stream is destroyed then.
 */
export async function streamPdf(
  head: PdfHead,
  out: Writable,
  draw: (canvas: PdfCanvas, drained: Drained) => Promise<void>,
): Promise<DrawnPdf> {
  const { doc, canvas } = open(await engine(), head);
  const piped = pipeline(doc, out);
  let flushedPages = canvas.pages;
  const drained = async (): Promise<void> => {
    if (doc.destroyed) return piped;
    if (canvas.pages === flushedPages) return;
    flushedPages = canvas.pages;
    await setImmediate();
    while (out.writableNeedDrain && !doc.destroyed) await Promise.race([once(out, 'drain'), piped]);
  };
  const drawing = async (): Promise<void> => {
    try {
      await draw(canvas, drained);
      canvas.finish();
      doc.end();
    } catch (error) {
      doc.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  await Promise.all([piped, drawing()]);
  return drawn(canvas, head);
}

function drawn(canvas: PdfCanvas, head: PdfHead): DrawnPdf {
  return {
    pages: canvas.pages,
    replacedCharacters: canvas.replacedCharacters,
    rendererVersion: head.rendererVersion,
  };
}

function open({ Document, faces }: Engine, head: PdfHead): { doc: PdfkitDocument; canvas: PdfCanvas } {
  const created = new Date(`${head.createdOn}T00:00:00Z`);
  const doc = new Document({
    ...BARE,
    size: 'A4',
    margin: 0,
    pdfVersion: '1.7',
    lang: 'en-GB',
    displayTitle: true,
    info: {
      Title: metadataText(head.title),
      Subject: metadataText(head.subject),
      Author: metadataText(head.author),
      Creator: 'Wellpaid',
      Producer: metadataText(`Wellpaid ${head.rendererVersion}`),
      CreationDate: created,
      ModDate: created,
    },
  });
  writeWellFormedXmp(doc);
  // pdfkit takes whatever has a layout, though its types do not say so.
  doc.registerFont('regular', faces.regular.font as Uint8Array);
  doc.registerFont('bold', faces.bold.font as Uint8Array);
  return { doc, canvas: new PdfCanvas(doc, faces, head) };
}

/** No page, no standard font, and no cache of words, which would grow with every reference. */
const BARE = { autoFirstPage: false, font: null as unknown as string, fontLayoutCache: false };

let loading: Promise<Engine> | undefined;

/** pdfkit and both fonts, loaded with the first document and once in a process: a server that draws none pays nothing. */
function engine(): Promise<Engine> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Engine> {
  const Document = (await import('pdfkit')).default as unknown as PdfkitClass;
  const parser = new Document(BARE);
  const face = (weight: Weight): Typeface => {
    const { _font: opened } = parser.font(fontFile(weight)) as PdfkitDocument & {
      _font: { font: ParsedFont };
    };
    return new Typeface(opened.font);
  };
  return { Document, faces: { regular: face('regular'), bold: face('bold') } };
}
