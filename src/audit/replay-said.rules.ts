import { NO_ID, Uuid } from './uuid.rules.js';

const DAY_MS = 86_400_000;
const DAY_ZERO_MS = Date.UTC(2000, 0, 1);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MINOR = /^-?\d{1,15}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const isUuidText = (text: string): boolean => UUID.test(text);
export const isSha256 = (text: string): boolean => SHA256.test(text);

/** Days since 2000-01-01, as transfers count them. Undefined for what is no day. */
export function dayNumber(day: string): number | undefined {
  const ms = DAY.test(day) ? Date.parse(day) : Number.NaN;
  return Number.isNaN(ms) ? undefined : (ms - DAY_ZERO_MS) / DAY_MS;
}

/** The day of a number, as `YYYY-MM-DD`. */
export function dayOf(number: number): string {
  return new Date(DAY_ZERO_MS + number * DAY_MS).toISOString().slice(0, 10);
}

/** Every month has so many days. */
const SHORTEST_MONTH = 28;

/** The month that was asked for last, and its first day: the next day is nearly always of the same. */
let known = { month: 0, firstDay: Number.NaN };

/** Months since the year 0, of a day's number; months of service are counted so. */
export function monthOf(dayNumberOf: number): number {
  const place = dayNumberOf - known.firstDay;
  if (place >= 0 && place < SHORTEST_MONTH) return known.month;
  const day = new Date(DAY_ZERO_MS + dayNumberOf * DAY_MS);
  const month = 12 * day.getUTCFullYear() + day.getUTCMonth();
  known = { month, firstDay: dayNumberOf - day.getUTCDate() + 1 };
  return month;
}

/** The number of the last day of a month. */
export function lastDayOfMonth(month: number): number {
  return (Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0) - DAY_ZERO_MS) / DAY_MS;
}

/**
 * What an event says in its `data`. It was written by whoever is being audited, so nothing in it is taken for granted: what
 * is not there, or has another shape, is noted in `missing` by its name and read as nothing.
 */
export interface Said {
  readonly missing: string[];
  has(name: string): boolean;
  /** Pence, from a decimal string. */
  minor(name: string): number;
  count(name: string): number;
  id(name: string): Uuid;
  /** Null where the event says that there is none. */
  idOrNull(name: string): Uuid | null;
  text(name: string): string;
  flag(name: string): boolean;
  /** Of 64 hexadecimal digits. */
  sha256(name: string): string;
  /** Days since 2000-01-01. */
  day(name: string): number;
  /** Milliseconds since 1970, from an instant in UTC. */
  instant(name: string): number;
  /** An object within; an empty one where it is not there. What it lacks is noted here. */
  inside(name: string): Said;
  list(name: string): readonly Said[];
}

/**
 * A free text that an event binds: by a salted commitment, or, before there were any, by a hash of the text alone. Both stay
 * good for ever.
 */
export function readBoundText(said: Said, name: string): void {
  said.sha256(said.has(`${name}Commitment`) ? `${name}Commitment` : `${name}Sha256`);
}

/** As `readBoundText`, where an event need not have a text. */
export function readAnyText(said: Said, name: string): void {
  if (said.has(`${name}Commitment`) || said.has(`${name}Sha256`)) readBoundText(said, name);
}

/** What was parsed. */
export class SaidJson implements Said {
  constructor(
    private readonly data: { readonly [name: string]: unknown },
    readonly missing: string[] = [],
  ) {}

  has(name: string): boolean {
    return this.data[name] !== undefined && this.data[name] !== null;
  }

  minor(name: string): number {
    const value = this.data[name];
    return typeof value === 'string' && MINOR.test(value) ? Number(value) : this.miss(name, 0);
  }

  count(name: string): number {
    const value = this.data[name];
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.miss(name, 0);
  }

  id(name: string): Uuid {
    const value = this.data[name];
    return typeof value === 'string' && UUID.test(value) ? Uuid.of(value) : this.miss(name, NO_ID);
  }

  idOrNull(name: string): Uuid | null {
    return this.data[name] === null ? null : this.id(name);
  }

  text(name: string): string {
    const value = this.data[name];
    return typeof value === 'string' ? value : this.miss(name, '');
  }

  flag(name: string): boolean {
    const value = this.data[name];
    return typeof value === 'boolean' ? value : this.miss(name, false);
  }

  sha256(name: string): string {
    const value = this.data[name];
    return typeof value === 'string' && SHA256.test(value) ? value : this.miss(name, '');
  }

  day(name: string): number {
    const value = this.data[name];
    const day = typeof value === 'string' ? dayNumber(value) : undefined;
    return day ?? this.miss(name, 0);
  }

  instant(name: string): number {
    const value = this.data[name];
    const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? this.miss(name, 0) : ms;
  }

  inside(name: string): SaidJson {
    const value = this.data[name];
    return new SaidJson(isObject(value) ? value : this.miss(name, {}), this.missing);
  }

  list(name: string): SaidJson[] {
    const value = this.data[name];
    const items: unknown[] = Array.isArray(value) ? value : this.miss(name, []);
    return items.map((item) => new SaidJson(isObject(item) ? item : this.miss(name, {}), this.missing));
  }

  private miss<T>(name: string, nothing: T): T {
    this.missing.push(name);
    return nothing;
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
