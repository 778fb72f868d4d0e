import { parsePounds, type Minor } from '../../money/index.js';
import type { IsoDate } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { monthNumber, type Translate } from '../../words/index.js';
import type { FormError } from './answer.rules.js';
import type { Fields } from './fields.rules.js';

/** The part of a Zod schema that a form needs. */
interface Schema<T> {
  safeParse(
    input: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/**
 * Reads the fields of a form one by one and collects what is to be mended, in the order of the page. A reading that
 * failed gives undefined, so a caller looks at `ok` before it uses them.
 */
export class Form {
  readonly errors: FormError[] = [];

  constructor(
    private readonly t: Translate,
    private readonly fields: Fields,
  ) {}

  get ok(): boolean {
    return this.errors.length === 0;
  }

  /** What was typed, to show it again. */
  get values(): Record<string, unknown> {
    return this.fields.values();
  }

  /** Adds something to mend: `key` is a message of the catalogue. */
  refuse(field: string, key: string, params: Parameters<Translate>[1] = {}): void {
    this.errors.push({ field, text: this.t(key, params) });
  }

  /** Adds what a service refused, in the words of `errors.<code>`. @throws the error itself when it is no refusal */
  refused(error: unknown, field = ''): void {
    if (!(error instanceof DomainError)) throw error;
    this.errors.push({ field, text: wordError(this.t, error) });
  }

  /** A text of at most `max` characters. Without `missing` it may be left empty, which gives undefined. */
  text(name: string, { missing, max = 200 }: { missing?: string; max?: number } = {}): string | undefined {
    const text = this.fields.text(name);
    if (text === '') {
      if (missing !== undefined) this.refuse(name, missing);
      return undefined;
    }
    if (text.length > max) {
      this.refuse(name, 'forms.tooLong', { max });
      return undefined;
    }
    return text;
  }

  /** One of the choices. */
  choice<T extends string>(name: string, choices: readonly T[], missing: string): T | undefined {
    const text = this.fields.text(name);
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) this.refuse(name, missing);
    return chosen;
  }

  /** A day from the three fields `name-day`, `name-month` and `name-year`; a month may be typed as a word. */
  day(name: string, { missing }: { missing?: string } = {}): IsoDate | undefined {
    const parts = ['day', 'month', 'year'].map((part) => this.fields.text(`${name}-${part}`));
    if (parts.every((part) => part === '')) {
      if (missing !== undefined) this.refuse(name, missing);
      return undefined;
    }
    const day = dayOf(parts[0] ?? '', parts[1] ?? '', parts[2] ?? '');
    if (day === undefined) this.refuse(name, 'forms.notADay');
    return day;
  }

  /** A time of day, `HH:MM`, from `9:30`, `9.30`, `0930`, `9am`, `1:15 pm`. */
  hour(name: string, { missing }: { missing?: string } = {}): string | undefined {
    const text = this.fields.text(name);
    if (text === '') {
      if (missing !== undefined) this.refuse(name, missing);
      return undefined;
    }
    const hour = hourOf(text);
    if (hour === undefined) this.refuse(name, 'forms.notATime');
    return hour;
  }

  /** Pounds and pence, as people write them, in pence. */
  pounds(name: string, { missing }: { missing?: string } = {}): Minor | undefined {
    const text = this.fields.text(name).replace(/\s/g, '');
    if (text === '') {
      if (missing !== undefined) this.refuse(name, missing);
      return undefined;
    }
    const amount = parsePounds(text);
    if (amount === undefined || amount < 0n) {
      this.refuse(name, 'forms.notPounds');
      return undefined;
    }
    return amount;
  }

  /** A whole number between bounds. */
  whole(name: string, { missing, min, max }: { missing?: string; min: number; max: number }): number | undefined {
    const text = this.fields.text(name).replace(/[\s,]/g, '');
    if (text === '') {
      if (missing !== undefined) this.refuse(name, missing);
      return undefined;
    }
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    this.refuse(name, 'forms.notWhole', { min, max });
    return undefined;
  }

  /**
   * Checks the request that the API would be sent, by the API's own schema. What it finds is put beside the field that
   * `places` gives for the first part of the path, in the schema's words.
   */
  as<T>(schema: Schema<T>, request: unknown, places: Readonly<Record<string, string>> = {}): T | undefined {
    if (!this.ok) return undefined;
    const parsed = schema.safeParse(request);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      const name = String(path[0] ?? '');
      this.errors.push({ field: places[name] ?? name, text: this.t('forms.wrong', { problem: message }) });
    }
    return undefined;
  }
}

/** A refusal in words: what happened, and what to do. */
export function wordError(t: Translate, { code, message }: DomainError): string {
  const key = `errors.${code.replaceAll('.', '_')}`;
  return t.has(key) ? t(key) : message;
}

/** The day that three texts name; undefined when there is no such day between 1900 and 2199. */
export function dayOf(dayText: string, monthText: string, yearText: string): IsoDate | undefined {
  const day = /^\d{1,2}$/.test(dayText) ? Number(dayText) : 0;
  const month = /^\d{1,2}$/.test(monthText) ? Number(monthText) : (monthNumber(monthText) ?? 0);
  const year = /^(19|20|21)\d\d$/.test(yearText) ? Number(yearText) : 0;
  if (day < 1 || month < 1 || month > 12 || year === 0 || day > daysIn(month, year)) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function daysIn(month: number, year: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

const HOUR = /^(\d{1,2})(?:[:.]?(\d{2}))?\s*(am|pm|yb|yp)?$/i;

/** The time of day that a text names, as `HH:MM`; a bare number under 100 needs am or pm. */
export function hourOf(text: string): string | undefined {
  const match = HOUR.exec(text.trim());
  if (!match) return undefined;
  const [, hours = '', minutes, half] = match;
  if (minutes === undefined && half === undefined) return undefined;
  const afternoon = half !== undefined && /^(pm|yp)$/i.test(half);
  let hour = Number(hours);
  if (half !== undefined && (hour < 1 || hour > 12)) return undefined;
  if (half !== undefined) hour = (hour % 12) + (afternoon ? 12 : 0);
  const minute = Number(minutes ?? 0);
  return hour > 23 || minute > 59 ? undefined : `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
