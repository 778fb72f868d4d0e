import { refuse, type Parsed } from './parsed.js';

export type CharityRegulator = 'england_and_wales' | 'scotland' | 'northern_ireland';

/** `value` is canonical: `1089464`, `1089464-2` (a linked charity), `SC012345` or `NIC100002`. */
export interface CharityNumber {
  readonly value: string;
  readonly regulator: CharityRegulator;
  /** Number of a charity that is linked to the main one; null for a main charity. England and Wales only. */
  readonly linkedNumber: number | null;
}

/**
 * Reads a charity number of one of the three regulators of the United Kingdom:
 * Charity Commission for England and Wales, six or seven digits, with a linked number after a hyphen or a stroke
 * (1089464-1; 0 is the main charity itself); OSCR in Scotland, SC and six digits; Charity Commission for Northern
 * Ireland, NIC and six digits. There is no check digit.
 */
export function parseCharityNumber(text: string): Parsed<CharityNumber> {
  const typed = text
    .trim()
    .toUpperCase()
    .replace(/[\u2010-\u2015\u2212]/gu, '-');
  const english = /^(\d{3}[ ]?\d{3,4}|\d{6,7})(?:\s*[-/]\s*(\d{1,3}))?$/.exec(typed);
  if (english) return englishCharity(english[1] ?? '', Number(english[2] ?? '0'));
  const compacted = typed.replace(/[\s-]+/g, '');
  if (/^SC\d{6}$/.test(compacted)) return charity(compacted, 'scotland');
  if (/^NIC\d{6}$/.test(compacted)) return charity(compacted, 'northern_ireland');
  if (/^SC\d*$/.test(compacted))
    return refuse('A Scottish charity number is SC and six digits: add the leading noughts.');
  if (/^NI(C?)\d*$/.test(compacted)) return refuse('A Northern Irish charity number is NIC and six digits.');
  return refuse(
    'A charity number has six or seven digits (England and Wales, with a linked number after a hyphen), SC and six digits (Scotland) or NIC and six digits (Northern Ireland).',
  );
}

function englishCharity(main: string, linked: number): Parsed<CharityNumber> {
  const digits = main.replace(' ', '');
  if (digits.startsWith('0')) return refuse('A charity number of England and Wales does not begin with a nought.');
  const value = linked === 0 ? digits : `${digits}-${linked}`;
  return { ok: true, value, regulator: 'england_and_wales', linkedNumber: linked === 0 ? null : linked };
}

const charity = (value: string, regulator: CharityRegulator): Parsed<CharityNumber> => ({
  ok: true,
  value,
  regulator,
  linkedNumber: null,
});
