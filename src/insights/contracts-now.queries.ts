import type { ContractBudget } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { isInForce, versionOn, type RailKind } from '../pricing/index.js';

/** A contract with those of its terms that figures and tasks go by, as they are on a day. */
export interface ContractNow {
  readonly commissionerId: string;
  readonly id: string;
  readonly providerId: string;
  readonly code: string;
  readonly title: string;
  readonly version: number;
  readonly effectiveFrom: IsoDate;
  readonly startsOn: IsoDate;
  readonly endsOn: IsoDate;
  readonly rail: RailKind;
  readonly decideDays: number;
  readonly isInForce: boolean;
}

const VERSIONS = `
select c.commissioner_id as "commissionerId", c.id, c.provider_id as "providerId", c.code, c.title, v.version,
       v.effective_from as "effectiveFrom", v.starts_on as "startsOn", v.ends_on as "endsOn", v.rail,
       v.decide_days as "decideDays"
from contract c join contract_version v on v.commissioner_id = c.commissioner_id and v.contract_id = c.id
order by c.code, c.id, v.version`;

/** Every contract that the reader sees, by code, with the terms that govern a day. */
export async function readContractsOn(reader: Reader, day: IsoDate): Promise<ContractNow[]> {
  const rows = await reader.query<Omit<ContractNow, 'isInForce'>>(VERSIONS);
  const contracts = new Map<string, typeof rows>();
  for (const row of rows) contracts.set(row.id, [...(contracts.get(row.id) ?? []), row]);
  return [...contracts.values()].flatMap((versions) => {
    const terms = versionOn(versions, day);
    return terms ? [{ ...terms, isInForce: isInForce(terms, day) }] : [];
  });
}

const BUDGETS = `
select c.id as "contractId", b.authorised_minor as "authorisedMinor", b.budget_minor as "budgetMinor",
       b.committed_minor as "committedMinor", b.spent_minor as "spentMinor"
from contract c, lateral ledger.contract_budget(c.commissioner_id, c.id) b`;

/** The budgets of all contracts that the reader sees, by contract. */
export async function readBudgets(reader: Reader): Promise<Map<string, ContractBudget>> {
  const rows = await reader.query<ContractBudget & { contractId: string }>(BUDGETS);
  return new Map(rows.map(({ contractId, ...budget }) => [contractId, budget]));
}

/** A contract by what people know it by, with both its parties. */
export interface ContractChoice {
  readonly contractId: string;
  readonly code: string;
  readonly title: string;
  readonly startsOn: IsoDate;
  readonly providerId: string;
  readonly providerName: string;
  readonly commissionerId: string;
  readonly commissionerName: string;
}

const CHOICES = `
select c.id as "contractId", c.code, c.title, c.provider_id as "providerId", p.name as "providerName",
       c.commissioner_id as "commissionerId", k.name as "commissionerName",
       (select min(v.starts_on) from contract_version v
        where v.commissioner_id = c.commissioner_id and v.contract_id = c.id) as "startsOn"
from contract c join organisation p on p.id = c.provider_id join organisation k on k.id = c.commissioner_id
order by c.code, c.id`;

/** Every contract that the reader sees, by code. */
export function readContractChoices(reader: Reader): Promise<ContractChoice[]> {
  return reader.query<ContractChoice>(CHOICES);
}
