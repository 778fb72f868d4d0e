import type { Invariant } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { OrderOnContract } from './purchase-order.rules.js';

/**
 * The latest version of each order, with what is left: its value less the net total of the batches on it that wait or are
 * approved. Rejected batches are not on it. $1 contract.
 */
const ORDERS = `
select o.contract_id as "contractId", o.number, o.version, o.value_minor as "valueMinor", u.used as "usedMinor",
       o.value_minor - u.used as "leftMinor", o.starts_on as "startsOn", o.ends_on as "endsOn"
from (select distinct on (number) * from purchase_order where contract_id = $1 order by number, version desc) o,
     lateral (select coalesce(sum(b.total_minor), 0)::bigint as used from batch b
              where b.commissioner_id = o.commissioner_id and b.contract_id = o.contract_id
                and b.purchase_order_number = o.number and b.state in ('submitted', 'approved')) u
order by o.starts_on, o.number`;

/** The orders of a contract as they are now, by their first day. */
export function readOrders(reader: Reader, contractId: string): Promise<OrderOnContract[]> {
  return reader.query<OrderOnContract>(ORDERS, [contractId]);
}

/** The bank holidays of England and Wales that the operator lists. */
export async function readBankHolidays(reader: Reader): Promise<ReadonlySet<IsoDate>> {
  const rows = await reader.query<{ day: IsoDate }>('select day from bank_holiday');
  return new Set(rows.map(({ day }) => day));
}

/** Serialises what depends on a contract's sums: its cards, orders, budget and batches. Held to the end of `tx`. */
export const LOCK_CONTRACT = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';

/** The same for several, in the order given. */
export const LOCK_CONTRACTS = 'select pg_advisory_xact_lock(hashtextextended(id, 0)) from unnest($1::text[]) id';

/** Referrals that are accepted and open, with the sessions that are still to come, by service. $1 contract. */
export const EXPECTED = `
select r.service_id as "serviceId", count(*)::int as referrals,
       sum(greatest(coalesce(r.sessions_planned, 0) - d.attended, 0))::int as "sessionsLeft"
from referral r,
     lateral (select count(*) as attended from attendance a
              where a.commissioner_id = r.commissioner_id and a.referral_id = r.id and a.outcome = 'attended') d
where r.contract_id = $1 and r.state = 'accepted'
group by r.service_id`;

export interface ExpectedOfService {
  readonly serviceId: string;
  readonly referrals: number;
  readonly sessionsLeft: number;
}

export const BUDGET_INVARIANT: Invariant = {
  sentence: 'What a contract authorises is what its budget changes decided, together.',
  sql: `
select c.commissioner_id, c.id as contract_id, d.decided, m.moved from contract c
cross join lateral (select coalesce(sum(b.amount_minor), 0) as decided from budget_change b
                    where b.commissioner_id = c.commissioner_id and b.contract_id = c.id) d
cross join lateral (
  select coalesce(sum(case t.debit_account_id when a.id then t.amount_minor else -t.amount_minor end), 0) as moved
  from ledger.account a
  join ledger.transfer t on t.commissioner_id = a.commissioner_id and a.id in (t.debit_account_id, t.credit_account_id)
  where a.commissioner_id = c.commissioner_id and a.contract_id = c.id and a.kind = 'authorised') m
where d.decided <> m.moved`,
};
