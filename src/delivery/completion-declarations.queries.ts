import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';

/** A contract with claims that no batch holds. */
export interface ContractToSend {
  readonly contractId: string;
  readonly contractCode: string;
  readonly contractTitle: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly providerId: string;
  readonly providerName: string;
  /** Claims up to the month that wait for the answer to a question. */
  readonly queriedCount: number;
  /** When the provider sent the month last. */
  readonly sentAt: Date | null;
  /** Open claims that came after that; all of them where it was never sent. */
  readonly newCount: number;
}

/** $1 the first day of the month. */
const TO_SEND = `
select k.id as "contractId", k.code as "contractCode", k.title as "contractTitle", k.commissioner_id as "commissionerId",
       o.name as "commissionerName", k.provider_id as "providerId", p.name as "providerName",
       c.queried as "queriedCount", d.at as "sentAt", c.fresh as "newCount"
from contract k
join organisation o on o.id = k.commissioner_id
join organisation p on p.id = k.provider_id
cross join lateral (
  select max(d.declared_at) as at from completion_declaration d
  where d.commissioner_id = k.commissioner_id and d.contract_id = k.id and d.period = $1) d
cross join lateral (
  select (count(*) filter (where c.state = 'submitted'))::int as open,
         (count(*) filter (where c.state = 'queried'))::int as queried,
         (count(*) filter (where c.state = 'submitted' and (d.at is null or c.submitted_at > d.at)))::int as fresh
  from claim c
  where c.commissioner_id = k.commissioner_id and c.contract_id = k.id and c.batch_id is null and c.for_period <= $1
    and c.state in ('submitted', 'queried')) c
where c.open > 0
order by k.code, k.id`;

/** Contracts with open claims of a month or of those before it, by code. */
export function findContractsToSend(reader: Reader, period: IsoDate): Promise<ContractToSend[]> {
  return reader.query(TO_SEND, [period]);
}

/** How often the month of a contract was sent. */
export async function countDeclarations(reader: Reader, contractId: string, period: IsoDate): Promise<number> {
  const [row] = await reader.query<{ count: number }>(
    'select count(*)::int as count from completion_declaration where contract_id = $1 and period = $2',
    [contractId, period],
  );
  return row?.count ?? 0;
}

/** A declaration with the names of what it is about. */
export interface DeclaredMonth {
  readonly id: string;
  readonly code: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly contractId: string;
  readonly contractCode: string;
  readonly period: IsoDate;
  readonly claimCount: number;
  readonly flaggedCount: number;
  readonly totalMinor: Minor;
  readonly indicativeMinor: Minor;
  readonly declaredAt: Date;
}

const DECLARED = `
select d.id, d.code, d.commissioner_id as "commissionerId", o.name as "commissionerName", d.provider_id as "providerId",
       p.name as "providerName", d.contract_id as "contractId", k.code as "contractCode", d.period,
       d.claim_count as "claimCount", d.flagged_count as "flaggedCount", d.total_minor as "totalMinor",
       d.indicative_minor as "indicativeMinor", d.declared_at as "declaredAt"
from completion_declaration d
join organisation o on o.id = d.commissioner_id
join organisation p on p.id = d.provider_id
join contract k on k.commissioner_id = d.commissioner_id and k.id = d.contract_id`;

/** In the order of their codes. */
export function findDeclarations(reader: Reader, ids: readonly string[]): Promise<DeclaredMonth[]> {
  return reader.query(`${DECLARED} where d.id = any ($1::uuid[]) order by d.code`, [ids]);
}

/** The latest first. $1 contract, $2 after, $3 how many. */
export function findLatestDeclarations(
  reader: Reader,
  contractId: string | null,
  after: string | null,
  most: number,
): Promise<DeclaredMonth[]> {
  const where = 'where ($1::uuid is null or d.contract_id = $1) and ($2::uuid is null or d.id < $2)';
  return reader.query(`${DECLARED} ${where} order by d.id desc limit $3`, [contractId, after, most]);
}
