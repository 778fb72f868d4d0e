import type { Reader, Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { PayoutAccountChange } from './payout-account-change.entity.js';
import { PayoutAccount } from './payout-account.entity.js';

/** Where a payout would go, and whether that is being changed. */
export interface Destination {
  readonly account: PayoutAccount | null;
  readonly isChanging: boolean;
}

/** The account of a provider for a rail of one commissioner, who reads. */
export async function readDestination(
  reader: Reader,
  payee: Pick<PayoutAccount, 'providerId' | 'rail'>,
): Promise<Destination> {
  const { providerId, rail } = payee;
  const account = await reader.findOneBy(PayoutAccount, { providerId, rail });
  return { account, isChanging: account !== null && (await hasOpenChange(reader, account)) };
}

/** $1 commissioner, $2 account */
const OPEN = `
select from payout_account_change
where commissioner_id = $1 and payout_account_id = $2 and state in ('proposed', 'confirmed')`;

export async function hasOpenChange(
  reader: Reader,
  { commissionerId, id }: Pick<PayoutAccount, 'commissionerId' | 'id'>,
): Promise<boolean> {
  return (await reader.query(OPEN, [commissionerId, id])).length > 0;
}

const CHANGING = `
select payout_account_id as id from payout_account_change where state in ('proposed', 'confirmed')`;

/** The accounts whose change is being decided or held, of those that the reader sees. */
export async function readChangingAccounts(reader: Reader): Promise<ReadonlySet<string>> {
  const rows = await reader.query<{ id: string }>(CHANGING);
  return new Set(rows.map(({ id }) => id));
}

/** The change of an account that took effect last. */
export function findLastApplied(
  reader: Reader,
  { commissionerId, id }: Pick<PayoutAccount, 'commissionerId' | 'id'>,
): Promise<PayoutAccountChange | null> {
  const where = { commissionerId, payoutAccountId: id, state: 'applied' as const };
  return reader.findOne(PayoutAccountChange, { where, order: { appliedAt: 'DESC' } });
}

/** The change, locked to the end of `tx`: of two who decide at once, one comes second. @throws not_found */
export async function lockChange(tx: Tx, commissionerId: string, id: string): Promise<PayoutAccountChange> {
  const lock = { mode: 'pessimistic_write' } as const;
  const change = await tx.findOne(PayoutAccountChange, { where: { commissionerId, id }, lock });
  if (!change) throw notFound();
  return change;
}

/** Changes whose hold is over. Under the relay's role. $1 now */
export const DUE_CHANGES = `
select commissioner_id as "commissionerId", id from payout_account_change
where state = 'confirmed' and applies_at <= $1 order by applies_at limit 500`;
