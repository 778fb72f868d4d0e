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

/** Each is linear in the text. */
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
 * other long numbers, telephone numbers, postcodes. Names cannot be told from other words. Sorted by start; one piece of
 * text may look like several things, and pieces may overlap.
 */
export function findIdentifiers(text: string, options: MaskOptions = {}): IdentifierFound[] {
  const dates = shapes.filter(([kind]) => kind === 'date').flatMap((shape) => piecesOf(text, shape));
  const others = shapes.filter(([kind]) => kind !== 'date');
  const keepDates = options.dates === 'keep';
  const rest = keepDates ? withoutPieces(text, dates) : text;
  const nhsNumbers = findNhsNumbers(text).map((piece) => ({ kind: 'nhs_number' as const, ...piece }));
  const found = [...nhsNumbers, ...(keepDates ? [] : dates), ...others.flatMap((shape) => piecesOf(rest, shape))];
  return found.sort((one, other) => one.start - other.start);
}

/**
 * The text with every letter and digit of what looks like an identifier turned into a bullet, but for its last two
 * characters. Compatibility forms (full-width digits) are folded first, so that they do not slip through.
 */
export function maskIdentifiers(text: string, options: MaskOptions = {}): string {
  const folded = text.normalize('NFKC');
  const kept: string[] = [];
  let at = 0;
  for (const { start, end } of merged(findIdentifiers(folded, options))) {
    kept.push(folded.slice(at, start), maskWhole(folded.slice(start, end)));
    at = end;
  }
  return kept.join('') + folded.slice(at);
}

function maskWhole(piece: string): string {
  const signs = Array.from(piece);
  return (
    signs
      .slice(0, -2)
      .join('')
      .replace(/[\p{L}\p{N}]/gu, bullet) + signs.slice(-2).join('')
  );
}

const piecesOf = (text: string, [kind, shape]: (typeof shapes)[number]): IdentifierFound[] =>
  [...text.matchAll(shape)].map((match) => ({
    kind: kind === 'number' && phoneShape.test(match[0]) ? 'phone' : kind,
    start: match.index,
    end: match.index + match[0].length,
  }));

/** Sorted pieces, those that overlap made one. */
function merged(pieces: readonly IdentifierFound[]): { start: number; end: number }[] {
  const whole: { start: number; end: number }[] = [];
  for (const { start, end } of pieces) {
    const last = whole.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else whole.push({ start, end });
  }
  return whole;
}

/** Blanks out dates that may stay, so that what touches them is looked at by itself and offsets stay. */
function withoutPieces(text: string, pieces: readonly IdentifierFound[]): string {
  const sorted = [...pieces].sort((one, other) => one.start - other.start);
  const kept: string[] = [];
  let at = 0;
  for (const { start, end } of merged(sorted)) {
    kept.push(text.slice(at, start), '\0'.repeat(end - start));
    at = end;
  }
  return kept.join('') + text.slice(at);
}
