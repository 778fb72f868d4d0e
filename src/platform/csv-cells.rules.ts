import { findIdentifiers } from '../identifiers/index.js';

/** What a cell means, or how to put it right. `code` is stable. */
export type CellResult<T> = { readonly ok: T } | { readonly code: string; readonly howToFix: string };

/** A day, and the time of day when the cell had one. Both on the clock of Europe/London. */
export interface CellDate {
  /** `YYYY-MM-DD`. */
  readonly on: string;
  /** `HH:MM`; null when the cell had no time, or midnight, which systems print for want of one. */
  readonly at: string | null;
}

/** The days that a date may fall on, first and last included, `YYYY-MM-DD`. */
export interface DateBounds {
  readonly earliest: string;
  readonly latest: string;
}

const refuse = (code: string, howToFix: string): { code: string; howToFix: string } => ({ code, howToFix });
const two = (part: number | string): string => String(part).padStart(2, '0');

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const longMonthNames = 'january february march april may june july august september october november december'.split(
  ' ',
);
const dateAdvice = 'Write the day as day/month/year, such as 03/09/2026, 3 Sep 2026 or 2026-09-03.';

/**
 * Reads a date, day before month (9/3/2026 is 9 March): 3/9/2026, 03-09-26, 3.9.2026, 3 Sep 2026, Thu 3rd September 2026,
 * 2026-09-03, each with or without a time. An ISO time with an offset (or Z) is moved to Europe/London first. A year of two
 * digits is of this century. Only days of the calendar between the bounds are accepted.
 */
export function readDate(text: string, bounds: DateBounds): CellResult<CellDate> {
  const date = readIsoInstant(text) ?? readWrittenDate(text);
  if (date === null) return refuse('invalid_date', dateAdvice);
  if (!isCalendarDay(date.on)) return refuse('no_such_day', `There is no such day in the calendar. ${dateAdvice}`);
  if (date.on > bounds.latest) {
    return refuse('date_too_late', `The day is later than ${ukDate(bounds.latest)}, the last that is accepted here.`);
  }
  if (date.on < bounds.earliest) {
    return refuse('date_too_early', `The day is before ${ukDate(bounds.earliest)}: look at the year.`);
  }
  return { ok: date };
}

/** `YYYY-MM-DD` as people here write it, `DD/MM/YYYY`. */
const ukDate = (iso: string): string => iso.split('-').reverse().join('/');

function readWrittenDate(text: string): CellDate | null {
  const whole = /^(.*?\d)(?:(?:T|,?\s+)(\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d{1,9})?)?\s*(?:[ap]m)?))?$/i.exec(text);
  const day = readDay(whole?.[1] ?? text);
  if (day === null) return null;
  if (whole?.[2] === undefined) return { on: day, at: null };
  const time = readTime(whole[2].replace(/^(\d{1,2}[:.]\d{2}).*?(\s*[ap]m)?$/i, '$1$2'));
  if (!('ok' in time)) return null;
  return { on: day, at: time.ok === '00:00' ? null : time.ok };
}

function readDay(text: string): string | null {
  const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text);
  if (iso) return `${iso[1]}-${two(iso[2] ?? '')}-${two(iso[3] ?? '')}`;
  const numeric = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})$/.exec(text);
  if (numeric) return `${fullYear(numeric[4])}-${two(numeric[3] ?? '')}-${two(numeric[1] ?? '')}`;
  const named = /^(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]*([a-z]{3,9})\.?,?[\s-]*(\d{4}|\d{2})$/i.exec(text);
  if (!named) return null;
  const month = monthNumber(named[2] ?? '');
  return month === null ? null : `${fullYear(named[3])}-${two(month)}-${two(named[1] ?? '')}`;
}

const fullYear = (digits = ''): string => (digits.length === 2 ? `20${digits}` : digits);

function monthNumber(name: string): number | null {
  const wanted = name.toLowerCase();
  const index = wanted === 'sept' ? 8 : Math.max(monthNames.indexOf(wanted), longMonthNames.indexOf(wanted));
  return index < 0 ? null : index + 1;
}

function readIsoInstant(text: string): CellDate | null {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)) return null;
  if (!isCalendarDay(text.slice(0, 10))) return { on: text.slice(0, 10), at: null };
  const instant = new Date(
    text
      .replace(' ', 'T')
      .replace(/\s/g, '')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
      .toUpperCase(),
  );
  if (Number.isNaN(instant.getTime())) return null;
  const [on = '', at = ''] = londonClock.format(instant).split(/[\s,T]+/);
  return { on, at: at === '00:00' ? null : at };
}

