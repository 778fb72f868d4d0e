import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { ClaimMode } from './claim-file.rules.js';
import type { SessionOutcome } from './claim-line.rules.js';

/** A session with what people look for in a list of them. */
export interface ListedSession {
  readonly id: string;
  readonly contractId: string;
  readonly contractCode: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly kind: 'one_to_one' | 'group';
  readonly reference: string | null;
  readonly heldOn: IsoDate;
  readonly startsAt: Date;
  readonly startRecorded: boolean;
  readonly durationMinutes: number | null;
  readonly mode: ClaimMode | null;
  readonly outcome: SessionOutcome | null;
  /** On the roll. */
  readonly people: number;
  readonly attended: number;
  /** Claims that stand. */
  readonly claims: number;
  /** Of those claims: the final price where there is one, else the provisional one. */
  readonly claimedMinor: Minor;
}

export interface SessionListFilter {
  readonly contractId?: string | undefined;
  /** The first day of a month. */
  readonly period?: IsoDate | undefined;
  /** Only those that no claim cites. */
  readonly unclaimed: boolean;
  /** The last session of the page before. */
  readonly after?: string | undefined;
}

const LISTED = `
select s.id, s.contract_id as "contractId", k.code as "contractCode", s.service_id as "serviceId", v.name as "serviceName",
       s.kind, s.reference, s.held_on as "heldOn", s.starts_at as "startsAt", s.start_recorded as "startRecorded",
       s.duration_minutes as "durationMinutes", s.mode, s.outcome, r.people, r.attended, c.claims, c.minor as "claimedMinor"
from session s
join contract k on k.commissioner_id = s.commissioner_id and k.id = s.contract_id
join service v on v.commissioner_id = s.commissioner_id and v.id = s.service_id
cross join lateral (
  select count(*)::int as people, (count(*) filter (where a.outcome = 'attended'))::int as attended
  from attendance a where a.commissioner_id = s.commissioner_id and a.session_id = s.id) r
cross join lateral (
  select count(*)::int as claims, coalesce(sum(coalesce(c.price_minor, c.provisional_minor)), 0)::bigint as minor
  from claim c where c.commissioner_id = s.commissioner_id and c.session_id = s.id and c.state in ('submitted', 'queried')) c`;

/** $1 contract, $2 the first day of a month, $3 only unclaimed, $4 after, $5 how many. */
const LATEST = `${LISTED}
where ($1::uuid is null or s.contract_id = $1)
  and ($2::date is null or (s.held_on >= $2 and s.held_on < $2::date + interval '1 month'))
  and (not $3::boolean or c.claims = 0)
  and ($4::uuid is null or (s.held_on, s.id) < (select o.held_on, o.id from session o where o.id = $4))
order by s.held_on desc, s.id desc limit $5`;

/** The latest first. */
export function findLatestSessions(
  reader: Reader,
  { contractId, period, unclaimed, after }: SessionListFilter,
  most: number,
): Promise<ListedSession[]> {
  return reader.query(LATEST, [contractId ?? null, period ?? null, unclaimed, after ?? null, most]);
}

/** $1 session. */
export async function findListedSession(reader: Reader, id: string): Promise<ListedSession | null> {
  const [session] = await reader.query<ListedSession>(`${LISTED} where s.id = $1`, [id]);
  return session ?? null;
}

export async function findListedSessions(reader: Reader, ids: readonly string[]): Promise<ListedSession[]> {
  return ids.length === 0 ? [] : reader.query<ListedSession>(`${LISTED} where s.id = any ($1::uuid[])`, [ids]);
}

/** The session of a service that was held last: what the next one is likely to be like. */
export interface LastSession {
  readonly id: string;
  readonly kind: 'one_to_one' | 'group';
  readonly heldOn: IsoDate;
  readonly startsAt: Date;
  readonly startRecorded: boolean;
  readonly durationMinutes: number | null;
  readonly mode: ClaimMode | null;
}

/** $1 contract, $2 service. */
const LAST = `
select id, kind, held_on as "heldOn", starts_at as "startsAt", start_recorded as "startRecorded",
       duration_minutes as "durationMinutes", mode
from session where contract_id = $1 and service_id = $2 order by held_on desc, starts_at desc, id desc limit 1`;

export async function findLastSession(
  reader: Reader,
  contractId: string,
  serviceId: string,
): Promise<LastSession | null> {
  const [session] = await reader.query<LastSession>(LAST, [contractId, serviceId]);
  return session ?? null;
}

/** Somebody who may come: an accepted referral, known by its reference. */
export interface ExpectedPerson {
  readonly referralId: string;
  readonly reference: string;
  readonly acceptedOn: IsoDate;
  readonly planned: number | null;
  readonly attended: number;
  /** On the roll of the session that was held last. */
  readonly cameLast: boolean;
}

/** $1 contract, $2 service, $3 the session that was held last, $4 how many. */
const EXPECTED = `
select r.id as "referralId", r.reference, r.accepted_on as "acceptedOn", r.sessions_planned as planned,
       (select count(*)::int from attendance a where a.commissioner_id = r.commissioner_id and a.referral_id = r.id
        and a.outcome = 'attended') as attended,
       exists (select from attendance a where a.commissioner_id = r.commissioner_id and a.referral_id = r.id
               and a.session_id = $3) as "cameLast"
from referral r
where r.contract_id = $1 and r.service_id = $2 and r.state = 'accepted'
order by "cameLast" desc, r.reference limit $4`;

export function findExpectedPeople(
  reader: Reader,
  contractId: string,
  serviceId: string,
  lastSessionId: string | null,
  most: number,
): Promise<ExpectedPerson[]> {
  return reader.query(EXPECTED, [contractId, serviceId, lastSessionId, most]);
}

/** References of referrals, by id. $1 ids. */
export async function findReferences(reader: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.query<{ id: string; reference: string }>(
    'select id, reference from referral where id = any ($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, reference }) => [id, reference]));
}

/** Those of the referrals of which nothing says any more whom they are about. $1 ids. */
export async function findErased(reader: Reader, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await reader.query<{ id: string }>(
    'select id from referral where id = any ($1::uuid[]) and person_erased_at is not null',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** A service of a contract that can be recorded and claimed. */
export interface ContractService {
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly contractId: string;
  readonly contractCode: string;
  readonly contractTitle: string;
  readonly serviceId: string;
  readonly serviceCode: string;
  readonly serviceName: string;
  /** The day of its last session. */
  readonly lastHeldOn: IsoDate | null;
}

/** By contract and service: those with a rate card. */
const SERVICES = `
select k.commissioner_id as "commissionerId", o.name as "commissionerName", k.id as "contractId", k.code as "contractCode",
       k.title as "contractTitle", s.id as "serviceId", s.code as "serviceCode", s.name as "serviceName",
       (select max(x.held_on) from session x where x.commissioner_id = k.commissioner_id and x.contract_id = k.id
        and x.service_id = s.id) as "lastHeldOn"
from contract k
join organisation o on o.id = k.commissioner_id
join service s on s.commissioner_id = k.commissioner_id and s.provider_id = k.provider_id
where exists (select from rate_card c where c.commissioner_id = k.commissioner_id and c.contract_id = k.id
              and c.service_id = s.id)
order by k.code, k.id, s.name, s.id`;

export function findServices(reader: Reader): Promise<ContractService[]> {
  return reader.query(SERVICES);
}
