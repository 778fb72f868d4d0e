import { findNhsNumbers } from './nhs-number.rules.js';

/** What a piece of text looks like. `nhs_number` passes the check; `number` is any other run of eight digits or more. */
export type IdentifierKind = 'email' | 'date' | 'nhs_number' | 'phone' | 'number' | 'postcode';

/** A piece of text that looks like an identifier: offsets into the string, end excluded. */
export interface IdentifierFound {
  readonly kind: IdentifierKind;
  readonly start: number;
  readonly end: number;
}

export interface MaskOptions {
  /** `keep` for a field where a date is expected; otherwise a date may be one of birth. */
  readonly dates?: 'mask' | 'keep';
}

const bullet = '•';
const phoneShape = /^(?:[+(]{0,2}44|\(?0044|\(?0[1237])[\d\s().]{8,}$/;
const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';

/** In order of precedence, after the NHS numbers: an earlier shape owns its text. Each is linear in the text. */
const shapes: readonly [IdentifierKind, RegExp][] = [
  ['email', /[^\s@,;:<>()"]{1,64}@[^\s@,;:<>()"]{1,255}/gu],
  [
    'date',
    /(?<!\p{Nd})\p{Nd}{1,4}([/.-])\p{Nd}{1,2}\1\p{Nd}{2,4}(?:[T ]\p{Nd}{1,2}[:.]\p{Nd}{2}(?:[:.]\p{Nd}{2})?)?(?!\p{Nd})/gu,
  ],
  [
    'date',
    new RegExp(
      `(?<!\\p{Nd})\\p{Nd}{1,2}(?:st|nd|rd|th)?[ /.,-]{0,2}(?:${months})[a-z]{0,6}[ /.,-]{0,2}\\p{Nd}{2,4}(?!\\p{Nd})`,
      'giu',
    ),
  ],
  [
    'date',
    new RegExp(
      `(?<![a-z])(?:${months})[a-z]{0,6}[ .,-]{1,2}\\p{Nd}{1,2}(?:st|nd|rd|th)?[ ,.-]{1,2}\\p{Nd}{4}(?!\\p{Nd})`,
      'giu',
    ),
  ],
  ['number', /(?<!\p{Nd})[+(]{0,2}\p{Nd}(?:[\s.()/\u2010-\u2015\u2212-]{0,2}\p{Nd}){7,}(?!\p{Nd})/gu],
  ['postcode', /(?<![\p{L}\p{Nd}])[a-z]{1,2}\p{Nd}[a-z\p{Nd}]?\s{0,2}\p{Nd}[a-z]{2}(?![\p{L}\p{Nd}])/giu],
];

/**
 * Everything in a text that looks like an identifier of a person: e-mail addresses, dates (of birth, perhaps), NHS and
 * other long numbers, telephone numbers, postcodes. Names cannot be told from other words. Pieces do not overlap.
 */
export function findIdentifiers(text: string): IdentifierFound[] {
  const found: IdentifierFound[] = findNhsNumbers(text).map((piece) => ({ kind: 'nhs_number', ...piece }));
  let rest = withoutPieces(text, found);
  for (const [kind, shape] of shapes) {
    const pieces = [...rest.matchAll(shape)].map((match) => ({
      kind: kind === 'number' && phoneShape.test(match[0]) ? ('phone' as const) : kind,
      start: match.index,
      end: match.index + match[0].length,
    }));
    rest = withoutPieces(rest, pieces);
    found.push(...pieces);
  }
  return found.sort((one, other) => one.start - other.start);
}

/**
 * The text with every letter and digit of what looks like an identifier turned into a bullet, but for its last two
 * characters. Compatibility forms (full-width digits) are folded first, so that they do not slip through.
 */
export function maskIdentifiers(text: string, options: MaskOptions = {}): string {
  const folded = text.normalize('NFKC');
  const pieces = findIdentifiers(folded).filter((piece) => piece.kind !== 'date' || options.dates !== 'keep');
  let masked = '';
  let at = 0;
  for (const piece of pieces) {
    masked += folded.slice(at, piece.start) + maskWhole(folded.slice(piece.start, piece.end));
    at = piece.end;
  }
  return masked + folded.slice(at);
}

const maskWhole = (piece: string): string => piece.slice(0, -2).replace(/[\p{L}\p{N}]/gu, bullet) + piece.slice(-2);

/** Blanks out what was recognised, so that what touches it is looked at by itself and offsets stay. */
function withoutPieces(text: string, pieces: readonly IdentifierFound[]): string {
  const kept: string[] = [];
  let at = 0;
  for (const { start, end } of pieces) {
    kept.push(text.slice(at, start), '\0'.repeat(end - start));
    at = end;
  }
  return kept.join('') + text.slice(at);
}
