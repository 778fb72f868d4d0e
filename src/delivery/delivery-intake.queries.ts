import type { Reader, Tx } from '../platform/database.js';
import type { DeliveryPlan, NewAttendance, NewSession } from './delivery-plan.rules.js';
import type { KnownAttendance, KnownClaim, KnownReferral, KnownSession } from './known-delivery.rules.js';

/** Whose delivery it is: every query begins with these, because every index does. */
export interface DeliveryScope {
  readonly commissionerId: string;
  readonly contractId: string;
  readonly providerId: string;
}

export interface ReferralRow extends KnownReferral {
  readonly reference: string;
}

const REFERRAL = 'select id, reference, contract_id as "contractId", state, accepted_on as "acceptedOn" from referral';

const REFERRALS_BY_REFERENCE = `${REFERRAL} where commissioner_id = $1 and provider_id = $2 and reference = any ($3::text[])`;
const REFERRALS_BY_CAPITALS = `${REFERRAL} where commissioner_id = $1 and provider_id = $2 and upper(reference) = any ($3::text[])`;
const REFERRALS_BY_ID = `${REFERRAL} where commissioner_id = $1 and provider_id = $2 and id = any ($3::uuid[])`;

const SESSIONS_BY_KEY = `
select encode(natural_key, 'hex') as key, id, event_id as "eventId", reference, kind, held_on as "heldOn",
       starts_at as "startsAt", start_recorded as "startRecorded", duration_minutes as "durationMinutes", mode, booked,
       outcome, cancelled_at as "cancelledAt"
from session
where commissioner_id = $1 and contract_id = $2 and natural_key in (select decode(k, 'hex') from unnest($3::text[]) k)`;

const ATTENDANCES = `
select id, session_id as "sessionId", referral_id as "referralId", outcome, cancelled_at as "cancelledAt", travel
from attendance where commissioner_id = $1 and session_id = any ($2::uuid[])
order by session_id, booking_position`;

const STANDING_CLAIMS = `
select id, fact_id as "factId", charge_kind as "chargeKind", expected_minor as "expectedMinor",
       your_reference as "yourReference"
from claim
where commissioner_id = $1 and contract_id = $2 and fact_id = any ($3::uuid[]) and state not in ('rejected', 'withdrawn')`;

const TAKEN_ROWS = `
select encode(row_hash, 'hex') as "rowHash", claim_file_id = $4 as "isOfThisFile"
from claim_file_row
where commissioner_id = $1 and contract_id = $2 and row_hash in (select decode(h, 'hex') from unnest($3::text[]) h)`;

const INSERT_SESSIONS = `
insert into session (commissioner_id, id, provider_id, contract_id, service_id, kind, reference, natural_key, held_on, starts_at,
                     start_recorded, duration_minutes, mode, booked, outcome, cancelled_at, evidence_sha256, event_id, created_at)
select $1, s.id, $2, $3, s."serviceId", s.kind, s.reference, decode(s.key, 'hex'), s."heldOn", s."startsAt", s."startRecorded",
       s."durationMinutes", s.mode, s.booked, s.outcome, s."cancelledAt", decode(s."evidenceSha256", 'hex'), s."eventId", $5
from jsonb_to_recordset($4::jsonb) as s(
  id uuid, "serviceId" uuid, kind text, reference text, key text, "heldOn" date, "startsAt" timestamptz, "startRecorded" boolean,
  "durationMinutes" integer, mode text, booked integer, outcome text, "cancelledAt" timestamptz, "evidenceSha256" text,
  "eventId" uuid)`;

const INSERT_ATTENDANCES = `
insert into attendance (commissioner_id, id, provider_id, session_id, service_id, held_on, referral_id, outcome, cancelled_at, travel,
                        booking_position, created_at)
select $1, a.id, $2, a."sessionId", a."serviceId", a."heldOn", a."referralId", a.outcome, a."cancelledAt", a.travel, a.position, $4
from jsonb_to_recordset($3::jsonb) as a(
  id uuid, "sessionId" uuid, "serviceId" uuid, "heldOn" date, "referralId" uuid, outcome text, "cancelledAt" timestamptz, travel boolean, position integer)`;

const INSERT_TAKEN_ROWS = `
insert into claim_file_row (commissioner_id, contract_id, row_hash, provider_id, claim_file_id, row_number)
select $1, $2, decode(r."rowHash", 'hex'), $3, $4, r.row
from jsonb_to_recordset($5::jsonb) as r("rowHash" text, row integer)
on conflict do nothing`;

export function findReferralsByReference(
  reader: Reader,
  of: DeliveryScope,
  references: string[],
): Promise<ReferralRow[]> {
  return lookUp(reader, REFERRALS_BY_REFERENCE, [of.commissionerId, of.providerId], references);
}

/** For references that nobody wrote exactly like this. */
export function findReferralsByCapitals(reader: Reader, of: DeliveryScope, capitals: string[]): Promise<ReferralRow[]> {
  return lookUp(reader, REFERRALS_BY_CAPITALS, [of.commissionerId, of.providerId], capitals);
}

export function findReferralsById(reader: Reader, of: DeliveryScope, ids: string[]): Promise<ReferralRow[]> {
  return lookUp(reader, REFERRALS_BY_ID, [of.commissionerId, of.providerId], ids);
}

export async function findSessions(
  reader: Reader,
  of: DeliveryScope,
  keys: string[],
): Promise<Map<string, KnownSession>> {
  const rows = await reader.query<KnownSession & { key: string }>(SESSIONS_BY_KEY, [
    of.commissionerId,
    of.contractId,
    keys,
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
  rowHashes: string[],
  claimFileId: string,
): Promise<Map<string, { isOfThisFile: boolean }>> {
  const rows = await reader.query<{ rowHash: string; isOfThisFile: boolean }>(TAKEN_ROWS, [
    of.commissionerId,
    of.contractId,
    rowHashes,
    claimFileId,
  ]);
  return new Map(rows.map(({ rowHash, isOfThisFile }) => [rowHash, { isOfThisFile }]));
}

export async function insertSessions(
  tx: Tx,
  of: DeliveryScope,
  sessions: readonly NewSession[],
  at: Date,
): Promise<void> {
  if (sessions.length === 0) return;
  const { commissionerId, providerId, contractId } = of;
  await tx.execute(INSERT_SESSIONS, [commissionerId, providerId, contractId, JSON.stringify(sessions), at]);
}

export async function insertAttendances(
  tx: Tx,
  of: DeliveryScope,
  attendances: readonly NewAttendance[],
  at: Date,
): Promise<void> {
  if (attendances.length === 0) return;
  await tx.execute(INSERT_ATTENDANCES, [of.commissionerId, of.providerId, JSON.stringify(attendances), at]);
}

export async function insertTakenRows(
  tx: Tx,
  of: DeliveryScope,
  hashes: DeliveryPlan['hashes'],
  claimFileId: string,
): Promise<void> {
  if (hashes.length === 0) return;
  const { commissionerId, contractId, providerId } = of;
  await tx.execute(INSERT_TAKEN_ROWS, [commissionerId, contractId, providerId, claimFileId, JSON.stringify(hashes)]);
}

/** No query for nothing. */
async function lookUp<Row>(reader: Reader, sql: string, of: string[], wanted: string[]): Promise<Row[]> {
  return wanted.length === 0 ? [] : reader.query<Row>(sql, [...of, wanted]);
}
