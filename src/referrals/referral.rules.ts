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
