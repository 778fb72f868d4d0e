import type { ContractService, Roll } from '../../delivery/index.js';
import { londonClock } from '../../platform/clock.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';

export const OUTCOME_CHOICES = ['attended', 'did_not_attend', 'cancelled_late', 'cancelled'] as const;
const MODE_CHOICES = ['in_person', 'phone', 'video', 'home'] as const;
const KIND_CHOICES = ['group', 'one_to_one'] as const;
type OutcomeChoice = (typeof OUTCOME_CHOICES)[number];

const HOURS_MAX = 366 * 24;
const MINUTES_OF_DAY = 24 * 60;

/** A person of the form: those of the roll by referral, others by a reference that was typed. */
interface TypedAttendance {
  readonly referral?: string;
  readonly referralId?: string;
  readonly outcome: OutcomeChoice;
  readonly noticeMinutes?: number;
  readonly travel: boolean;
}

export interface TypedSession {
  /** The session as the API takes it; undefined while there is something to mend. */
  readonly request: Record<string, unknown> | undefined;
  /** The field of each attendance, in the order of the request. */
  readonly places: readonly string[];
}

/** Numbers of the rows for people who are not on the roll: one at least. */
export function moreRows(fields: Fields): number[] {
  const sent = fields.names().flatMap((name) => {
    const [, index] = /^more-(\d{1,3})-reference$/.exec(name) ?? [];
    return index === undefined ? [] : Number(index);
  });
  const rows = [...new Set(sent)].toSorted((a, b) => a - b);
  if (fields.has('_add')) return [...rows, (rows.at(-1) ?? -1) + 1];
  const kept = rows.filter((row) => String(row) !== fields.text('_remove'));
  return kept.length === 0 ? [0] : kept;
}

/** Reads a session with its people from the form, and says what is to be mended. */
export function readSession(form: Form, fields: Fields, roll: Roll): TypedSession {
  const heldOn = form.day('heldOn', { missing: 'sessions.new.dayMissing' });
  const start = form.hour('start', { missing: 'sessions.new.startMissing' });
  const end = form.hour('end', roll.isHourly ? { missing: 'sessions.new.endMissing' } : {});
  const mode = form.choice('mode', MODE_CHOICES, 'sessions.new.modeMissing');
  const kind = form.choice('kind', KIND_CHOICES, 'sessions.new.kindMissing');
  const durationMinutes = minutesBetween(form, start, end);
  const reference = form.text('reference', { max: 64 });
  const booked = form.whole('booked', { min: 0, max: 500 });
  const people = [...onRoll(form, fields, roll), ...others(form, fields)];
  checkPeople(form, kind, people.length, roll);
  if (!form.ok) return { request: undefined, places: [] };
  const request = {
    contract: roll.service.contractId,
    service: roll.service.serviceCode,
    kind,
    date: heldOn,
    start,
    mode,
    attendances: people.map(({ attendance }) => attendance),
    ...(durationMinutes !== undefined && { durationMinutes }),
    ...(reference !== undefined && { reference }),
    ...(booked !== undefined && { booked }),
  };
  return { request, places: people.map(({ place }) => place) };
}

function checkPeople(form: Form, kind: string | undefined, count: number, roll: Roll): void {
  const first = roll.people[0];
  const place = first ? `outcome-${first.referralId}` : 'more-0-reference';
  if (count === 0 && form.ok) form.refuse(place, 'sessions.new.nobody');
  if (count > 1 && kind === 'one_to_one') form.refuse('kind', 'sessions.new.severalPeople', { count });
}

function minutesBetween(form: Form, start: string | undefined, end: string | undefined): number | undefined {
  if (start === undefined || end === undefined) return undefined;
  const minutes = minuteOf(end) - minuteOf(start);
  if (minutes <= 0 || minutes > MINUTES_OF_DAY) {
    form.refuse('end', 'sessions.new.endBeforeStart');
    return undefined;
  }
  return minutes;
}

function minuteOf(hour: string): number {
  return Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3, 5));
}

interface Person {
  readonly place: string;
  readonly attendance: TypedAttendance;
}

