import type { Typeface, Weight } from './typeface.js';
import { ACCENT, BODY, HAIRLINE, MUTED, type TextStyle } from './style.js';

/** What is fixed for a whole document. */
export interface PdfHead {
  readonly title: string;
  readonly subject: string;
  /** The organisation in whose name the document speaks. */
  readonly author: string;
  /** Stands as the date of creation, so that the same document is the same bytes whenever it is drawn. */
  readonly createdOn: string;
  readonly rendererVersion: string;
  /** Bottom right of each page. */
  readonly footer: string;
  /** Says on each page that no money moves. */
  readonly sandbox: boolean;
  /** A word across each page, such as DRAFT. */
  readonly watermark: string | null;
}

export const SANDBOX_NOTICE = 'Sandbox: no money moves';

/** A4 in points. */
const PAGE = { width: 595.28, height: 841.89, margin: 46, bottom: 788 };
const LEADING = 1.27;
const FOOTER: TextStyle = { ...BODY, size: 8, colour: MUTED };

/** Members of pdfkit outside its types. pdfkit is pinned to the patch for their sake. */
export interface PdfkitFont {
  readonly id: string;
  ref(): PDFKit.PDFKitReference;
  encode(text: string): readonly [codes: readonly string[], positions: readonly unknown[]];
}
export type PdfkitDocument = PDFKit.PDFDocument & { readonly _font: PdfkitFont };

/** A line of a total, with its figure as it is to stand. */
export interface Sum {
  readonly label: string;
  readonly figure: string;
  readonly grand: boolean;
}

/** A width to flow text into, from `x` on. */
interface Frame {
  readonly x: number;
  readonly width: number;
}

/**
 * Draws downwards from a cursor, page after page. Whatever is drawn goes through `line`, which is where a tagged
 * document would be marked. Pages leave memory as soon as the next one starts.
 */
export class PdfCanvas {
  /** Pages begun so far. */
  pages = 0;
  y = PAGE.margin;
  private frame: Frame = { x: PAGE.margin, width: PAGE.width - 2 * PAGE.margin };
  private readonly replaced = new Set<string>();
  private readonly pageTotal: PDFKit.PDFKitReference;

