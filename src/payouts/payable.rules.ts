import type { IsoDate } from '../platform/clock.js';

export interface Payable {
  readonly id: string;
  readonly providerId: string;
  readonly contractId: string;
  readonly amountMinor: bigint;
  readonly dueOn: IsoDate | null;
}

/** What one instruction pays: one provider, one rail, all that is payable. */
export interface PayableGroup<P extends Payable = Payable> {
  readonly providerId: string;
  readonly rail: 'stripe' | 'outside';
  readonly amountMinor: bigint;
  readonly invoices: readonly P[];
  readonly dueOn: IsoDate | null;
}

/**
 * Groups invoices by provider and rail. What is due first comes first, so that scarce funds pay it; then by id, so that
 * every worker has the same order.
 */
export function groupPayable<P extends Payable>(
  invoices: readonly P[],
  railOf: (contractId: string) => 'stripe' | 'outside',
): PayableGroup<P>[] {
  const groups = new Map<string, { providerId: string; rail: 'stripe' | 'outside'; invoices: P[] }>();
  for (const invoice of invoices) {
    const { providerId } = invoice;
    const rail = railOf(invoice.contractId);
    const group = groups.get(`${providerId} ${rail}`) ?? { providerId, rail, invoices: [] };
    group.invoices.push(invoice);
    groups.set(`${providerId} ${rail}`, group);
  }
  return [...groups.values()].map(summed).sort(byDueDay);
}

function summed<P extends Payable>(group: { providerId: string; rail: 'stripe' | 'outside'; invoices: P[] }) {
  const amountMinor = group.invoices.reduce((sum, invoice) => sum + invoice.amountMinor, 0n);
  const days = group.invoices.map(({ dueOn }) => dueOn).filter((day) => day !== null);
  return { ...group, amountMinor, dueOn: days.length === 0 ? null : days.reduce((a, b) => (a < b ? a : b)) };
}

const NEVER = '9999-12-31';

function byDueDay(a: PayableGroup, b: PayableGroup): number {
  const [one, other] = [a, b].map(({ dueOn, providerId, rail }) => `${dueOn ?? NEVER} ${providerId} ${rail}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
