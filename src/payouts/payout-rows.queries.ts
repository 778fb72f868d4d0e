import type { Reader, Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import { Payout } from './payout.entity.js';

/** Keeps everyone else who starts or numbers a payout of this commissioner out, to the end of `tx`. */
export async function lockPayments(tx: Tx, commissionerId: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('payments:' || $1, 0))`, [commissionerId]);
}

/** The payout, locked to the end of `tx`. @throws not_found */
export async function lockPayout(tx: Tx, commissionerId: string, id: string): Promise<Payout> {
  const payout = await tx.findOne(Payout, { where: { commissionerId, id }, lock: { mode: 'pessimistic_write' } });
  if (!payout) throw notFound();
  return payout;
}

export function attemptsOf(reader: Reader, { commissionerId, id }: Pick<Payout, 'commissionerId' | 'id'>) {
  return reader.find(PayoutAttempt, {
    where: { commissionerId, payoutId: id },
    order: { firstCalledAt: { direction: 'ASC', nulls: 'LAST' }, step: 'ASC', attempt: 'ASC' },
  });
}

/** What a payout moves on each contract. */
export interface ContractShare {
  readonly contractId: string;
  readonly amountMinor: bigint;
}

/** In the order of contracts. $1 commissioner, $2 payout. */
const SHARES = `
select contract_id as "contractId", sum(amount_minor)::bigint as "amountMinor"
from (select contract_id, amount_minor from payout_item where commissioner_id = $1 and payout_id = $2
      union all
      select contract_id, amount_minor from payout_advance where commissioner_id = $1 and payout_id = $2) i
group by 1 order by 1`;

export function sharesOf(reader: Reader, { commissionerId, id }: Pick<Payout, 'commissionerId' | 'id'>) {
  return reader.query<ContractShare>(SHARES, [commissionerId, id]);
}

/** The invoices and advances of a payout are owed again: a next run may pay them. */
export async function release(tx: Tx, { commissionerId, id }: Pick<Payout, 'commissionerId' | 'id'>): Promise<void> {
  for (const items of ['payout_item', 'payout_advance'] as const) {
    await tx.execute(`update ${items} set live = false where commissioner_id = $1 and payout_id = $2`, [
      commissionerId,
      id,
    ]);
  }
}

/** Payouts whose time has come. Under the relay's role. $1 now */
export const DUE_PAYOUTS = `
select commissioner_id as "commissionerId", id from payout where next_try_at <= $1 order by next_try_at limit 500`;

/** Payouts that were paid and have no advice. Under the relay's role. */
export const WITHOUT_REMITTANCE = `
select commissioner_id as "commissionerId", id from payout
where state = 'paid' and remittance_id is null order by settled_at limit 500`;
