import { type IsoDate } from '../platform/clock.js';
import type { ReferralState } from './referral.entity.js';

export const DECLINE_REASONS = [
  'no_capacity',
  'not_suitable',
  'could_not_contact',
  'person_declined',
  'other',
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export const CLOSE_REASONS = ['completed', 'person_stopped', 'moved_on', 'could_not_contact', 'other'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export type ReferralStep = 'accept' | 'decline' | 'close' | 'confirm';

/** How long a provider has to answer when the referrer names no day. */
const RESPOND_DAYS = 14;
const DAY_MS = 86_400_000;

/** The day by which the provider answers: two weeks after the referral, unless the referrer named one. */
export function respondBy(madeOn: IsoDate, named: IsoDate | undefined): IsoDate {
  return named ?? new Date(Date.parse(madeOn) + RESPOND_DAYS * DAY_MS).toISOString().slice(0, 10);
}

/** Whether an answer is overdue: waiting, and past its day. */
export function isOverdue(referral: { state: ReferralState; respondBy: IsoDate }, today: IsoDate): boolean {
  return referral.state === 'made' && referral.respondBy < today;
}

/** Whole days from the day it was made to today. */
export function daysWaited(madeOn: IsoDate, today: IsoDate): number {
  return Math.max(0, Math.round((Date.parse(today) - Date.parse(madeOn)) / DAY_MS));
}

/** The days on which a referral can be accepted, from the day it was made to today; undefined when `day` is one. */
export function whyNotAcceptedOn(
  { madeOn }: { madeOn: IsoDate },
  day: IsoDate,
  today: IsoDate,
): { from: IsoDate; to: IsoDate } | undefined {
  return day < madeOn || day > today ? { from: madeOn, to: today } : undefined;
}

/**
 * Which of the days of a new referral cannot be: no referral is made in the future, none is answered before it was made,
 * and none is waited for longer than a year.
 */
export function whyNotDays(
  days: { madeOn: IsoDate; respondBy?: IsoDate | undefined },
  today: IsoDate,
): 'madeOn' | 'respondBy' | undefined {
  if (days.madeOn > today) return 'madeOn';
  if (days.respondBy === undefined) return undefined;
  const aYearOn = `${Number(today.slice(0, 4)) + 1}${today.slice(4)}`;
  return days.respondBy < days.madeOn || days.respondBy > aYearOn ? 'respondBy' : undefined;
}

/** The same of closing: from the day it was accepted. */
export function whyNotClosedOn(
  { acceptedOn, madeOn }: { acceptedOn: IsoDate | null; madeOn: IsoDate },
  day: IsoDate,
  today: IsoDate,
): { from: IsoDate; to: IsoDate } | undefined {
  const from = acceptedOn ?? madeOn;
  return day < from || day > today ? { from, to: today } : undefined;
}

const STEPS: readonly ReferralStep[] = ['accept', 'decline', 'close', 'confirm'];

/** The steps that a referral can take now, whoever takes them. */
export function possibleSteps(referral: { state: ReferralState; confirmedAt: Date | null }): ReferralStep[] {
  return STEPS.filter((step) => whyNotStep(referral, step) === undefined);
}

const FROM: Record<Exclude<ReferralStep, 'confirm'>, readonly ReferralState[]> = {
  accept: ['made'],
  decline: ['made'],
  close: ['accepted'],
};

/** The states in which a referral can take this step; undefined when it can take it now. */
export function whyNotStep(
  referral: { state: ReferralState; confirmedAt: Date | null },
  step: ReferralStep,
): { state: ReferralState | 'confirmed'; possibleIn: readonly string[] } | undefined {
  if (step === 'confirm') {
    return referral.confirmedAt === null ? undefined : { state: 'confirmed', possibleIn: ['unconfirmed'] };
  }
  return FROM[step].includes(referral.state) ? undefined : { state: referral.state, possibleIn: FROM[step] };
}
