import { allocateEqually, type Minor } from '../money/index.js';
import { endingOf } from './price-ending.rules.js';
import type { AttendanceLine } from './price-line.rules.js';
import type { GroupSplitTerms } from './rate-card-terms.rules.js';

/** A line's place among those who share its session; `index` is -1 for a person who does not share. */
export interface Sharing {
  readonly people: number;
  readonly index: number;
  readonly isOnRoll: boolean;
}

/**
 * Who shares, in booking order. By people present: those who attended. By people booked: everyone but those who cancelled
 * in time.
 */
export function sharingOf({ session, attendanceId }: AttendanceLine, terms: GroupSplitTerms): Sharing {
  const roll = session.roll ?? [];
  const sharers = roll.filter((entry) => {
    const { kind } = endingOf(entry, session.startsAt, terms);
    return terms.splitBy === 'present' ? kind === 'delivered' : kind !== 'nil';
  });
  return {
    people: sharers.length,
    index: sharers.findIndex((entry) => entry.attendanceId === attendanceId),
    isOnRoll: roll.some((entry) => entry.attendanceId === attendanceId),
  };
}

/** One person's share of an amount that is already in whole pence. Nothing for a person who does not share. */
export function shareOf(amount: Minor, { people, index }: Sharing): Minor {
  return people === 0 ? 0n : (allocateEqually(amount, people)[index] ?? 0n);
}
