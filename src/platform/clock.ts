/** A calendar day, `YYYY-MM-DD`. */
export type IsoDate = string;

const LONDON = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London', dateStyle: 'short' });

const HOUR_MS = 3_600_000;
const HOURS_KEPT = 100_000;
/** Days begin on the hour, and thousands of rows ask about the same few hours. */
const londonDays = new Map<number, IsoDate>();

/** The day that a clock on a wall in London shows at this instant. */
export function londonDay(at: Date): IsoDate {
  const hour = Math.floor(at.getTime() / HOUR_MS);
  const known = londonDays.get(hour);
  if (known !== undefined) return known;
  const day = LONDON.format(at);
  if (londonDays.size >= HOURS_KEPT) londonDays.clear();
  londonDays.set(hour, day);
  return day;
}

const LONDON_TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Day and time as a clock in London shows them: "8 Oct 2026, 09:00". */
export function londonTime(at: Date): string {
  return LONDON_TIME.format(at);
}

const LONDON_CLOCK = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** What a calendar and a clock in London show, for those who put it into words. */
export function londonClock(at: Date): { day: IsoDate; hour: number; minute: number } {
  const [hour = 0, minute = 0] = LONDON_CLOCK.format(at).split(':').map(Number);
  return { day: londonDay(at), hour, minute };
}

/** The machine's clock, for what must grow whatever day the product believes it is: ids. */
export function unixMilliseconds(): number {
  return Date.now();
}

/** Where every "now" comes from, so that a test or a demo decides what day it is. */
export abstract class Clock {
  abstract now(): Date;

  /** Today in Europe/London. */
  today(): IsoDate {
    return londonDay(this.now());
  }
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

/** Runs from a chosen instant and can be moved: for the sandbox and for tests, never beside a live key. */
export class SandboxClock extends Clock {
  private startedAtMs = Date.now();

  constructor(private startsAt: Date) {
    super();
  }

  /** It showed this when the process began, so that processes begun together agree, however long each took to start. */
  static sinceProcessBegan(startsAt: Date): SandboxClock {
    const clock = new SandboxClock(startsAt);
    clock.startedAtMs = performance.timeOrigin;
    return clock;
  }

  now(): Date {
    return new Date(this.startsAt.getTime() + (Date.now() - this.startedAtMs));
  }

  moveTo(instant: Date): void {
    this.startsAt = instant;
    this.startedAtMs = Date.now();
  }
}
