import { dateArray, hexArray, textArray, uuidArray } from '../platform/binary-arrays.js';
import { column, sendRows, type BulkColumn } from '../platform/bulk-insert.js';
import type { Reader, Tx } from '../platform/database.js';
import type { RecordedReferral } from './claim-line.rules.js';
import type { DeliveryPlan, NewAttendance, NewSession, TakenRow } from './delivery-plan.rules.js';
import type { DayOfPerson, DayOfReference } from './planned-facts.rules.js';
import { takenRows } from './taken-rows.rules.js';
import type { KnownAttendance, KnownClaim, KnownReferral, KnownSession } from './known-delivery.rules.js';

/** Whose delivery it is: every query begins with these, because every index does. */
export interface DeliveryScope {
  readonly commissionerId: string;
  readonly contractId: string;
  readonly providerId: string;
}

/** A referral with all that deciding about a row, and pricing it, ask of it. */
export type FoundReferral = KnownReferral & RecordedReferral & { readonly reference: string };

const REFERRAL = `
select id, reference, contract_id as "contractId", state, accepted_on as "acceptedOn", person_id as "personId",
       service_id as "serviceId", closed_on as "closedOn", confirmed_at is not null as "isConfirmed"
from referral where commissioner_id = $1 and provider_id = $2`;

const REFERRALS_BY_REFERENCE = `${REFERRAL} and reference = any ($3::text[])`;
const REFERRALS_BY_CAPITALS = `${REFERRAL} and upper(reference) = any ($3::text[])`;
const REFERRALS_BY_ID = `${REFERRAL} and id = any ($3::uuid[])`;

const SESSIONS_BY_KEY = `
select encode(s.natural_key, 'hex') as key, s.id, s.event_id as "eventId", s.reference, s.kind, s.held_on as "heldOn",
       s.starts_at as "startsAt", s.start_recorded as "startRecorded", s.duration_minutes as "durationMinutes", s.mode,
       s.booked, s.outcome, s.cancelled_at as "cancelledAt"
from unnest($3::bytea[]) as w(natural_key)
cross join lateral (select * from session where commissioner_id = $1 and natural_key = w.natural_key offset 0) s
where s.contract_id = $2`;

const ATTENDANCES = `
select id, session_id as "sessionId", referral_id as "referralId", outcome, cancelled_at as "cancelledAt", travel
from attendance where commissioner_id = $1 and session_id = any ($2::uuid[])
order by session_id, booking_position`;

const STANDING_CLAIMS = `
select id, fact_id as "factId", charge_kind as "chargeKind", expected_minor as "expectedMinor",
       your_reference as "yourReference"
from claim
where commissioner_id = $1 and contract_id = $2 and fact_id = any ($3::uuid[]) and state not in ('rejected', 'withdrawn')`;

/** Of rows that were taken: those that told of a session first, and others by their hash. $5: ids of sessions. */
const TAKEN_ROWS = `
select encode(row_hash, 'hex') as "rowHash", claim_file_id = $4 as "isOfThisFile"
from claim_file_row
where commissioner_id = $1 and contract_id = $2 and row_hash = any ($3::bytea[])
union all
select encode(substr(s.taken_rows, 36 * n + 5, 32), 'hex'), s.claim_file_id = $4
from unnest($5::uuid[]) as w(id)
cross join lateral (
  select claim_file_id, taken_rows from session
  where commissioner_id = $1 and id = w.id and claim_file_id is not null offset 0) s
cross join lateral generate_series(0, octet_length(s.taken_rows) / 36 - 1) n`;

/** $1 commissioner, $2 referrals and $3 days, in pairs. */
const PLACES_ON_DAYS = `
select w.referral_id as "referralId", a.service_id as "serviceId", w.held_on as "heldOn", count(*)::int as places
from unnest($2::uuid[], $3::date[]) as w(referral_id, held_on)
cross join lateral (
  select service_id from attendance
  where commissioner_id = $1 and referral_id = w.referral_id and held_on = w.held_on and outcome = 'attended' offset 0) a
group by 1, 2, 3`;

