import type { Reader } from '../platform/database.js';
import type {
  Neighbour,
  RecordedEvent,
  ReferralOutcomes,
  TRACE_LINKS,
  TraceKind,
  TraceThing,
  TraceTransfer,
} from './trace.rules.js';

type LinkName = (typeof TRACE_LINKS)[number]['name'];

/** Where a link is written down: the rows that hold it, and the two ends of each. */
interface LinkSource {
  readonly rows: string;
  readonly from: string;
  readonly to: string;
  readonly where?: string;
  readonly amount?: string;
}

const CLAIM = 'claim t';

const SOURCES: Readonly<Record<LinkName, LinkSource>> = {
  referral_attendance: { rows: 'attendance t', from: 't.referral_id', to: 't.id' },
  referral_milestone: { rows: 'milestone t', from: 't.referral_id', to: 't.id' },
  attendance_session: { rows: 'attendance t', from: 't.id', to: 't.session_id' },
  referral_claim: { rows: CLAIM, from: 't.referral_id', to: 't.id', where: `t.fact_kind = 'referral'` },
  // Over the referral, whose index it is.
  milestone_claim: {
    rows: `milestone m join claim t on t.commissioner_id = m.commissioner_id and t.referral_id = m.referral_id
             and t.fact_id = m.id`,
    from: 'm.id',
    to: 't.id',
    where: `t.fact_kind = 'milestone'`,
  },
  attendance_claim: {
    rows: `attendance a join claim t on t.commissioner_id = a.commissioner_id and t.referral_id = a.referral_id
             and t.attendance_id = a.id`,
    from: 'a.id',
    to: 't.id',
  },
  session_claim: { rows: CLAIM, from: 't.session_id', to: 't.id', where: 't.attendance_id is null' },
  session_beside_claim: { rows: CLAIM, from: 't.session_id', to: 't.id', where: 't.attendance_id is not null' },
  claim_batch: { rows: CLAIM, from: 't.id', to: 't.batch_id', amount: 't.price_minor' },
  batch_invoice: { rows: 'invoice t', from: 't.batch_id', to: 't.id', amount: 't.net_minor' },
  invoice_payout: { rows: 'payout_item t', from: 't.invoice_id', to: 't.payout_id', amount: 't.amount_minor' },
};

/** Several tables have rows of one commissioner, and every id in them leads with it. */
const neighbours = ({ rows, from, to, where, amount = 'null::bigint' }: LinkSource, direction: 'from' | 'to') => {
  const [near, far] = direction === 'from' ? [to, from] : [from, to];
  return `
select n.id as near, f.id as far, f.amount as "amountMinor", f.total
from unnest($2::uuid[]) with ordinality n(id, position),
lateral (select ${far} as id, ${amount} as amount, count(*) over ()::int as total from ${rows}
         where t.commissioner_id = $1 and ${near} = n.id and ${far} is not null ${where === undefined ? '' : `and ${where}`}
           and ($4::uuid is null or ${far} > $4)
         order by ${far} limit $3) f
order by n.position, f.id`;
};

/** The kinds that a referrer's side of the database holds anything of. */
const OF_REFERRER: readonly TraceKind[] = ['referral'];

/** $1 commissioner, $2 ids. A claim that a batch holds is what its batch is. */
const THINGS: Readonly<Record<TraceKind, string>> = {
  referral: `
select r.id, r.reference as reference, r.state, null::bigint as "amountMinor", r.created_at as "occurredAt",
       null as "recordedIn"
from referral r where r.commissioner_id = $1 and r.id = any ($2::uuid[])`,
  milestone: `
select m.id, m.name as reference, 'reached' as state, null::bigint as "amountMinor", m.created_at as "occurredAt",
       null as "recordedIn"
from milestone m where m.commissioner_id = $1 and m.id = any ($2::uuid[])`,
  attendance: `
select a.id, null as reference, a.outcome as state, null::bigint as "amountMinor", s.starts_at as "occurredAt",
       s.event_id as "recordedIn"
from attendance a join session s on s.commissioner_id = a.commissioner_id and s.id = a.session_id
where a.commissioner_id = $1 and a.id = any ($2::uuid[])`,
  session: `
select s.id, s.reference, coalesce(s.outcome, 'held') as state, null::bigint as "amountMinor",
       s.starts_at as "occurredAt", null as "recordedIn"
from session s where s.commissioner_id = $1 and s.id = any ($2::uuid[])`,
  claim: `
select c.id, c.your_reference as reference,
       case when b.state = 'approved' then 'approved' when b.state = 'submitted' then 'in_review' else c.state end as state,
       coalesce(c.price_minor, c.provisional_minor) as "amountMinor", c.submitted_at as "occurredAt",
       null as "recordedIn"
from claim c left join batch b on b.commissioner_id = c.commissioner_id and b.id = c.batch_id
where c.commissioner_id = $1 and c.id = any ($2::uuid[])`,
  batch: `
select b.id, b.code as reference, b.state, b.total_minor as "amountMinor", b.submitted_at as "occurredAt",
       null as "recordedIn"
from batch b where b.commissioner_id = $1 and b.id = any ($2::uuid[])`,
  invoice: `
select i.id, i.number as reference, i.state, i.gross_minor as "amountMinor",
       coalesce(e.occurred_at, i.created_at) as "occurredAt", null as "recordedIn"
from invoice i left join ledger.event e on e.commissioner_id = i.commissioner_id and e.id = i.event_id
where i.commissioner_id = $1 and i.id = any ($2::uuid[])`,
  payout: `
select p.id, p.reference, p.state, p.amount_minor as "amountMinor", p.requested_at as "occurredAt",
       null as "recordedIn"
from payout p where p.commissioner_id = $1 and p.id = any ($2::uuid[])`,
};

