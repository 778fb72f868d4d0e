import type { IsoDate } from '../platform/clock.js';
import { type Account, accountCode, CHART } from './accounts.js';

/** SHA-256, given by whoever calls, so that these rules run on a server and in a browser alike. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** A transfer as it is stored: both sides in one row, so that an unbalanced entry cannot be written. */
export interface Transfer {
  readonly id: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  /** Above zero. */
  readonly amountMinor: bigint;
  readonly effectiveOn: IsoDate;
  readonly claimId: string | null;
  readonly reversesId: string | null;
}

/** What an event's body says of its transfers. A type, because interfaces do not fit canonical JSON. */
export type TransfersDigest = {
  readonly count: number;
  readonly totalMinor: bigint;
  /** Lower-case hex of SHA-256 over the leaves in the order of the transfers' ids. */
  readonly sha256: string;
};

export const CURRENCY = 'GBP';

const UUID_BYTES = 16;
/** Where a transfer's leaf has what. */
export const LEAF_AT = { id: 0, debit: 16, credit: 32, amountMinor: 48, effectiveOn: 56, claimId: 60, reversesId: 76 };
export const LEAF_BYTES = 5 * UUID_BYTES + 8 + 4;
/** The value of each hexadecimal digit, by its character code. */
const DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

const DAY_MS = 86_400_000;
const DAY_ZERO_MS = Date.UTC(2000, 0, 1); // PostgreSQL counts days from here

/**
 * The bytes whose SHA-256 is a transfer's `leaf`, exactly as the generated column of `ledger.transfer` has them: id,
 * debit and credit account, amount (8 bytes), days since 2000-01-01 (4 bytes), claim and reversed transfer (zeros for
 * none). Numbers are big-endian.
 *
 * @param bytes filled and given back, for whoever makes so many that each new array counts
 */
export function transferLeafInput(transfer: Transfer, bytes = new Uint8Array(LEAF_BYTES)): Uint8Array {
  const numbers = new DataView(bytes.buffer, bytes.byteOffset);
  putUuid(bytes, LEAF_AT.id, transfer.id);
  putUuid(bytes, LEAF_AT.debit, transfer.debitAccountId);
  putUuid(bytes, LEAF_AT.credit, transfer.creditAccountId);
  numbers.setBigInt64(LEAF_AT.amountMinor, transfer.amountMinor);
  numbers.setInt32(LEAF_AT.effectiveOn, (Date.parse(transfer.effectiveOn) - DAY_ZERO_MS) / DAY_MS);
  putUuid(bytes, LEAF_AT.claimId, transfer.claimId);
  putUuid(bytes, LEAF_AT.reversesId, transfer.reversesId);
  return bytes;
}

/** Binds transfers to the event that moves them. The order given does not matter. */
export function transfersDigest(transfers: readonly Transfer[], sha256: Sha256): TransfersDigest {
  const inOrder = [...transfers].sort((a, b) => (a.id < b.id ? -1 : 1));
  const leaves = new Uint8Array(32 * inOrder.length);
  let totalMinor = 0n;
  for (const [index, transfer] of inOrder.entries()) {
    leaves.set(sha256(transferLeafInput(transfer)), 32 * index);
    totalMinor += transfer.amountMinor;
  }
  return { count: inOrder.length, totalMinor, sha256: hex(sha256(leaves)) };
}

/**
 * An account's id follows from what it is, so a transfer's leaf binds not only two numbers but whose accounts they are
 * and of what kind. A UUID version 8 (RFC 9562 section 5.8): the first 128 bits of SHA-256 over commissioner, provider,
 * contract (zeros for none), currency and kind, with version and variant set. `ledger.account_id` computes the same.
 */
export function accountId(commissionerId: string, account: Account, sha256: Sha256): string {
  const name = new TextEncoder().encode(CURRENCY + account.kind);
  const bytes = new Uint8Array(3 * UUID_BYTES + name.length);
  putUuid(bytes, 0, commissionerId);
  putUuid(bytes, 16, account.providerId);
  putUuid(bytes, 32, account.contractId);
  bytes.set(name, 48);
  const digits = hex(sha256(bytes).subarray(0, UUID_BYTES));
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}

/** Moves back, in full, what a transfer moved. */
export function reversalOf(transfer: Transfer, id: string, effectiveOn: IsoDate): Transfer {
  return {
    id,
    debitAccountId: transfer.creditAccountId,
    creditAccountId: transfer.debitAccountId,
    amountMinor: transfer.amountMinor,
    effectiveOn,
    claimId: transfer.claimId,
    reversesId: transfer.id,
  };
}

/** What is wrong with a line of a posting, for the programmer who made it. */
export function whyNotTransfer(line: { debit: Account; credit: Account; amountMinor: bigint }): string | undefined {
  const { debit, credit, amountMinor } = line;
  if (amountMinor < 0n) return `an amount is never negative: ${amountMinor}; swap the sides`;
  if (accountCode(debit) === accountCode(credit)) return 'both sides are one account';
  if (CHART[debit.kind].book !== CHART[credit.kind].book) return 'the two books never meet';
  const concerned = new Set([debit.providerId, credit.providerId].filter((id) => id !== null));
  return concerned.size > 1 ? 'it concerns two providers' : undefined;
}

function putUuid(bytes: Uint8Array, offset: number, uuid: string | null): void {
  if (uuid === null) {
    for (let at = offset; at < offset + UUID_BYTES; at++) bytes[at] = 0;
    return;
  }
  putHex(bytes, offset, uuid, 0, 4);
  putHex(bytes, offset + 4, uuid, 9, 2);
  putHex(bytes, offset + 6, uuid, 14, 2);
  putHex(bytes, offset + 8, uuid, 19, 2);
  putHex(bytes, offset + 10, uuid, 24, 6);
}

/** Read by character codes, in straight runs: a verifier puts millions. */
function putHex(bytes: Uint8Array, offset: number, text: string, from: number, count: number): void {
  for (let index = 0; index < count; index++) {
    const at = from + 2 * index;
    bytes[offset + index] = ((DIGITS[text.charCodeAt(at)] ?? 0) << 4) | (DIGITS[text.charCodeAt(at + 1)] ?? 0);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