/** The Swedish way of writing a date and time is the ISO one. */
const londonClock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function isCalendarDay(iso: string): boolean {
  const [year = 0, month = 0, day = 0] = iso.split('-').map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (lengths[month - 1] ?? 0);
}

/** Reads a time of day as `HH:MM`: 14:00, 14.00, 14:00:00, 1400, 2pm, 2.30 pm. A bare 2 or 14 is refused: it may be a count. */
export function readTime(text: string): CellResult<string> {
  const advice = refuse('invalid_time', 'Write the time as 14:00 or 2pm.');
  const match = /^(\d{1,2})(?:[:.]?(\d{2})(?:[:.]00)?)?\s*(am|pm|a\.m\.|p\.m\.)?$/i.exec(text);
  if (!match || (match[2] === undefined && match[3] === undefined)) return advice;
  if (match[3] === undefined && /^\d{3}$/.test(text)) return advice;
  const half = match[3]?.toLowerCase().charAt(0);
  const written = Number(match[1]);
  const minute = Number(match[2] ?? '0');
  if (half !== undefined && (written < 1 || written > 12)) return advice;
  const hour = half === undefined ? written : (written % 12) + (half === 'p' ? 12 : 0);
  return hour > 23 || minute > 59 ? advice : { ok: `${two(hour)}:${two(minute)}` };
}

/**
 * Reads a duration as whole minutes: 60, 60 min, 1h, 1.5 hours, 1h 30m, 1:30, 01:30:00. A bare number is of `bareUnit`.
 * Between 0 and `most` minutes.
 */
export function readDuration(
  text: string,
  { bareUnit, most }: { bareUnit: 'minutes' | 'hours'; most: number },
): CellResult<number> {
  const advice = refuse(
    'invalid_duration',
    bareUnit === 'minutes' ? 'Write whole minutes, such as 60, or 1h 30m.' : 'Write hours, such as 24 or 1.5.',
  );
  const minutes = durationInMinutes(text.toLowerCase(), bareUnit);
  if (minutes === null) return advice;
  return minutes > most
    ? refuse('duration_too_long', `At most ${most / 60} hours are accepted here.`)
    : { ok: minutes };
}

function durationInMinutes(text: string, bareUnit: 'minutes' | 'hours'): number | null {
  const clock = /^(\d{1,3}):([0-5]\d)(?::00)?$/.exec(text);
  if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
  const worded = /^(?:(\d{1,3}(?:\.\d{1,2})?)\s*h(?:(?:ou)?rs?)?)?[\s,]*(?:(\d{1,4})\s*(?:m|mins?|minutes?)?)?$/.exec(
    text,
  );
  if (worded?.[1] !== undefined) {
    if (worded[2] !== undefined && worded[1].includes('.')) return null;
    return wholeMinutes(worded[1], Number(worded[2] ?? '0'));
  }
  const bare = /^(\d{1,5})(?:\.(\d{1,2}))?\s*(m|mins?|minutes?)?$/.exec(text);
  if (!bare) return null;
  if (bareUnit === 'hours' && bare[3] === undefined) return wholeMinutes(text, 0);
  return /^0*$/.test(bare[2] ?? '') ? Number(bare[1]) : null;
}

/** Decimal hours in whole minutes, by hundredths of an hour so that nothing is rounded: 1.33 h is no whole number of minutes. */
function wholeMinutes(hours: string, extra: number): number | null {
  const [whole = '0', fraction = ''] = hours.split('.');
  const hundredths = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return (hundredths * 3) % 5 === 0 ? (hundredths * 3) / 5 + extra : null;
}

/** Reads an amount of pounds as pence: £12.50, 12.5, 1,234.50, GBP 12. Nothing below zero, nothing of a fraction of a penny. */
export function readPounds(text: string): CellResult<bigint> {
  const match = /^(?:£|gbp)?\s*(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,2})0*)?\s*(?:£|gbp)?$/i.exec(text);
  if (!match) return refuse('invalid_amount', 'Write pounds and pence with a point, such as 12.50.');
  const pounds = BigInt((match[1] ?? '').replaceAll(',', ''));
  return { ok: pounds * 100n + BigInt((match[2] ?? '').padEnd(2, '0')) };
}

