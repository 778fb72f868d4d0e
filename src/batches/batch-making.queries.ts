import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { Minor } from '../money/index.js';
import type { BatchState } from './batch.rules.js';

/** A batch that a month of a contract has already. */
export interface EarlierBatch {
  readonly id: string;
  readonly code: string;
  readonly state: BatchState;
}

/** What is known of a month of a contract besides the claims that wait. */
export interface MonthOfContract {
  readonly contractId: string;
  readonly providerName: string;
  /** When the provider said last that all of the month is claimed. */
  readonly declaredAt: Date | null;
  /** The provider said that there is nothing to claim. */
  readonly isNil: boolean;
  /** Claims of the month that wait for the answer to a question. */
  readonly queriedCount: number;
  /** In the order of their making. */
  readonly batches: readonly EarlierBatch[];
}

/** $1 the first day of the month. */
const MONTHS = `
select k.id as "contractId", p.name as "providerName",
       (select max(d.declared_at) from completion_declaration d
        where d.commissioner_id = k.commissioner_id and d.contract_id = k.id and d.period = $1) as "declaredAt",
       exists (select from nil_declaration n
               where n.commissioner_id = k.commissioner_id and n.contract_id = k.id and n.period = $1) as "isNil",
       (select count(*)::int from claim c
        where c.commissioner_id = k.commissioner_id and c.contract_id = k.id and c.for_period = $1
          and c.state = 'queried') as "queriedCount",
       (select coalesce(json_agg(json_build_object('id', b.id, 'code', b.code, 'state', b.state) order by b.id), '[]')
        from batch b where b.commissioner_id = k.commissioner_id and b.contract_id = k.id and b.period = $1) as batches
from contract k join organisation p on p.id = k.provider_id`;

/** A month of every contract that the reader sees, by contract. */
export async function findMonths(reader: Reader, period: IsoDate): Promise<ReadonlyMap<string, MonthOfContract>> {
  const rows = await reader.query<MonthOfContract>(MONTHS, [period]);
  return new Map(rows.map((row) => [row.contractId, row]));
}

/** A batch as it was made. */
export interface MadeRow {
  readonly id: string;
  readonly code: string;
  readonly contractId: string;
  readonly contractCode: string;
  readonly providerName: string;
  readonly period: IsoDate;
  readonly lineCount: number;
  readonly flaggedCount: number;
  /** Net of VAT. */
  readonly totalMinor: Minor;
  readonly submittedOn: IsoDate;
}

const MADE = `
select b.id, b.code, b.contract_id as "contractId", k.code as "contractCode", p.name as "providerName", b.period,
       b.line_count as "lineCount", b.total_minor as "totalMinor",
       (select count(*)::int from claim c where c.commissioner_id = b.commissioner_id and c.batch_id = b.id
        and cardinality(c.flags) > 0) as "flaggedCount",
       (b.submitted_at at time zone 'Europe/London')::date as "submittedOn"
from batch b
join contract k on k.commissioner_id = b.commissioner_id and k.id = b.contract_id
join organisation p on p.id = b.provider_id
where b.id = any ($1::uuid[])
order by b.code`;

/** Those of the batches that the reader sees, by code. */
export function findMade(reader: Reader, ids: readonly string[]): Promise<MadeRow[]> {
  return reader.query<MadeRow>(MADE, [ids]);
}