/** $1 commissioner, $2 contract, $3 days and $4 references, in pairs. */
const REFERENCES_ON_DAYS = `
select distinct s.service_id as "serviceId", w.held_on as "heldOn", w.reference
from unnest($3::date[], $4::text[]) as w(held_on, reference)
cross join lateral (
  select service_id from session
  where commissioner_id = $1 and contract_id = $2 and held_on = w.held_on and reference = w.reference offset 0) s`;

export function findReferralsByReference(
  reader: Reader,
  of: DeliveryScope,
  references: string[],
): Promise<FoundReferral[]> {
  return lookUp(reader, REFERRALS_BY_REFERENCE, [of.commissionerId, of.providerId], references);
}

/** For references that nobody wrote exactly like this. */
export function findReferralsByCapitals(
  reader: Reader,
  of: DeliveryScope,
  capitals: string[],
): Promise<FoundReferral[]> {
  return lookUp(reader, REFERRALS_BY_CAPITALS, [of.commissionerId, of.providerId], capitals);
}

export function findReferralsById(reader: Reader, of: DeliveryScope, ids: string[]): Promise<FoundReferral[]> {
  return lookUp(reader, REFERRALS_BY_ID, [of.commissionerId, of.providerId], ids);
}

export async function findSessions(
  reader: Reader,
  of: DeliveryScope,
  keys: readonly string[],
): Promise<Map<string, KnownSession>> {
  if (keys.length === 0) return new Map();
  const rows = await reader.query<KnownSession & { key: string }>(SESSIONS_BY_KEY, [
    of.commissionerId,
    of.contractId,
    hexArray(keys, (key) => key),
  ]);
  return new Map(rows.map(({ key, ...session }) => [key, session]));
}

export function findAttendances(reader: Reader, of: DeliveryScope, sessionIds: string[]): Promise<KnownAttendance[]> {
  return lookUp(reader, ATTENDANCES, [of.commissionerId], sessionIds);
}

/** Claims that stand for any of these facts. */
export function findStandingClaims(reader: Reader, of: DeliveryScope, factIds: string[]): Promise<KnownClaim[]> {
  return lookUp(reader, STANDING_CLAIMS, [of.commissionerId, of.contractId], factIds);
}

export async function findTakenRows(
  reader: Reader,
  of: DeliveryScope,
  rowHashes: readonly string[],
  sessionIds: readonly string[],
  claimFileId: string,
): Promise<Map<string, { isOfThisFile: boolean }>> {
  if (rowHashes.length === 0) return new Map();
  const rows = await reader.query<{ rowHash: string; isOfThisFile: boolean }>(TAKEN_ROWS, [
    of.commissionerId,
    of.contractId,
    hexArray(rowHashes, (digits) => digits),
    claimFileId,
    uuidArray(sessionIds, (id) => id),
  ]);
  return new Map(rows.map(({ rowHash, isOfThisFile }) => [rowHash, { isOfThisFile }]));
}

export async function findPlacesOnDays(
  reader: Reader,
  of: DeliveryScope,
  days: readonly Omit<DayOfPerson, 'serviceId'>[],
): Promise<(DayOfPerson & { readonly places: number })[]> {
  if (days.length === 0) return [];
  return reader.query(PLACES_ON_DAYS, [
    of.commissionerId,
    uuidArray(days, ({ referralId }) => referralId),
    dateArray(days, ({ heldOn }) => heldOn),
  ]);
}

export async function findReferencesOnDays(
  reader: Reader,
  of: DeliveryScope,
  days: readonly Omit<DayOfReference, 'serviceId'>[],
): Promise<DayOfReference[]> {
  if (days.length === 0) return [];
  return reader.query(REFERENCES_ON_DAYS, [
    of.commissionerId,
    of.contractId,
    dateArray(days, ({ heldOn }) => heldOn),
    textArray(days, ({ reference }) => reference),
  ]);
}

/**
 * Stores what is planned, but for its claims.
 *
 * @param claimFileId of the file whose rows it was planned from; undefined where it was a request
 */
