import type { IdHash } from './id-hash.js';
import type { SegmentTransfer } from './segment.js';
import { NO_ID, type Uuid } from './uuid.rules.js';

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

function addUuid(ids: IdHash, { first, second, third, fourth }: Uuid): void {
  ids.add(first);
  ids.add(second);
  ids.add(third);
  ids.add(fourth);
}

/*
 * Each of these leaves a key in `ids`: what is the same has the same key, in every thread of one run.
 */

/** What is charged: a fact is charged once for each contract and kind. */
export function takeCharge(ids: IdHash, factId: Uuid, contractId: Uuid, chargeKind: string): void {
  ids.begin(KIND.charge);
  addUuid(ids, factId);
  addUuid(ids, contractId);
  ids.addText(chargeKind);
  ids.end();
}

/** Something that can be charged: a session, an attendance or a milestone of a contract. */
export function takeFact(ids: IdHash, kind: string, id: Uuid, contractId: Uuid): void {
  ids.begin(KIND.fact);
  ids.addText(kind);
  addUuid(ids, id);
  addUuid(ids, contractId);
  ids.end();
}

/** A published rate card, for the one rate that it is of. */
export function takeCard(ids: IdHash, cardId: Uuid, contractId: Uuid, serviceId: Uuid, chargeKind: string): void {
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
  addUuid(ids, claimId ?? NO_ID);
  ids.end();
}

/** The number of a document: a supplier's numbers are unique. */
export function takeNumber(ids: IdHash, providerId: Uuid, number: string): void {
  takeNamed(ids, KIND.number, providerId, number);
}

export function takeSeries(ids: IdHash, providerId: Uuid, prefix: string, year: number): void {
  takeNamed(ids, KIND.series, providerId, `${prefix} ${year}`);
}

/** A part of a batch, which has one document. */
export function takeSplit(ids: IdHash, batchId: Uuid, split: string): void {
  takeNamed(ids, KIND.split, batchId, split);
}

/** A purchase order of a contract. */
export function takeOrder(ids: IdHash, contractId: Uuid, number: string): void {
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

function takeNamed(ids: IdHash, kind: number, id: Uuid, text: string): void {
  ids.begin(kind);
  addUuid(ids, id);
  ids.addText(text);
  ids.end();
}