function onRoll(form: Form, fields: Fields, roll: Roll): Person[] {
  return roll.people.flatMap(({ referralId }): Person[] => {
    const place = `outcome-${referralId}`;
    const outcome = OUTCOME_CHOICES.find((choice) => choice === fields.text(place));
    if (outcome === undefined) return [];
    return [{ place, attendance: { referralId, outcome, ...moreOf(form, fields, referralId, outcome) } }];
  });
}

function others(form: Form, fields: Fields): Person[] {
  return moreRows(fields).flatMap((row): Person[] => {
    const place = `more-${row}-reference`;
    const chosen = OUTCOME_CHOICES.find((choice) => choice === fields.text(`more-${row}-outcome`));
    if (!fields.has(place) && chosen === undefined) return [];
    const referral = form.text(place, { missing: 'sessions.new.referenceMissing', max: 64 });
    const outcome = form.choice(`more-${row}-outcome`, OUTCOME_CHOICES, 'sessions.new.outcomeMissing');
    if (referral === undefined || outcome === undefined) return [];
    return [{ place, attendance: { referral, outcome, travel: false } }];
  });
}

/** Notice counts for those who cancelled; what was typed for others is left alone. */
function moreOf(form: Form, fields: Fields, of: string, outcome: OutcomeChoice) {
  const cancelled = outcome === 'cancelled' || outcome === 'cancelled_late';
  const hours = cancelled ? form.whole(`notice-${of}`, { min: 0, max: HOURS_MAX }) : undefined;
  return { travel: fields.has(`travel-${of}`), ...(hours !== undefined && { noticeMinutes: hours * 60 }) };
}

/** Where the form shows what the service refused of the session as a whole, by the code of the refusal. */
const PLACES: Readonly<Record<string, string>> = {
  outside_contract: 'heldOn',
  in_future: 'heldOn',
  no_rate_card: 'heldOn',
  minutes_needed: 'end',
  session_differs: 'start',
};

export interface PlacedRefusal {
  readonly field: string;
  readonly code: string;
}

/** What the service refused, each beside its field: once for the session, once for each person. */
export function placeRefusals(details: Readonly<Record<string, unknown>>, places: readonly string[]): PlacedRefusal[] {
  const refusals = Array.isArray(details.refusals) ? (details.refusals as { attendance: number; code: string }[]) : [];
  const placed = refusals.map(({ attendance, code }) => ({ field: PLACES[code] ?? places[attendance] ?? '', code }));
  return placed.filter(({ field, code }, index) => {
    return placed.findIndex((one) => one.field === field && one.code === code) === index;
  });
}

/** Whether something was typed, or is to be mended, in the part of the form that is folded away. */
export function saysMore(form: Pick<Form, 'values' | 'errors'> | undefined): boolean {
  if (form === undefined) return false;
  const isTyped = Object.entries(form.values).some(([name, value]) => /^(?:notice|travel)-/.test(name) && value !== '');
  return isTyped || form.errors.some(({ field }) => field.startsWith('notice-'));
}

/** When the last session of the service began and ended, as the form takes it; undefined where there was none. */
export function lastTimes({ last }: Pick<Roll, 'last'>) {
  if (!last) return undefined;
  const { startsAt, durationMinutes, startRecorded } = last;
  const endsAt = new Date(startsAt.getTime() + (durationMinutes ?? 0) * MINUTE_MS);
  return {
    ...last,
    start: startRecorded ? hourIn(startsAt) : undefined,
    end: startRecorded && durationMinutes !== null ? hourIn(endsAt) : undefined,
  };
}

const MINUTE_MS = 60_000;

function hourIn(at: Date): string {
  const { hour, minute } = londonClock(at);
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Each contract once, for a choice between them. */
export function contractsOf(services: readonly ContractService[]): ContractService[] {
  return [...new Map(services.map((service) => [service.contractId, service])).values()];
}

/** The service that was delivered last: the likeliest to be meant. */
export function latestOf(services: readonly ContractService[]): ContractService | undefined {
  return services.toSorted((a, b) => ((a.lastHeldOn ?? '') < (b.lastHeldOn ?? '') ? 1 : -1))[0];
}
