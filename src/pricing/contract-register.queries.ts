import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { ContractStanding } from './contract.rules.js';

/** A contract in a list: its dates under the terms of a day, and what it may cost, in pence. */
export interface ContractRow {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
  readonly authorisedMinor: bigint;
  readonly leftMinor: bigint;
  readonly committedMinor: bigint;
  readonly spentMinor: bigint;
}

export interface ContractFilter {
  readonly standing?: ContractStanding | undefined;
  readonly providerId?: string | undefined;
  /** The last contract of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The version that governs the day $1, as `versionOn` chooses it. */
const GOVERNING = `
  select v.starts_on, v.ends_on from contract_version v
  where v.commissioner_id = c.commissioner_id and v.contract_id = c.id
  order by v.effective_from <= $1 desc, case when v.effective_from <= $1 then v.effective_from end desc nulls last,
           v.effective_from, v.version desc
  limit 1`;

/** As `standingOf` judges: $2 a standing, $3 the last day that is soon. */
const OF_STANDING = `
  case $2 when 'to_come' then v.starts_on > $1 when 'over' then v.ends_on < $1
          when 'ending_soon' then v.starts_on <= $1 and v.ends_on between $1 and $3
          when 'in_force' then v.starts_on <= $1 and v.ends_on >= $1 else true end`;

const CONTRACTS = `
select c.id, c.code, c.title, c.commissioner_id as "commissionerId", b.name as "commissionerName",
       c.provider_id as "providerId", p.name as "providerName", c.starts_on as "startsOn", c.ends_on as "endsOn",
       m.authorised_minor as "authorisedMinor", m.budget_minor as "leftMinor", m.committed_minor as "committedMinor",
       m.spent_minor as "spentMinor"
from (select c.*, v.starts_on, v.ends_on from contract c cross join lateral (${GOVERNING}) v
      where ${OF_STANDING} and ($4::uuid is null or c.provider_id = $4)
        and ($5::uuid is null or (c.code, c.id) > (select o.code, o.id from contract o where o.id = $5))
      order by c.code, c.id limit $6) c
join organisation b on b.id = c.commissioner_id
join organisation p on p.id = c.provider_id
cross join lateral ledger.contract_budget(c.commissioner_id, c.id) m
order by c.code, c.id`;

/** Contracts that the reader may see, by code, with the dates that govern a day. */
export function readContracts(
  reader: Reader,
  day: IsoDate,
  soon: IsoDate,
  { standing, providerId, after, limit }: ContractFilter,
): Promise<ContractRow[]> {
  return reader.query<ContractRow>(CONTRACTS, [day, standing ?? null, soon, providerId ?? null, after ?? null, limit]);
}

export interface PartyNames {
  readonly commissionerName: string;
  readonly providerName: string;
}

/** What the parties of a contract are called. */
export async function readPartyNames(
  reader: Reader,
  { commissionerId, providerId }: { commissionerId: string; providerId: string },
): Promise<PartyNames> {
  const [row] = await reader.query<PartyNames>(
    `select b.name as "commissionerName", p.name as "providerName" from organisation b, organisation p
     where b.id = $1 and p.id = $2`,
    [commissionerId, providerId],
  );
  return row ?? { commissionerName: '', providerName: '' };
}

/** Providers of the contracts that the reader may see, by name: to choose from. */
export function readProvidersUnderContract(reader: Reader): Promise<{ id: string; name: string }[]> {
  return reader.query(
    `select o.id, o.name from organisation o where o.id in (select c.provider_id from contract c) order by o.name, o.id`,
  );
}

/** The codes of contracts, by their ids. */
export async function readContractCodes(reader: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await reader.query<{ id: string; code: string }>(
    'select id, code from contract where id = any ($1::uuid[]) order by code, id',
    [ids],
  );
  return new Map(rows.map(({ id, code }) => [id, code]));
}
