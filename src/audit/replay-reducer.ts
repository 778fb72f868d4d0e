import type { IdHash } from './id-hash.js';
import { londonDay } from '../platform/clock.js';
import { EVENT_TYPES, type EventType, TYPE_CODES } from './event-types.rules.js';
import type { Finding } from './finding.js';
import { WRITER_OF } from './journey-writers.js';
import { type KnownAccount, knownAccounts } from './replay-accounts.js';
import { putText, writeHead } from './replay-head.js';
import { takeMirror } from './replay-keys.js';
import { type Moved, type Share, sortTransfers, tellDays, tellSides, tellSums } from './replay-postings.rules.js';
import { dayNumber, type Said } from './replay-said.rules.js';
import type { BundleAccount, ReadBody, ReduceEvent, SegmentEvent, SegmentTransfer, TapeWriter } from './segment.js';
import { Uuid } from './uuid.rules.js';

const NOTHING_MOVED: Moved = { sums: [], shares: [] };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The replay's part in a worker: what an event says, what it moved, and whether the one follows from the other. The rest is
 * written on the tape, first the head, then the money, then what the journey needs of `data`.
 *
 * @param accounts in the bundle's order; those that `whyNotAccounts` complained of move nothing
 */
export function eventReducer(commissionerId: string, accounts: readonly BundleAccount[], ids: IdHash): ReduceEvent {
  const known = knownAccounts(accounts, ids);
  const commissioner = Uuid.of(commissionerId);
  return (event, tape, report) => {
    const { body, transfers } = event;
    const tell = (code: string, what: string) => report(findingOf(event, code, what));
    const code = TYPE_CODES.get(body.type) ?? 0;
    const type = EVENT_TYPES[code - 1];
    writeHead(tape, event, code);
    for (const transfer of transfers) tellSides(transfer, body, known, tell);
    if (!type) {
      writeMoney(tape, transfers, known, true, NOTHING_MOVED);
      putText(tape, body.type);
      return;
    }
    if (!isDoneBy(type, body, commissioner)) {
      tell('other_side', `It is not for the organisation ${body.orgId.toString()} to do.`);
    }
    const { said } = body;
    const moved = transfers.length === 0 ? NOTHING_MOVED : sortTransfers(type, body, transfers, known, tell);
    writeMoney(tape, transfers, known, type.isReversible, moved);
    WRITER_OF[code - 1]?.(said, event, tape, tell);
    tellSums(type, moved, ({ amount }) => amount?.of(said), tell);
    if (transfers.length > 0) tellDays(transfers, daysOf(type, said, body), tell);
    if (said.missing.length > 0) {
      tell('body_incomplete', `It does not say, or not as it must: ${[...new Set(said.missing)].join(', ')}.`);
    }
  };
}

function findingOf({ index, body }: SegmentEvent, code: string, what: string): Finding {
  return { code, at: { index, eventId: body.id.toString() }, what: `${body.type}: ${what}` };
}

function isDoneBy({ by }: EventType, { orgId, providerId, referrerId }: ReadBody, commissioner: Uuid): boolean {
  if (by === 'commissioner') return orgId.is(commissioner);
  if (by === 'provider') return orgId.is(providerId);
  return orgId.is(commissioner) || orgId.is(providerId) || orgId.is(referrerId);
}

/** The days on which what is moved may count. Around midnight the day may be told a moment before the time, or after it. */
function daysOf(type: EventType, said: Said, { recordedAt: ms }: ReadBody): number[] {
  const day = type.dayOf?.(said);
  if (day !== undefined) return [day];
  return [ms, ms - MINUTE_MS, ms + MINUTE_MS].map((at) => dayNumber(dayInLondon(at)) ?? 0);
}

let lastHour = Number.NaN;
let lastDay = '';

/** In London a day begins on a full hour, so that the events of an hour are looked up once. */
function dayInLondon(ms: number): string {
  const hour = Math.floor(ms / HOUR_MS);
  if (hour !== lastHour) {
    lastHour = hour;
    lastDay = londonDay(new Date(ms));
  }
  return lastDay;
}

/** Changes by account and day, debits less credits; keys of what can be reversed, and of what is; sums; shares. */
function writeMoney(
  tape: TapeWriter,
  transfers: readonly SegmentTransfer[],
  accounts: readonly (KnownAccount | undefined)[],
  isReversible: boolean,
  { sums, shares }: Moved,
): void {
  if (transfers.length === 0) {
    for (let list = 0; list < 5; list++) tape.put(0);
    return;
  }
  writeLegs(tape, transfers, accounts);
  const standing = isReversible ? transfers.filter(({ reversesId }) => reversesId === null) : [];
  writeMirrors(tape, standing);
  writeMirrors(
    tape,
    transfers.filter(({ reversesId }) => reversesId !== null),
  );
  tape.put(sums.length);
  for (const sum of sums) tape.put(sum);
  tape.put(shares.length);
  for (const share of shares) {
    tape.put(share.contractHigh);
    tape.put(share.contractLow);
    tape.put(amountOf(share));
  }
}

function writeLegs(
  tape: TapeWriter,
  transfers: readonly SegmentTransfer[],
  accounts: readonly (KnownAccount | undefined)[],
): void {
  const changes = new Map<number, { account: number; day: number; minor: number }>();
  for (const { debit, credit, amountMinor, effectiveOn } of transfers) {
    if (!accounts[debit] || !accounts[credit]) continue;
    add(changes, debit, effectiveOn, amountMinor);
    add(changes, credit, effectiveOn, -amountMinor);
  }
  tape.put(changes.size);
  for (const { account, day, minor } of changes.values()) {
    tape.put(account);
    tape.put(day);
    tape.put(minor);
  }
}

const DAYS = 2 ** 23; // more than there are between the years 0 and 9999

function add(
  changes: Map<number, { account: number; day: number; minor: number }>,
  account: number,
  day: number,
  minor: number,
): void {
  const key = account * DAYS + day + DAYS / 2;
  const change = changes.get(key);
  if (change) change.minor += minor;
  else changes.set(key, { account, day, minor });
}

function writeMirrors(tape: TapeWriter, transfers: readonly SegmentTransfer[]): void {
  tape.put(transfers.length);
  for (const transfer of transfers) {
    takeMirror(tape.ids, transfer);
    tape.putKey();
  }
}

function amountOf({ minors }: Share): number {
  return minors.reduce((most, minor) => Math.max(most, minor ?? 0), 0);
}
