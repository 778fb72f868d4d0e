import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A glyph as pdfkit draws it; measures are thousandths of the font size. */
interface Glyph {
  readonly id: number;
  readonly advanceWidth: number;
  /** What the text layer of the document says that it is. */
  readonly codePoints: readonly number[];
}

interface GlyphPosition {
  readonly xAdvance: number;
  readonly yAdvance: number;
  readonly xOffset: number;
  readonly yOffset: number;
}

/** The part of a parsed fontkit font that this file relies on; pdfkit relies on more of it. */
export interface ParsedFont {
  readonly unitsPerEm: number;
  readonly ascent: number;
  hasGlyphForCodePoint(codePoint: number): boolean;
  glyphForCodePoint(codePoint: number): Omit<Glyph, 'codePoints'>;
  layout(text: string): { readonly glyphs: readonly unknown[]; readonly positions: readonly GlyphPosition[] };
}

export type Weight = 'regular' | 'bold';

const FILES: Record<Weight, string> = {
  regular: '@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf',
  bold: '@expo-google-fonts/source-sans-3/700Bold/SourceSans3_700Bold.ttf',
};

/** Drawn for a character that the font does not have. */
const REPLACEMENT = '?';
const SPACE = 0x20;
/** Not drawable on their own: controls, formats (bidirectional ones too), surrogates, unassigned, and combining marks. */
const NEVER_DRAWN = /[\p{C}\p{M}]/u;

/** The bytes of an embedded font; Source Sans 3 has tabular figures by default, so that money aligns. */
export function fontFile(weight: Weight): Uint8Array {
  return readFileSync(createRequire(import.meta.url).resolve(FILES[weight]));
}

/**
 * A font that sets text from tables of single glyphs and kerning pairs, filled as they are first met. The shaper of
 * fontkit costs half of a document's time, and caching its runs by word costs memory with every new reference; the
 * languages of a British invoice need neither. Both tables are bounded by the font.
 */
export class Typeface {
  /** What pdfkit embeds and draws with: the parsed font, with this layout in place of the shaper's. */
  readonly font: object;
  /** Above the base line, in thousandths of the font size. */
  readonly ascent: number;
  private readonly glyphs = new Map<number, Glyph | undefined>();
  private readonly kerning = new Map<number, number>();

  constructor(private readonly parsed: ParsedFont) {
    if (parsed.unitsPerEm !== 1000) throw new Error('The font must have 1000 units to the em');
    this.ascent = parsed.ascent;
    this.font = Object.create(parsed, { layout: { value: (text: string) => this.layout(text) } }) as object;
  }

  /**
   * Text as it can be drawn: composed (NFC), white space of any kind a single space, and each character that the font
   * lacks replaced by "?" and handed to `report`, so that no empty box ever stands in a document unnoticed.
   */
  drawable(text: string, report: (character: string) => void): string {
    let drawn = '';
    for (const character of text.normalize('NFC').replaceAll(/[ \t\r\n]+/g, ' ')) {
      if (this.glyph(character.codePointAt(0) ?? SPACE) !== undefined) {
        drawn += character;
      } else {
        report(character);
        drawn += REPLACEMENT;
      }
    }
    return drawn;
  }

  /** The width of drawable text in points. */
  width(text: string, size: number): number {
    let width = 0;
    let before: Glyph | undefined;
    for (const character of text) {
      const glyph = this.drawnGlyph(character);
      width += glyph.advanceWidth + (before === undefined ? 0 : this.kern(before, glyph));
      before = glyph;
    }
    return (width * size) / 1000;
  }

  private layout(text: string): { glyphs: Glyph[]; positions: GlyphPosition[]; advanceWidth: number } {
    const glyphs = Array.from(text, (character) => this.drawnGlyph(character));
    const positions = glyphs.map((glyph, index) => {
      const next = glyphs[index + 1];
      const xAdvance = glyph.advanceWidth + (next === undefined ? 0 : this.kern(glyph, next));
      return { xAdvance, yAdvance: 0, xOffset: 0, yOffset: 0 };
    });
    return { glyphs, positions, advanceWidth: positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0) };
  }

  private drawnGlyph(character: string): Glyph {
    const glyph = this.glyph(character.codePointAt(0) ?? SPACE) ?? this.glyph(REPLACEMENT.charCodeAt(0));
    if (glyph === undefined) throw new Error('The font must have a question mark');
    return glyph;
  }

  private glyph(codePoint: number): Glyph | undefined {
    if (this.glyphs.has(codePoint)) return this.glyphs.get(codePoint);
    const drawable = this.parsed.hasGlyphForCodePoint(codePoint) && !NEVER_DRAWN.test(String.fromCodePoint(codePoint));
    // Only what the font has is remembered: hostile text must not grow the table.
    if (!drawable) return undefined;
    // A glyph of our own: fontkit keeps one object for each glyph, with the characters of whoever asked first, and that may
    // be an accent or a colon that was made of it. What a document says would depend on the documents before it.
    const { id, advanceWidth } = this.parsed.glyphForCodePoint(codePoint);
    const glyph = { id, advanceWidth, codePoints: [codePoint] };
    this.glyphs.set(codePoint, glyph);
    return glyph;
  }

  /** Space is never kerned: pdfkit lays out word by word, and both ways must measure the same. */
  private kern(left: Glyph, right: Glyph): number {
    const [first, second] = [left.codePoints[0] ?? SPACE, right.codePoints[0] ?? SPACE];
    if (first === SPACE || second === SPACE) return 0;
    const key = left.id * 0x10000 + right.id;
    const known = this.kerning.get(key);
    if (known !== undefined) return known;
    const pair = this.parsed.layout(String.fromCodePoint(first, second));
    // A ligature comes back as one glyph: no kerning, because it is not used.
    const kern = pair.glyphs.length === 2 ? (pair.positions[0]?.xAdvance ?? left.advanceWidth) - left.advanceWidth : 0;
    this.kerning.set(key, kern);
    return kern;
  }
}