export function sendDelivery(
  tx: Pick<Tx, 'send'>,
  scope: DeliveryScope,
  plan: DeliveryPlan,
  at: Date,
  claimFileId: string | undefined,
): void {
  const { withSessions, apart } = takenRows(plan);
  sendSessions(tx, scope, plan.sessions, at, claimFileId === undefined ? null : { id: claimFileId, withSessions });
  sendAttendances(tx, scope, plan.attendances, at);
  if (claimFileId !== undefined) sendTakenRows(tx, scope, apart, claimFileId);
}

function sendSessions(
  tx: Pick<Tx, 'send'>,
  { commissionerId, providerId, contractId }: DeliveryScope,
  sessions: readonly NewSession[],
  at: Date,
  file: { readonly id: string; readonly withSessions: ReadonlyMap<string, string> } | null,
): void {
  const columns: BulkColumn<NewSession>[] = [
    column.uuid('commissioner_id', () => commissionerId),
    column.uuid('id', ({ id }) => id),
    column.uuid('provider_id', () => providerId),
    column.uuid('contract_id', () => contractId),
    column.uuid('service_id', ({ serviceId }) => serviceId),
    column.text('kind', ({ kind }) => kind),
    column.text('reference', ({ reference }) => reference),
    column.hex('natural_key', ({ key }) => key),
    column.date('held_on', ({ heldOn }) => heldOn),
    column.timestamptz('starts_at', ({ startsAt }) => startsAt),
    column.boolean('start_recorded', ({ startRecorded }) => startRecorded),
    column.int('duration_minutes', ({ durationMinutes }) => durationMinutes),
    column.text('mode', ({ mode }) => mode),
    column.int('booked', ({ booked }) => booked),
    column.text('outcome', ({ outcome }) => outcome),
    column.timestamptz('cancelled_at', ({ cancelledAt }) => cancelledAt),
    column.hex('evidence_sha256', ({ evidenceSha256 }) => evidenceSha256),
    column.uuid('event_id', ({ eventId }) => eventId),
    column.timestamptz('created_at', () => at),
    column.uuid('claim_file_id', () => file?.id ?? null),
    column.hex('taken_rows', ({ id }) => file && (file.withSessions.get(id) ?? '')),
  ];
  sendRows(tx, 'session', columns, sessions);
}

function sendAttendances(
  tx: Pick<Tx, 'send'>,
  { commissionerId, providerId }: DeliveryScope,
  attendances: readonly NewAttendance[],
  at: Date,
): void {
  const columns: BulkColumn<NewAttendance>[] = [
    column.uuid('commissioner_id', () => commissionerId),
    column.uuid('id', ({ id }) => id),
    column.uuid('provider_id', () => providerId),
    column.uuid('session_id', ({ sessionId }) => sessionId),
    column.uuid('service_id', ({ serviceId }) => serviceId),
    column.date('held_on', ({ heldOn }) => heldOn),
    column.uuid('referral_id', ({ referralId }) => referralId),
    column.text('outcome', ({ outcome }) => outcome),
    column.timestamptz('cancelled_at', ({ cancelledAt }) => cancelledAt),
    column.boolean('travel', ({ travel }) => travel),
    column.int('booking_position', ({ position }) => position),
    column.timestamptz('created_at', () => at),
  ];
  sendRows(tx, 'attendance', columns, attendances);
}

function sendTakenRows(
  tx: Pick<Tx, 'send'>,
  { commissionerId, contractId, providerId }: DeliveryScope,
  hashes: readonly TakenRow[],
  claimFileId: string,
): void {
  const columns: BulkColumn<TakenRow>[] = [
    column.uuid('commissioner_id', () => commissionerId),
    column.uuid('contract_id', () => contractId),
    column.hex('row_hash', ({ rowHash }) => rowHash),
    column.uuid('provider_id', () => providerId),
    column.uuid('claim_file_id', () => claimFileId),
    column.int('row_number', ({ row }) => row),
  ];
  sendRows(tx, 'claim_file_row', columns, hashes, 'on conflict do nothing');
}

/** No query for nothing. */
async function lookUp<Row>(reader: Reader, sql: string, of: string[], wanted: readonly string[]): Promise<Row[]> {
  return wanted.length === 0 ? [] : reader.query<Row>(sql, [...of, wanted]);
}
