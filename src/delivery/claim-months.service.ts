import { Injectable } from '@nestjs/common';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { ContractsService, isInForce, versionOn } from '../pricing/index.js';
import {
  claimMonth,
  firstMonthOf,
  monthsToClaim,
  type ClaimMonth,
  type MonthsOfContract,
} from './claim-months.rules.js';

/** Months of which something is claimed, recorded or said. $1 the first month. */
const SPOKEN_OF = `
select contract_id as "contractId", for_period as period from claim
where for_period >= $1 and state in ('submitted', 'queried')
union
select contract_id, date_trunc('month', held_on)::date from session where held_on >= $1
union
select contract_id, period from nil_declaration where period >= $1`;

/** By when months are claimed, and of which nothing was heard. */
@Injectable()
export class ClaimMonths {
  constructor(private readonly contracts: ContractsService) {}

  /**
   * A month of a contract, by its first day.
   *
   * @throws not_found
   */
  async get(reader: Reader, contractId: string, period: IsoDate): Promise<ClaimMonth> {
    const contract = await this.contractOf(reader, contractId, await this.contracts.bankHolidays(reader));
    if (!contract) throw notFound();
    return claimMonth(contract, period);
  }

  /**
   * Months of every contract that the reader sees that are over, can still be claimed without a second person, and have
   * neither claims nor sessions nor a nil declaration. By contract, the oldest first.
   */
  async nilDue(reader: Reader, today: IsoDate): Promise<ClaimMonth[]> {
    const rows = await reader.query<{ contractId: string; period: IsoDate }>(SPOKEN_OF, [firstMonthOf(today)]);
    const spokenOf = new Set(rows.map(({ contractId, period }) => `${contractId} ${period}`));
    const bankHolidays = await this.contracts.bankHolidays(reader);
    const due: ClaimMonth[] = [];
    for (const { id } of await reader.query<{ id: string }>('select id from contract order by id')) {
      const contract = await this.contractOf(reader, id, bankHolidays);
      const open = contract ? monthsToClaim(contract, today) : [];
      due.push(...open.filter(({ contractId, period }) => !spokenOf.has(`${contractId} ${period}`)));
    }
    return due;
  }

  private async contractOf(
    reader: Reader,
    contractId: string,
    bankHolidays: ReadonlySet<IsoDate>,
  ): Promise<MonthsOfContract | undefined> {
    const versions = await this.contracts.versions(reader, contractId);
    const [first] = versions;
    if (!first) return undefined;
    const termsOn = (day: IsoDate) => {
      const terms = versionOn(versions, day) ?? first;
      return { ...terms, isInForce: isInForce(terms, day) };
    };
    return { contractId, termsOn, bankHolidays };
  }
}
