import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { Charge } from './claim-charge.rules.js';
import type { RecordedAttendance, RecordedFacts, RecordedReferral, RecordedSession } from './claim-line.rules.js';

/** $1 commissioner, $2 session ids. */
const SESSIONS = `
select s.id, s.kind, s.starts_at as "startsAt", s.duration_minutes as "durationMinutes", s.booked, s.outcome,
       s.cancelled_at as "cancelledAt",
       s.reference is not null and exists (
         select from session o
         where o.commissioner_id = s.commissioner_id and o.contract_id = s.contract_id and o.held_on = s.held_on
           and o.service_id = s.service_id and o.reference = s.reference and o.id <> s.id) as "sharesReference"
from session s where s.commissioner_id = $1 and s.id = any ($2::uuid[])`;

/** The people of sessions, in booking order. $1 commissioner, $2 session ids. */
const ROLLS = `
select session_id as "sessionId", id, referral_id as "referralId", outcome, cancelled_at as "cancelledAt", travel,
       service_id as "serviceId", held_on as "heldOn"
from attendance where commissioner_id = $1 and session_id = any ($2::uuid[])
order by session_id, booking_position, id`;

/** Days on which one person attended more than one session of a service. $1 commissioner, $2 referral ids. */
const SHARED_DAYS = `
select referral_id as "referralId", service_id as "serviceId", held_on as "heldOn"
from attendance
where commissioner_id = $1 and referral_id = any ($2::uuid[]) and outcome = 'attended'
group by 1, 2, 3 having count(*) > 1`;

/** $1 commissioner, $2 referral ids. */
const REFERRALS = `
select id, person_id as "personId", service_id as "serviceId", accepted_on as "acceptedOn", closed_on as "closedOn",
       confirmed_at is not null as "isConfirmed"
from referral where commissioner_id = $1 and id = any ($2::uuid[])`;

/** $1 commissioner, $2 milestone ids. */
const MILESTONES = 'select id, name from milestone where commissioner_id = $1 and id = any ($2::uuid[])';

/** Places attended in the days of each period. $1 commissioner, $2 contract, $3 rows of claimId, serviceId, firstDay, lastDay. */
const ACTIVITY = `
select p."claimId" as id, (
         select count(*)::int from session s
         join attendance a on a.commissioner_id = s.commissioner_id and a.session_id = s.id and a.outcome = 'attended'
         where s.commissioner_id = $1 and s.contract_id = $2 and s.service_id = p."serviceId"
           and s.held_on between p."firstDay" and p."lastDay") as attended
from jsonb_to_recordset($3::jsonb) as p("claimId" uuid, "serviceId" uuid, "firstDay" date, "lastDay" date)`;

/** Reads what charges cite: one query for each kind of fact that there is among them. */
export async function readFacts(
  reader: Reader,
  { commissionerId, contractId }: { readonly commissionerId: string; readonly contractId: string },
  charges: readonly Charge[],
): Promise<RecordedFacts> {
  const sessions = await readSessions(
    reader,
    commissionerId,
    idsOf(charges, (charge) => charge.sessionId),
  );
  const onRolls = [...sessions.values()].flatMap(({ roll }) => roll.map(({ referralId }) => referralId));
  const referralIds = [...new Set([...idsOf(charges, (charge) => charge.referralId), ...onRolls])];
  const milestoneIds = idsOf(charges, ({ factKind, factId }) => (factKind === 'milestone' ? factId : null));
  const milestones = await ifAny(milestoneIds, () =>
    reader.query<{ id: string; name: string }>(MILESTONES, [commissionerId, milestoneIds]),
  );
  const periods = charges
    .filter(({ factKind }) => factKind === 'period')
    .map(({ claimId, serviceId, servedOn, periodEndsOn }) => ({
      claimId,
      serviceId,
      firstDay: servedOn,
      lastDay: periodEndsOn,
    }));
  const activity = await ifAny(periods, () =>
    reader.query<{ id: string; attended: number }>(ACTIVITY, [commissionerId, contractId, JSON.stringify(periods)]),
  );
  const referrals = await ifAny(referralIds, () =>
    reader.query<RecordedReferral>(REFERRALS, [commissionerId, referralIds]),
  );
  return {
    sessions,
    referrals: new Map(referrals.map((referral) => [referral.id, referral])),
    milestones: new Map(milestones.map(({ id, name }) => [id, name])),
    activity: new Map(activity.map(({ id, attended }) => [id, attended])),
  };
}

/** Sessions with their people in booking order, by id. */
export async function readSessions(
  reader: Reader,
  commissionerId: string,
  ids: readonly string[],
): Promise<Map<string, RecordedSession>> {
  if (ids.length === 0) return new Map();
  const bare = await reader.query<SessionRow>(SESSIONS, [commissionerId, ids]);
  const people = await reader.query<RollRow>(ROLLS, [commissionerId, ids]);
  const sharesDay = await readSharedDays(reader, commissionerId, people);
  const rolls = new Map<string, RollRow[]>(bare.map(({ id }) => [id, []]));
  for (const attendance of people) rolls.get(attendance.sessionId)?.push(attendance);
  return new Map(
    bare.map((session) => {
      const roll = (rolls.get(session.id) ?? []).map((attendance) => ({
        ...attendance,
        sharesDay: attendance.outcome === 'attended' && sharesDay(attendance),
      }));
      return [session.id, { ...session, roll }];
    }),
  );
}

type SessionRow = Omit<RecordedSession, 'roll'>;
type RollRow = Omit<RecordedAttendance, 'sharesDay'> & PersonsDay & { readonly sessionId: string };

interface PersonsDay {
  readonly referralId: string;
  readonly serviceId: string;
  readonly heldOn: IsoDate;
}

async function readSharedDays(
  reader: Reader,
  commissionerId: string,
  people: readonly RollRow[],
): Promise<(day: PersonsDay) => boolean> {
  const keyOf = ({ referralId, serviceId, heldOn }: PersonsDay) => `${referralId} ${serviceId} ${heldOn}`;
  const referralIds = [...new Set(people.map(({ referralId }) => referralId))];
  const days = await ifAny(referralIds, () => reader.query<PersonsDay>(SHARED_DAYS, [commissionerId, referralIds]));
  const shared = new Set(days.map(keyOf));
  return (day) => shared.has(keyOf(day));
}

function idsOf(charges: readonly Charge[], id: (charge: Charge) => string | null): string[] {
  return [...new Set(charges.map(id).filter((one) => one !== null))];
}

async function ifAny<Row>(wanted: readonly unknown[], read: () => Promise<Row[]>): Promise<Row[]> {
  return wanted.length === 0 ? [] : read();
}