/** Reads a count of things: digits alone, at most `most`; `8.0`, as spreadsheets write it, too. */
export function readCount(text: string, { least, most }: { least: number; most: number }): CellResult<number> {
  const match = /^(\d{1,6})(?:\.0+)?$/.exec(text);
  const count = Number(match?.[1] ?? -1);
  return match && count >= least && count <= most
    ? { ok: count }
    : refuse('invalid_count', `Write a whole number from ${least} to ${most}.`);
}

/** The letters and digits of a heading or of a word in a cell, in lower case: what is left when its dress is taken off. */
export const wordKey = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** Nothing that folding changes but small letters: nearly every reference is like this. */
const FOLDED_BUT_FOR_CASE = /^[\w.:/#-]+(?: [\w.:/#-]+)*$/;

/** A reference or code as it is compared: case and spacing do not matter. */
export const foldReference = (text: string): string =>
  FOLDED_BUT_FOR_CASE.test(text)
    ? text.toUpperCase()
    : text.normalize('NFKC').replace(/\s+/gu, ' ').trim().toUpperCase();

/** Reads a word of a closed list. `words` maps every accepted word, reduced by `wordKey`, to its meaning. */
export function readWord<T>(text: string, words: ReadonlyMap<string, T>, advice: string): CellResult<T> {
  const meaning = words.get(wordKey(text));
  return meaning === undefined ? refuse('unknown_word', advice) : { ok: meaning };
}

/** Builds the map that `readWord` takes: each meaning with the words for it, separated by commas. */
export const wordList = <T>(meanings: readonly (readonly [T, string])[]): ReadonlyMap<string, T> =>
  new Map(meanings.flatMap(([meaning, words]) => words.split(',').map((word) => [wordKey(word), meaning] as const)));

export const yesOrNo = wordList<boolean>([
  [true, 'yes,y,true,1,x'],
  [false, 'no,n,false,0,none'],
]);

/** A year before the first day that any file may hold (2015): in a reference it is no day of service. */
const BIRTH_YEAR = /(?<!\d)(?:19\d\d|200\d|201[0-4])(?!\d)/;

const SHORT_AND_PLAIN = /^[A-Za-z\d](?:[A-Za-z\d._:/#-]| (?=[A-Za-z\d._:/#-])){0,63}$/;
/** An NHS number has ten, and so has a telephone number at least. */
const MANY_DIGITS = /(?:\d\D*){8}/;

/** Whether a reference is plainly what it should be, so that what it must not hold need not be looked for. */
const isHarmless = (text: string): boolean =>
  SHORT_AND_PLAIN.test(text) && !MANY_DIGITS.test(text) && !BIRTH_YEAR.test(text);

/**
 * Reads a reference that another system made up: up to 64 letters, digits, spaces and . _ : / # -, not personal data.
 * A valid NHS number, a date of birth, an e-mail address or a telephone number in it is refused, with no word of it
 * repeated.
 */
export function readReference(text: string): CellResult<string> {
  if (isHarmless(text)) return { ok: text };
  const reference = text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
  const pieces = findIdentifiers(reference);
  const kinds = new Set(pieces.map((piece) => piece.kind));
  if (kinds.has('nhs_number')) {
    return refuse(
      'nhs_number_in_reference',
      'This holds an NHS number. Use a reference that does not identify a person.',
    );
  }
  if (kinds.has('email') || kinds.has('phone')) {
    return refuse(
      'contact_in_reference',
      'This looks like a telephone number or an e-mail address. Use a reference instead.',
    );
  }
  if (pieces.some(({ kind, start, end }) => kind === 'date' && BIRTH_YEAR.test(reference.slice(start, end)))) {
    return refuse(
      'date_in_reference',
      'This looks like a date of birth. Use a reference that does not identify a person.',
    );
  }
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._:/#-]{0,63}$/u.test(reference)
    ? { ok: reference }
    : refuse(
        'invalid_reference',
        'Use at most 64 letters, digits, spaces and the signs . _ : / # -, beginning with a letter or digit.',
      );
}

/** Reads a code of a list (any reference when the list is empty). It comes back as the list writes it. */
export function readCode(text: string, codes: readonly string[]): CellResult<string> {
  const reference = readReference(text);
  if (!('ok' in reference) || codes.length === 0) return reference;
  const wanted = foldReference(reference.ok);
  const code = codes.find((candidate) => foldReference(candidate) === wanted);
  return code === undefined
    ? refuse('unknown_code', `Use one of these codes: ${codes.slice(0, 10).join(', ')}.`)
    : { ok: code };
}
