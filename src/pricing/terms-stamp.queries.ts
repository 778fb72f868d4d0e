import type { Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { contractCodeAmbiguous } from './contracts.errors.js';

export interface TermsStamp {
  readonly contractId: string;
  readonly stamp: string;
}

/**
 * Each row with the transaction that wrote it and its place: a row that was changed has another transaction, or another place
 * where one transaction changes it twice.
 */
const STAMP = `
select c.id as "contractId", concat_ws(' ', c.xmin, c.ctid,
         (select string_agg(concat(v.xmin, v.ctid), '' order by v.version) from contract_version v
          where v.commissioner_id = c.commissioner_id and v.contract_id = c.id),
         (select string_agg(concat(r.xmin, r.ctid), '' order by r.id) from rate_card r
          where r.commissioner_id = c.commissioner_id and r.contract_id = c.id),
         (select string_agg(concat(s.xmin, s.ctid), '' order by s.id) from service s
          where s.commissioner_id = c.commissioner_id and s.provider_id = c.provider_id),
         (select string_agg(concat(h.xmin, h.ctid), '' order by h.day) from bank_holiday h)) as stamp
from contract c`;

const BY_ID = `${STAMP} where c.id = $1`;
const BY_CODE = `${STAMP} where c.code = $1 limit 2`;

/**
 * By which to tell whether what was read of a contract before still holds: what the reader can see of it, its versions, its
 * cards, the services of its provider and the bank holidays. Two stamps are the same as long as nothing of that was written.
 *
 * @throws not_found
 * @throws contract.code_ambiguous
 */
export async function stampOf(reader: Reader, contract: { id: string } | { code: string }): Promise<TermsStamp> {
  const [stamp, other] =
    'id' in contract
      ? await reader.query<TermsStamp>(BY_ID, [contract.id])
      : await reader.query<TermsStamp>(BY_CODE, [contract.code]);
  if (!stamp) throw notFound();
  if (other) throw contractCodeAmbiguous('code' in contract ? { code: contract.code } : {});
  return stamp;
}