const findIn = (kind: TraceKind) =>
  `select '${kind}' as kind, id, commissioner_id as "commissionerId" from ${kind} where id = $1`;

const FIND_EVENT = `select subject_id as id from ledger.event where id = $1`;

const EVENT_MAX = 100;

/** $1 commissioner, $2 subjects, $3 ids. The first ${EVENT_MAX} of each subject. */
const EVENTS = `
select e.id, e.seq, e.type, e.subject_id as "subjectId", e.occurred_at as "occurredAt", e.recorded_at as "recordedAt",
       convert_from(e.body, 'UTF8')::jsonb -> 'actor' ->> 'kind' as "actorKind",
       case e.actor_org_id when e.provider_id then 'provider' when e.referrer_id then 'referrer' else 'commissioner' end
         as "actorSide",
       encode(e.leaf_hash, 'hex') as "leafHash"
from (
  select e.* from unnest($2::uuid[]) s(id),
  lateral (select * from ledger.event e where e.commissioner_id = $1 and e.subject_id = s.id order by e.seq
           limit ${EVENT_MAX}) e
  union
  select * from ledger.event e where e.commissioner_id = $1 and e.id = any ($3::uuid[])) e
order by e.seq`;

/** $1 commissioner, $2 events, $3 claims. What an approval moved for other claims than these is not asked for. */
const TRANSFERS = `
with shared as (select kind, ledger.account_id($1, null, null, 'GBP', kind) as id from ledger.chart where not keyed)
select t.id, t.event_id as "eventId", coalesce(d.kind, ds.kind) as debit, coalesce(c.kind, cs.kind) as credit,
       t.amount_minor as "amountMinor", t.effective_on as "effectiveOn", t.claim_id as "claimId",
       t.reverses_id as "reversesId"
from (
  select * from ledger.transfer where commissioner_id = $1 and event_id = any ($2::uuid[]) and claim_id is null
  union all
  select * from ledger.transfer where commissioner_id = $1 and claim_id = any ($3::uuid[])) t
join ledger.event e on e.commissioner_id = $1 and e.id = t.event_id
left join ledger.account d on d.commissioner_id = $1 and d.id = t.debit_account_id
left join ledger.account c on c.commissioner_id = $1 and c.id = t.credit_account_id
left join shared ds on ds.id = t.debit_account_id
left join shared cs on cs.id = t.credit_account_id
order by e.seq, t.id`;

const PROGRESS = `
select planned, attended, did_not_attend as "didNotAttend", cancelled, last_attended_on as "lastAttendedOn"
from referral_progress($1)`;

export interface TraceRoot {
  readonly id: string;
  readonly kind: TraceKind;
  readonly commissionerId: string;
}

/** The thing that has this id, or that an event with this id is about; a referrer's side has referrals only. */
export async function findRoot(reader: Reader, id: string, side: string): Promise<TraceRoot | undefined> {
  const kinds = side === 'referrer' ? OF_REFERRER : (Object.keys(THINGS) as TraceKind[]);
  const find = kinds.map(findIn).join(' union all ');
  const [thing] = await reader.query<TraceRoot>(find, [id]);
  if (thing) return thing;
  const [event] = await reader.query<{ id: string }>(FIND_EVENT, [id]);
  if (!event) return undefined;
  const [subject] = await reader.query<TraceRoot>(find, [event.id]);
  return subject;
}

/** Of these ids those of things that can be followed, with their kind. */
export async function readKinds(reader: Reader, ids: readonly string[], side: string): Promise<Map<string, TraceKind>> {
  const kinds = side === 'referrer' ? OF_REFERRER : (Object.keys(THINGS) as TraceKind[]);
  const found = kinds.map((kind) => `select '${kind}' as kind, id from ${kind} where id = any ($1::uuid[])`);
  const rows = await reader.query<{ id: string; kind: TraceKind }>(found.join(' union all '), [ids]);
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

export function findNeighbours(
  reader: Reader,
  commissionerId: string,
  name: LinkName,
  direction: 'from' | 'to',
  asked: { readonly ids: readonly string[]; readonly limit: number; readonly after: string | null },
): Promise<Neighbour[]> {
  return reader.query(neighbours(SOURCES[name], direction), [commissionerId, asked.ids, asked.limit, asked.after]);
}

export async function readThings(
  reader: Reader,
  commissionerId: string,
  kind: TraceKind,
  ids: readonly string[],
): Promise<TraceThing[]> {
  const rows = await reader.query<Omit<TraceThing, 'kind'>>(THINGS[kind], [commissionerId, ids]);
  return rows.map((row) => ({ ...row, kind }));
}

export function readEvents(
  reader: Reader,
  commissionerId: string,
  subjectIds: readonly string[],
  eventIds: readonly string[],
): Promise<RecordedEvent[]> {
  return reader.query(EVENTS, [commissionerId, subjectIds, eventIds]);
}

export function readTransfers(
  reader: Reader,
  commissionerId: string,
  eventIds: readonly string[],
  claimIds: readonly string[],
): Promise<TraceTransfer[]> {
  return reader.query(TRANSFERS, [commissionerId, eventIds, claimIds]);
}

export async function readProgress(reader: Reader, referralId: string): Promise<ReferralOutcomes | null> {
  const [progress] = await reader.query<ReferralOutcomes>(PROGRESS, [referralId]);
  return progress ?? null;
}