  constructor(
    private readonly doc: PdfkitDocument,
    private readonly faces: Readonly<Record<Weight, Typeface>>,
    private readonly head: PdfHead,
  ) {
    // The number of pages is known at the end only: each page shows one shared form that is filled in then.
    this.pageTotal = doc.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, -4, 60, 12], Resources: {} });
    this.breakPage();
  }

  get x(): number {
    return this.frame.x;
  }

  get width(): number {
    return this.frame.width;
  }

  /** The characters that the font lacks and that were replaced, as `U+4E2D`, in order. */
  get replacedCharacters(): readonly string[] {
    return [...this.replaced].sort();
  }

  /** Points left on this page. */
  get room(): number {
    return PAGE.bottom - this.y;
  }

  /** Points of an empty page. */
  get fullRoom(): number {
    return PAGE.bottom - PAGE.margin;
  }

  space(points: number): void {
    this.y += points;
  }

  /** Starts a new page unless so many points are left. */
  keep(points: number): void {
    if (points > this.room) this.breakPage();
  }

  breakPage(): void {
    if (this.pages > 0) this.drawFooter();
    this.doc.addPage();
    this.pages += 1;
    this.y = PAGE.margin;
    if (this.head.watermark !== null) this.drawWatermark(this.head.watermark);
  }

  /** A paragraph at the cursor, wrapped to the frame. */
  text(text: string, style: Partial<TextStyle> = {}): void {
    const full = { ...BODY, ...style };
    for (const line of this.wrap(text, full, this.width)) {
      this.keep(this.leading(full));
      this.line(line, this.x, this.y, this.width, full);
      this.y += this.leading(full);
    }
  }

  /** Blocks beside each other, as wide as their shares; goes on below the tallest. They must fit on the page. */
  columns(blocks: readonly { readonly share: number; readonly draw: () => void }[], gap = 24): void {
    const outer = this.frame;
    const top = this.y;
    const shares = blocks.reduce((sum, block) => sum + block.share, 0);
    const unit = (outer.width - gap * (blocks.length - 1)) / shares;
    let x = outer.x;
    let bottom = top;
    for (const { share, draw } of blocks) {
      this.frame = { x, width: unit * share };
      this.y = top;
      draw();
      bottom = Math.max(bottom, this.y);
      x += unit * share + gap;
    }
    this.frame = outer;
    this.y = bottom;
  }

  /** Labels and values in two aligned columns; pairs without a value are left out. */
  facts(pairs: readonly (readonly [label: string, value: string | null])[], labelWidth = 88): void {
    const label = { ...BODY, size: 9, colour: MUTED };
    const value = { ...BODY, size: 9 };
    for (const [name, said] of pairs) {
      if (said === null || said === '') continue;
      const names = this.wrap(name, label, labelWidth - 6);
      const lines = this.wrap(said, value, this.width - labelWidth);
      const height = Math.max(names.length, lines.length) * this.leading(value);
      this.keep(height);
      names.forEach((line, i) => this.line(line, this.x, this.y + i * this.leading(label), labelWidth, label));
      lines.forEach((line, i) =>
        this.line(line, this.x + labelWidth, this.y + i * this.leading(value), this.width - labelWidth, value),
      );
      this.y += height + 1.5;
    }
  }

  /** Labels to the left and figures to the right of the frame; the grand one stands out below a rule. */
  sums(rows: readonly Sum[]): void {
    for (const { label, figure, grand } of rows) {
      const style: TextStyle = { ...BODY, size: grand ? 13 : BODY.size, weight: grand ? 'bold' : 'regular' };
      this.space(4);
      if (grand) {
        this.rule(ACCENT, 1);
        this.space(5);
      }
      const fitted = this.fit(figure, { ...style, align: 'right' }, this.width * 0.6);
      this.line(fitted.line, this.x, this.y, this.width, fitted.style);
      this.text(label, style);
    }
  }

  rule(colour = HAIRLINE, weight = 0.6): void {
    this.doc
      .moveTo(this.x, this.y)
      .lineTo(this.x + this.width, this.y)
      .lineWidth(weight)
      .stroke(colour);
  }

  leading(style: TextStyle): number {
    return style.size * LEADING;
  }

  /** Text broken into drawable lines no wider than `width`; a word that is too long is broken inside. */
  wrap(text: string, style: TextStyle, width: number): string[] {
    const face = this.faces[style.weight];
    const drawable = face.drawable(text, (character) => this.report(character));
    const lines: string[] = [];
    let line = '';
    for (let word of drawable.split(' ')) {
      const extended = line === '' ? word : `${line} ${word}`;
      if (face.width(extended, style.size) <= width) {
        line = extended;
        continue;
      }
      if (line !== '') lines.push(line);
      while (face.width(word, style.size) > width && word.length > 1) {
        const head = longestHead(word, (part) => face.width(part, style.size) <= width);
        lines.push(head);
        word = word.slice(head.length);
      }
      line = word;
    }
    lines.push(line);
    return lines;
  }

  /** The largest size, at most the style's, at which the text takes one line: a figure is never broken. */
  fit(text: string, style: TextStyle, width: number): { line: string; style: TextStyle } {
    const face = this.faces[style.weight];
    const line = face.drawable(text, (character) => this.report(character));
    const needed = face.width(line, style.size);
    return { line, style: needed <= width ? style : { ...style, size: (style.size * width) / needed } };
  }

  /** One line of drawable text in the box that starts at `x`, `y` (its top) and is `width` wide. */
  line(text: string, x: number, y: number, width: number, style: TextStyle): void {
    if (text === '') return;
    const face = this.faces[style.weight];
    const left = style.align === 'right' ? x + width - face.width(text, style.size) : x;
    this.doc.font(style.weight).fontSize(style.size).fillColor(style.colour);
    this.doc.text(text, left, y, { lineBreak: false });
  }

  /** Finishes the last page and fills in the number of pages. The document itself is ended by its owner. */
  finish(): void {
    this.drawFooter();
    const { _font: font } = this.doc.font('regular');
    Object.assign(this.pageTotal.data, { Resources: { Font: { [font.id]: font.ref() } } });
    const [codes] = font.encode(String(this.pages));
    const grey = [1, 3, 5].map((at) => (Number.parseInt(MUTED.slice(at, at + 2), 16) / 255).toFixed(3)).join(' ');
    this.pageTotal.end(
      Buffer.from(`${grey} rg BT /${font.id} ${FOOTER.size} Tf <${codes.join('')}> Tj ET\n`, 'latin1'),
    );
  }

  private drawFooter(): void {
    const [x, width, top] = [PAGE.margin, PAGE.width - 2 * PAGE.margin, PAGE.height - 42];
    this.doc
      .moveTo(x, top - 6)
      .lineTo(x + width, top - 6)
      .lineWidth(0.5)
      .stroke(HAIRLINE);
    const count = `Page ${this.pages} of `;
    const face = this.faces.regular;
    this.line(count, x, top, width, FOOTER);
    const base = top + (face.ascent * FOOTER.size) / 1000;
    this.doc.page.xobjects['PageTotal'] = this.pageTotal;
    const after = x + face.width(count, FOOTER.size);
    this.doc.addContent(`q 1 0 0 -1 ${after.toFixed(3)} ${base.toFixed(3)} cm /PageTotal Do Q`);
    const footer = this.fit(this.head.footer, { ...FOOTER, align: 'right' }, width * 0.8);
    this.line(footer.line, x, top, width, footer.style);
    if (this.head.sandbox) {
      const style: TextStyle = { ...FOOTER, weight: 'bold', colour: '#9a3412' };
      this.line(SANDBOX_NOTICE, x, top + this.leading(FOOTER), width, style);
    }
  }

  private drawWatermark(word: string): void {
    const style: TextStyle = { ...BODY, size: 132, weight: 'bold', colour: '#eef1f3' };
    const width = this.faces.bold.width(word, style.size);
    const [x, y] = [PAGE.width / 2, PAGE.height / 2];
    this.doc.save().rotate(-52, { origin: [x, y] });
    this.line(word, x - width / 2, y - style.size / 2, width, style);
    this.doc.restore();
  }

  private report(character: string): void {
    this.replaced.add(`U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
  }
}

/** The longest part from the front that fits, at least one character. */
function longestHead(word: string, fits: (part: string) => boolean): string {
  const characters = Array.from(word);
  let [low, high] = [1, characters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(characters.slice(0, middle).join(''))) low = middle;
    else high = middle - 1;
  }
  return characters.slice(0, low).join('');
}
