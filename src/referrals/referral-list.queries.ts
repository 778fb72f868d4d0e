import type { Side } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { ReferralSource, ReferralState } from './referral.entity.js';
import type { CloseReason, DeclineReason } from './referral.rules.js';

/** A referral with the names of what it is about. */
export interface NamedReferral {
  readonly id: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly serviceId: string;
  readonly serviceCode: string;
  readonly serviceName: string;
  /** Null for the referrer, who need not know of contracts. */
  readonly contractId: string | null;
  readonly contractCode: string | null;
  /** Who made it: the referrer, or the commissioner or provider itself. */
  readonly madeByName: string;
  readonly reference: string;
  readonly source: ReferralSource;
  readonly state: ReferralState;
  readonly confirmedAt: Date | null;
  readonly madeOn: IsoDate;
  readonly respondBy: IsoDate;
  readonly sessionsPlanned: number | null;
  readonly acceptedOn: IsoDate | null;
  readonly declineReason: DeclineReason | null;
  readonly closedOn: IsoDate | null;
  readonly closeReason: CloseReason | null;
  readonly createdAt: Date;
  /** When the person was erased. */
  readonly personErasedAt: Date | null;
}

export interface ReferralFilter {
  readonly id?: string | undefined;
  readonly state?: ReferralState | undefined;
  readonly serviceId?: string | undefined;
  /** Part of it, folded. */
  readonly reference?: string | undefined;
  readonly unconfirmed?: boolean | undefined;
}

/** `latest`: those made last come first. `waiting`: those to be answered soonest. */
export type ReferralOrder = 'latest' | 'waiting';

/** What a referrer sees of services and contracts is less than what those see whose they are. */
const AROUND: Record<'referrer' | 'others', string> = {
  referrer: `
cross join lateral (select null::uuid as id, null::text as code) k
join referred_services() s on s.commissioner_id = r.commissioner_id and s.id = r.service_id`,
  others: `
join contract k on k.commissioner_id = r.commissioner_id and k.id = r.contract_id
join service s on s.commissioner_id = r.commissioner_id and s.id = r.service_id`,
};

/** After the referral $6, in the order. */
const ORDERS: Record<ReferralOrder, string> = {
  latest: 'and ($6::uuid is null or r.id < $6) order by r.id desc',
  waiting: `and ($6::uuid is null or (r.respond_by, r.id) > (select o.respond_by, o.id from referral o where o.id = $6))
order by r.respond_by, r.id`,
};

/** $1 id, $2 state, $3 service, $4 a pattern of references, $5 unconfirmed, $6 after, $7 how many. */
function statementOf(side: Side, order: ReferralOrder): string {
  return `
select r.id, r.commissioner_id as "commissionerId", c.name as "commissionerName", r.provider_id as "providerId",
       p.name as "providerName", s.id as "serviceId", s.code as "serviceCode", s.name as "serviceName",
       k.id as "contractId", k.code as "contractCode", b.name as "madeByName", r.reference, r.source, r.state,
       r.confirmed_at as "confirmedAt", r.made_on as "madeOn", r.respond_by as "respondBy",
       r.sessions_planned as "sessionsPlanned", r.accepted_on as "acceptedOn", r.decline_reason as "declineReason",
       r.closed_on as "closedOn", r.close_reason as "closeReason", r.created_at as "createdAt",
       r.person_erased_at as "personErasedAt"
from referral r
join organisation c on c.id = r.commissioner_id
join organisation p on p.id = r.provider_id
join organisation b on b.id = r.actor_org_id
${AROUND[side === 'referrer' ? 'referrer' : 'others']}
where ($1::uuid is null or r.id = $1) and ($2::text is null or r.state = $2) and ($3::uuid is null or r.service_id = $3)
  and ($4::text is null or r.reference like $4) and ($5::boolean is null or (r.confirmed_at is null) = $5)
  ${ORDERS[order]} limit $7`;
}

export function findNamedReferrals(
  reader: Reader,
  side: Side,
  { id, state, serviceId, reference, unconfirmed }: ReferralFilter,
  page: { readonly order: ReferralOrder; readonly after?: string | undefined; readonly most: number },
): Promise<NamedReferral[]> {
  const pattern = reference === undefined ? null : `%${reference.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  const narrowed = [id ?? null, state ?? null, serviceId ?? null, pattern, unconfirmed ?? null];
  return reader.query(statementOf(side, page.order), [...narrowed, page.after ?? null, page.most]);
}

/** A service that there are referrals of. */
export interface ReferredService {
  readonly id: string;
  readonly name: string;
}

const SERVICES: Record<'referrer' | 'others', string> = {
  referrer: 'select id, name from referred_services() order by name, id',
  others: `
select s.id, s.name from service s
where exists (select from referral r where r.commissioner_id = s.commissioner_id and r.service_id = s.id)
order by s.name, s.id`,
};

/** By name. */
export function findReferredServices(reader: Reader, side: Side): Promise<ReferredService[]> {
  return reader.query(SERVICES[side === 'referrer' ? 'referrer' : 'others']);
}

/** Where a file of referrals may go: a contract, by its parties. */
export interface ReferralContract {
  readonly id: string;
  readonly code: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly providerId: string;
  readonly providerName: string;
}

/** The contracts of the side, by code. */
export function findReferralContracts(reader: Reader): Promise<ReferralContract[]> {
  return reader.query(`
select k.id, k.code, c.id as "commissionerId", c.name as "commissionerName", p.id as "providerId", p.name as "providerName"
from contract k join organisation c on c.id = k.commissioner_id join organisation p on p.id = k.provider_id
order by k.code, k.id`);
}

/** How many wait for an answer, and the first day by which one is due. */
export interface WaitingFigures {
  readonly count: number;
  readonly overdue: number;
  readonly firstMadeOn: IsoDate | null;
}

/** $1 today. */
const WAITING = `
select count(*)::int as count, (count(*) filter (where respond_by < $1))::int as overdue, min(made_on) as "firstMadeOn"
from referral where state = 'made'`;

export async function readWaitingFigures(reader: Reader, today: IsoDate): Promise<WaitingFigures> {
  const [figures] = await reader.query<WaitingFigures>(WAITING, [today]);
  return figures ?? { count: 0, overdue: 0, firstMadeOn: null };
}
