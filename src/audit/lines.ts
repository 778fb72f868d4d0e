import { isUuid } from '../platform/ids.js';
import type { BundleAccount } from './segment.js';

/** A transfer as a bundle spells it; `eventIndex` is the leaf of the event that binds it. */
export interface BundleTransfer {
  readonly eventIndex: number;
  readonly id: string;
  readonly debit: string;
  readonly credit: string;
  /** Whole pence above zero, as digits: at most fifteen, so that a double holds it exactly. */
  readonly amountMinor: string;
  readonly effectiveOn: string;
  readonly claimId: string | null;
  readonly reversesId: string | null;
}

/** The end of one pass of the sealer. */
export interface SealedSize {
  readonly size: number;
  /** Base64 of the Merkle tree hash. */
  readonly root: string;
  readonly sealedAt: string;
  /** The signed note; most passes have one, and all that somebody was given. */
  readonly note: string | null;
}

/** Canonical JSON (RFC 8785): names in order, nothing between them; what there is none of is left out. */
export function transferLine(transfer: BundleTransfer): string {
  const { amountMinor, claimId, credit, debit, effectiveOn, eventIndex, id, reversesId } = transfer;
  return (
    `{"amountMinor":"${amountMinor}",${claimId === null ? '' : `"claimId":"${claimId}",`}"credit":"${credit}",` +
    `"debit":"${debit}","effectiveOn":"${effectiveOn}","eventIndex":${eventIndex},"id":"${id}"` +
    `${reversesId === null ? '' : `,"reversesId":"${reversesId}"`}}\n`
  );
}

/** How many bytes so many lines have together, which an archive says before them. */
export function transferLinesLength(lines: {
  readonly count: number;
  readonly amountDigits: number;
  readonly indexDigits: number;
  readonly claims: number;
  readonly reversals: number;
}): number {
  const { count, amountDigits, indexDigits, claims, reversals } = lines;
  return count * BARE_LINE + amountDigits + indexDigits + claims * CLAIM_PART + reversals * REVERSAL_PART;
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
const bare: BundleTransfer = {
  eventIndex: 0,
  id: NO_ID,
  debit: NO_ID,
  credit: NO_ID,
  amountMinor: '0',
  effectiveOn: '2000-01-01',
  claimId: null,
  reversesId: null,
};
const BARE_LINE = transferLine(bare).length - 2;
const CLAIM_PART = transferLine({ ...bare, claimId: NO_ID }).length - 2 - BARE_LINE;
const REVERSAL_PART = transferLine({ ...bare, reversesId: NO_ID }).length - 2 - BARE_LINE;

export function accountLine({ id, kind, providerId, contractId, currency }: BundleAccount): string {
  return `${JSON.stringify({ contractId, currency, id, kind, providerId })}\n`;
}

export function parseAccountLine(line: string): BundleAccount | undefined {
  const { contractId = null, currency, id, kind, providerId = null } = objectOf(line);
  const isAccount =
    typeof id === 'string' &&
    typeof kind === 'string' &&
    typeof currency === 'string' &&
    isId(contractId) &&
    isId(providerId);
  if (!isAccount) return undefined;
  const account = { id, kind, providerId, contractId, currency };
  return accountLine(account) === `${line}\n` ? account : undefined;
}

export function sealedSizeLine({ size, root, sealedAt, note }: SealedSize): string {
  return `${JSON.stringify({ ...(note !== null && { note }), root, sealedAt, size })}\n`;
}

export function parseSealedSizeLine(line: string): SealedSize | undefined {
  const { note = null, root, sealedAt, size } = objectOf(line);
  const isSealedSize =
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    typeof root === 'string' &&
    typeof sealedAt === 'string' &&
    isInstant(sealedAt) &&
    (note === null || typeof note === 'string');
  if (!isSealedSize) return undefined;
  const sealed = { size, root, sealedAt, note };
  return sealedSizeLine(sealed) === `${line}\n` ? sealed : undefined;
}

function isId(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && isUuid(value));
}

/** An instant as `Date.toISOString` spells it, but for the length of months. */
export const INSTANT =
  '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{3}Z';
const WHOLE_INSTANT = new RegExp(`^${INSTANT}$`);
const DAY_AT = 8;

/** As `Date.toISOString` spells it: in UTC, to the millisecond. */
export function isInstant(text: string): boolean {
  return WHOLE_INSTANT.test(text) && isDayOfMonth(text);
}

/** Whether an instant that has the form is of a day that there is. Every month has a twenty-eighth. */
export function isDayOfMonth(instant: string): boolean {
  return instant.slice(DAY_AT, DAY_AT + 2) < '29' || new Date(instant).toISOString() === instant;
}

function objectOf(line: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
