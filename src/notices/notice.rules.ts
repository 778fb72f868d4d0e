import type { Role } from '../platform/actor.js';
import { londonClock, type IsoDate } from '../platform/clock.js';

/** Whoever works on the bank details of a provider is told of each step. */
export type BankDetailsStep = 'proposed' | 'confirmed' | 'cancelled' | 'applied';

/** What a notice says, in ids, codes, amounts and days: no names, no free text, no bank details, no addresses. */
export type NoticeContent =
  | { readonly kind: 'referral_waiting' | 'batch_waiting'; readonly data: { readonly count: number } }
  | {
      readonly kind: 'claim_due';
      readonly data: {
        readonly contractId: string;
        /** The code of the contract. */
        readonly contract: string;
        /** The first day of the month. */
        readonly period: IsoDate;
        /** The day that is near: the claim day, or the last day on which nobody's leave is needed. */
        readonly by: IsoDate;
        readonly lastDay: IsoDate;
        /** Sessions that are recorded and not claimed; 0 where nothing is recorded at all. */
        readonly unclaimed: number;
      };
    }
  | {
      readonly kind: 'query' | 'rejection';
      /** `batch` is its code. */
      readonly data: { readonly batchId: string; readonly batch: string; readonly count: number };
    }
  | {
      readonly kind: 'remittance';
      /** Pence, as text. */
      readonly data: { readonly payoutId: string; readonly reference: string; readonly amountMinor: string };
    }
  | {
      readonly kind: 'bank_details_changed';
      readonly data: {
        readonly step: BankDetailsStep;
        readonly accountId: string;
        /** The code of the organisation that is paid. */
        readonly provider: string;
        /** When a confirmed change takes effect. */
        readonly appliesOn: IsoDate | null;
      };
    }
  | { readonly kind: 'credential_added' | 'credential_removed'; readonly data: { readonly changedAt: string } }
  | { readonly kind: 'invitation'; readonly data: { readonly expiresOn: IsoDate } };

export type NoticeKind = NoticeContent['kind'];

/** The members of an organisation with one of these roles. */
export interface Recipients {
  readonly organisationId: string;
  readonly roles: readonly Role[];
}

export type GivenUpBecause = 'member_disabled' | 'invitation_over' | 'too_old' | 'not_taken';

const DAY_MS = 86_400_000;

/** News that could not be told for so long is none: a worker was away, or no mail server would take it. */
export const FRESH_MS = 7 * DAY_MS;

/** How long the first of some news waits for more of it, so that one mail tells all of a sitting. */
export const COLLECTED_MS = 5 * 60_000;

/** How long a try to send may take before another worker counts it as dead. Beyond every limit of the mail gateway. */
export const LEASE_MS = 5 * 60_000;

/** When the day's post is written: nobody's telephone has to ring at midnight. */
const MORNING_HOUR = 8;

/** Tries with a server that cannot be reached, which rest longer and longer: about two days of them. */
const TRIES_MAX = 200;
/** Tries with a server that says that there is no such mailbox. */
const REFUSALS_MAX = 8;

/** Whether a notice is given up after so many tries. `isRefused`: the server does not know the address. */
export function isLastTry(attempts: number, isRefused: boolean): boolean {
  return attempts >= (isRefused ? REFUSALS_MAX : TRIES_MAX);
}

/** Whether it is day in London, as far as post goes. */
export function isPostTime(now: Date): boolean {
  return londonClock(now).hour >= MORNING_HOUR;
}

/** Eight o'clock in London on the day after. */
export function nextMorning(now: Date): Date {
  const noon = Date.parse(`${londonClock(now).day}T12:00:00Z`) + DAY_MS;
  const inWinter = new Date(noon - (12 - MORNING_HOUR) * 3_600_000);
  return londonClock(inWinter).hour === MORNING_HOUR ? inWinter : new Date(inWinter.getTime() - 3_600_000);
}

/** Of what a member is told once: the kind, what it is about, and the day where it may be told again on another. */
export function dedupeKey(kind: NoticeKind, subject: string, memberId: string, day?: IsoDate): string {
  return [kind, subject, ...(day === undefined ? [] : [day]), memberId].join(':');
}

const REMINDED_DAYS_BEFORE = 5;

/**
 * Which of its two days a month is reminded of today: the claim day, or the last day of the late window, each from five
 * days before until it has passed. Undefined on all other days.
 */
export function reminderDay(
  today: IsoDate,
  { claimBy, lastDay }: { claimBy: IsoDate; lastDay: IsoDate },
): IsoDate | undefined {
  return [claimBy, lastDay].find((day) => today <= day && today >= daysBefore(day, REMINDED_DAYS_BEFORE));
}

function daysBefore(day: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}
