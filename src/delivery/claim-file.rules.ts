import type { HeaderProblem, MatchedHeader, RowProblem } from '../platform/csv-template.rules.js';
import type { ClaimColumn } from './claim-file.columns.js';

export type { HeaderProblem, RowProblem };
export type ClaimFileHeader = MatchedHeader<ClaimColumn>;

export type ClaimOutcome = 'attended' | 'did_not_attend' | 'cancelled_late' | 'cancelled' | 'held';
export type ClaimMode = 'in_person' | 'phone' | 'video' | 'home';

/** What a row is judged against. */
export interface ClaimFileContext {
  /** The day in Europe/London, `YYYY-MM-DD`: nothing later is accepted. */
  readonly today: string;
  /** The first day accepted, `YYYY-MM-DD`; 2015-01-01 when left out. */
  readonly earliest?: string;
  /** Codes of the contract's services. With exactly one, the column may be left out; with none, any code is accepted. */
  readonly serviceCodes: readonly string[];
}

/** A row of a claim file, understood. Times are wall-clock times in Europe/London. */
export interface ParsedClaimRow {
  /** The other system's reference; null in a row for a group session as a whole. */
  readonly referral: string | null;
  readonly session: string | null;
  readonly service: string;
  /** `YYYY-MM-DD`. */
  readonly servedOn: string;
  /** `HH:MM`. */
  readonly startsAt: string | null;
  readonly minutes: number | null;
  /** `held` in a row for a group session as a whole that was not cancelled. */
  readonly outcome: ClaimOutcome;
  readonly noticeMinutes: number | null;
  /** `YYYY-MM-DDTHH:MM`. */
  readonly cancelledAt: string | null;
  readonly booked: number | null;
  readonly mode: ClaimMode | null;
  /** Pence that the provider expects, net of VAT. */
  readonly expectedMinor: bigint | null;
  readonly travel: boolean;
  readonly yourReference: string | null;
  /** Canonical text of the row's meaning, for hashing: the same whatever the order of columns, formats, case or spacing. */
  readonly normalised: string;
}

export type ClaimRowResult = { readonly ok: ParsedClaimRow } | { readonly errors: readonly RowProblem[] };
export type ClaimHeaderResult = { readonly ok: ClaimFileHeader } | { readonly errors: readonly HeaderProblem[] };
