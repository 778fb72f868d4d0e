import type { ErrorKind } from '../platform/errors.js';

interface Refusal {
  readonly kind: ErrorKind;
  /** The column of a claim file that it is about, by its title. */
  readonly column: string;
  readonly title: string;
  readonly fix: string;
}

/** Why a row of delivery is not taken, besides what its cells get wrong one by one. Codes are API and never renamed. */
export const ROW_REFUSALS = {
  unknown_referral: {
    kind: 'rule_broken',
    column: 'referral',
    title: 'There is no referral with this reference.',
    fix: 'Check it, or record the referral first: an unconfirmed one will do.',
  },
  ambiguous_referral: {
    kind: 'rule_broken',
    column: 'referral',
    title: 'Several referrals have this reference but for capitals and small letters.',
    fix: 'Write it exactly as it was recorded.',
  },
  referral_not_accepted: {
    kind: 'rule_broken',
    column: 'referral',
    title: 'The referral has not been accepted.',
    fix: 'Accept it first; a declined one earns nothing.',
  },
  referral_of_other_contract: {
    kind: 'rule_broken',
    column: 'referral',
    title: 'The referral belongs to another contract.',
    fix: 'Claim it under that contract.',
  },
  referral_needed: {
    kind: 'rule_broken',
    column: 'referral',
    title: 'The rate card pays for each person, and nobody is named.',
    fix: 'Give the reference of the referral of each person, one in each row.',
  },
  outside_contract: {
    kind: 'rule_broken',
    column: 'date',
    title: 'The day is outside the dates of the contract.',
    fix: 'Check the date, or use the contract of that time.',
  },
  in_future: {
    kind: 'rule_broken',
    column: 'date',
    title: 'The session has not started yet.',
    fix: 'Record it once it was held, or cancelled.',
  },
  no_rate_card: {
    kind: 'rule_broken',
    column: 'service',
    title: 'No rate card of the contract was in force for this service on this day.',
    fix: 'Check the date and the service, or ask the commissioner to publish a rate card.',
  },
  minutes_needed: {
    kind: 'rule_broken',
    column: 'minutes',
    title: 'The service is paid by the hour, and the length of the session is not given.',
    fix: 'Give the minutes.',
  },
  session_differs: {
    kind: 'conflict',
    column: 'session',
    title: 'The same session is recorded with another length, mode or number of people booked, or with another ending.',
    fix: 'Say the same about a session in each of its rows. Two sessions need two references or start times.',
  },
  attendance_differs: {
    kind: 'conflict',
    column: 'outcome',
    title: 'The same attendance is recorded already, with another outcome, cancellation time or travel.',
    fix: 'Correct this row, or withdraw the claim and ask the commissioner if the record is wrong. Two sessions on one day need start times.',
  },
  claimed_before: {
    kind: 'conflict',
    column: 'referral',
    title: 'This was claimed already, with another amount or reference.',
    fix: 'Remove the row, or withdraw the earlier claim first. Two sessions on one day need start times.',
  },
  repeated_in_file: {
    kind: 'conflict',
    column: 'row',
    title: 'An earlier row of this file says the same.',
    fix: 'Remove this row; if there were two sessions, give their start times.',
  },
} as const satisfies Record<string, Refusal>;

export type RowRefusalCode = keyof typeof ROW_REFUSALS;
