import type { IdHash } from './id-hash.js';
import type { SegmentTransfer } from './segment.js';

/** What a key is of, where it is of more than one id. */
const KIND = {
  charge: 1,
  fact: 2,
  card: 3,
  mirror: 4,
  number: 5,
  series: 6,
  split: 7,
  order: 8,
  month: 9,
  text: 10,
} as const;

const WORD = 2 ** 32;
const NONE = '00000000-0000-0000-0000-000000000000';

/** A quarter of a UUID, as a number of 32 bits. */
export function uuidWord(id: string, quarter: number): number {
  if (quarter === 0) return ((digits(id, 0) << 16) | digits(id, 4)) >>> 0;
  if (quarter === 1) return ((digits(id, 9) << 16) | digits(id, 14)) >>> 0;
  if (quarter === 2) return ((digits(id, 19) << 16) | digits(id, 24)) >>> 0;
  return ((digits(id, 28) << 16) | digits(id, 32)) >>> 0;
}

/** The value of four hexadecimal digits, of which each other character is none. */
function digits(text: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 4; at++) value = (value << 4) | (DIGITS[text.charCodeAt(at)] ?? 0);
  return value;
}

const DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

function addUuid(ids: IdHash, id: string): void {
  for (let quarter = 0; quarter < 4; quarter++) ids.add(uuidWord(id, quarter));
}

/*
 * Each of these leaves a key in `ids`: what is the same has the same key, in every thread of one run.
 */

/** What is charged: a fact is charged once for each contract and kind. */
export function takeCharge(ids: IdHash, factId: string, contractId: string, chargeKind: string): void {
  ids.begin(KIND.charge);
  addUuid(ids, factId);
  addUuid(ids, contractId);
  ids.addText(chargeKind);
  ids.end();
}

/** Something that can be charged: a session, an attendance or a milestone of a contract. */
export function takeFact(ids: IdHash, kind: string, id: string, contractId: string): void {
  ids.begin(KIND.fact);
  ids.addText(kind);
  addUuid(ids, id);
  addUuid(ids, contractId);
  ids.end();
}

/** A published rate card, for the one rate that it is of. */
export function takeCard(ids: IdHash, cardId: string, contractId: string, serviceId: string, chargeKind: string): void {
  ids.begin(KIND.card);
  addUuid(ids, cardId);
  addUuid(ids, contractId);
  addUuid(ids, serviceId);
  ids.addText(chargeKind);
  ids.end();
}

/** A transfer as it moved; of one that reverses, the transfer that it must be the mirror of. */
export function takeMirror(ids: IdHash, transfer: SegmentTransfer): void {
  const { id, debit, credit, amountMinor, claimId, reversesId } = transfer;
  ids.begin(KIND.mirror);
  addUuid(ids, reversesId ?? id);
  ids.add(reversesId === null ? debit : credit);
  ids.add(reversesId === null ? credit : debit);
  ids.add(Math.floor(amountMinor / WORD));
  ids.add((amountMinor % WORD) | 0);
  addUuid(ids, claimId ?? NONE);
  ids.end();
}

/** The number of a document: a supplier's numbers are unique. */
export function takeNumber(ids: IdHash, providerId: string, number: string): void {
  takeNamed(ids, KIND.number, providerId, number);
}

export function takeSeries(ids: IdHash, providerId: string, prefix: string, year: number): void {
  takeNamed(ids, KIND.series, providerId, `${prefix} ${year}`);
}

/** A part of a batch, which has one document. */
export function takeSplit(ids: IdHash, batchId: string, split: string): void {
  takeNamed(ids, KIND.split, batchId, split);
}

/** A purchase order of a contract. */
export function takeOrder(ids: IdHash, contractId: string, number: string): void {
  takeNamed(ids, KIND.order, contractId, number);
}

/** A month of a contract, which is known by its row. */
export function takeMonth(ids: IdHash, contract: number, month: number): void {
  ids.begin(KIND.month);
  ids.add(contract);
  ids.add(month);
  ids.end();
}

/** A text, such as a digest or an id of the rail. */
export function takeText(ids: IdHash, text: string): void {
  ids.begin(KIND.text);
  ids.addText(text);
  ids.end();
}

function takeNamed(ids: IdHash, kind: number, id: string, text: string): void {
  ids.begin(kind);
  addUuid(ids, id);
  ids.addText(text);
  ids.end();
}
