/**
 * The answer of every parser of an identifier: the canonical value, or a problem in plain English for the person who
 * typed it. A problem never repeats what was typed.
 */
export type Parsed<T extends object = { readonly value: string }> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly problem: string };

export const refuse = (problem: string): { readonly ok: false; readonly problem: string } => ({ ok: false, problem });

/** Trimmed, upper-cased, without spaces and hyphens (the no-break space and the typographic dashes of word processors too). */
export const compact = (text: string): string => text.replace(/[\s\u00ad\u2010-\u2015\u2212-]+/gu, '').toUpperCase();
