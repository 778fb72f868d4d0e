import { parseNhsNumber } from './nhs-number.rules.js';

/** What a piece of text looks like. `nhs_number` passes the check; `number` is any other run of nine digits or more. */
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
const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';

/** In order of precedence: an earlier kind owns its text. Each is linear in the text. */
const shapes: readonly [IdentifierKind, RegExp][] = [
  ['email', /[^\s@,;:<>()"]{1,64}@[^\s@,;:<>()"]{1,255}/gu],
  [
    'date',
    /(?<!\p{Nd})\p{Nd}{1,4}([/.\-])\p{Nd}{1,2}\1\p{Nd}{2,4}(?:[T ]\p{Nd}{1,2}[:.]\p{Nd}{2}(?:[:.]\p{Nd}{2})?)?(?!\p{Nd})/gu,
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
  ['number', /(?<!\p{Nd})[+(]{0,2}\p{Nd}(?:[\s.()/\u2010-\u2015\u2212-]{0,2}\p{Nd}){8,}(?!\p{Nd})/gu],
  ['postcode', /(?<![\p{L}\p{Nd}])[a-z]{1,2}\p{Nd}[a-z\p{Nd}]?\s{0,2}\p{Nd}[a-z]{2}(?![\p{L}\p{Nd}])/giu],
];

/**
 * Everything in a text that looks like an identifier of a person: e-mail addresses, dates (of birth, perhaps), NHS and
 * other long numbers, telephone numbers, postcodes. Names cannot be told from other words. Pieces do not overlap.
 */
export function findIdentifiers(text: string): IdentifierFound[] {
  const found: IdentifierFound[] = [];
  for (const [kind, shape] of shapes) {
    for (const match of text.matchAll(shape)) {
      const piece = { start: match.index, end: match.index + match[0].length };
      if (found.some((other) => other.start < piece.end && piece.start < other.end)) continue;
      found.push({ kind: kind === 'number' ? kindOfNumber(match[0]) : kind, ...piece });
    }
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

function kindOfNumber(text: string): IdentifierKind {
  if (parseNhsNumber(text.replace(/[^\p{Nd}]/gu, '')).ok) return 'nhs_number';
  return /^(?:[+(]{0,2}44|\(?00[ ]?44|\(?0[1237])/.test(text) ? 'phone' : 'number';
}
