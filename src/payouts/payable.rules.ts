import type { IsoDate } from '../platform/clock.js';
import type { WaitReason } from './payout-account.rules.js';

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

/** What the groups come to, for those who pay. */
export interface PayableSums {
  /** What a run would pay now. */
  readonly toPayMinor: bigint;
  /** What would wait, whatever for. */
  readonly waitingMinor: bigint;
  /** By how much the funds fall short of what waits for them alone, once the rest is paid. */
  readonly shortMinor: bigint;
}

/** Only what goes through the platform is paid from the funds. */
export function payableSums(
  groups: readonly (Pick<PayableGroup, 'rail' | 'amountMinor'> & { readonly waits: WaitReason | null })[],
  fundsMinor: bigint,
): PayableSums {
  const sum = (wanted: (group: (typeof groups)[number]) => boolean) =>
    groups.filter(wanted).reduce((total, { amountMinor }) => total + amountMinor, 0n);
  const fromFundsMinor = sum(({ waits, rail }) => waits === null && rail === 'stripe');
  const unfundedMinor = sum(({ waits }) => waits === 'insufficient_funds');
  return {
    toPayMinor: sum(({ waits }) => waits === null),
    waitingMinor: sum(({ waits }) => waits !== null),
    shortMinor: unfundedMinor === 0n ? 0n : unfundedMinor - (fundsMinor - fromFundsMinor),
  };
}

const NEVER = '9999-12-31';

function byDueDay(a: PayableGroup, b: PayableGroup): number {
  const [one, other] = [a, b].map(({ dueOn, providerId, rail }) => `${dueOn ?? NEVER} ${providerId} ${rail}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
