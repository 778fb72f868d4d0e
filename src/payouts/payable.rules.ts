import type { IsoDate } from '../platform/clock.js';
import type { PlannedRecovery } from './advance.rules.js';
import type { WaitReason } from './payout-account.rules.js';

export interface Payable {
  readonly id: string;
  readonly providerId: string;
  readonly contractId: string;
  readonly amountMinor: bigint;
  readonly dueOn: IsoDate | null;
}

/** An advance that was approved and not paid. */
export interface DueAdvance extends Payable {
  readonly reference: string;
}

/** What one instruction pays: one provider, one rail, all that is payable. */
export interface PayableGroup<P extends Payable = Payable> {
  readonly providerId: string;
  readonly rail: 'stripe' | 'outside';
  /** Nothing where advances take all of the invoices. */
  readonly amountMinor: bigint;
  /** Each for what advances leave of it. */
  readonly invoices: readonly P[];
  readonly advances: readonly DueAdvance[];
  /** What the invoices give back. */
  readonly recoveries: readonly PlannedRecovery[];
  readonly dueOn: IsoDate | null;
}

/** What may be beside invoices: advances to be paid, and what invoices give back of earlier ones. */
export interface PayableAdvances {
  readonly advances: readonly DueAdvance[];
  readonly recoveries: readonly PlannedRecovery[];
}

const NO_ADVANCES: PayableAdvances = { advances: [], recoveries: [] };

interface Gathered<P extends Payable> {
  readonly providerId: string;
  readonly rail: 'stripe' | 'outside';
  readonly invoices: P[];
  readonly advances: DueAdvance[];
  readonly recoveries: readonly PlannedRecovery[];
}

/**
 * Groups by provider and rail what is payable: invoices, for what they give back less, and advances. What is due first
 * comes first, so that scarce funds pay it; then by id, so that every worker has the same order.
 */
export function groupPayable<P extends Payable>(
  invoices: readonly P[],
  railOf: (contractId: string) => 'stripe' | 'outside',
  { advances, recoveries }: PayableAdvances = NO_ADVANCES,
): PayableGroup<P>[] {
  const groups = new Map<string, Gathered<P>>();
  const groupOf = ({ providerId, contractId }: Payable): Gathered<P> => {
    const rail = railOf(contractId);
    const name = `${providerId} ${rail}`;
    const group = groups.get(name) ?? { providerId, rail, invoices: [], advances: [], recoveries: [] };
    groups.set(name, group);
    return group;
  };
  for (const invoice of invoices) groupOf(invoice).invoices.push(invoice);
  for (const advance of advances) groupOf(advance).advances.push(advance);
  return [...groups.values()].map((group) => summed(lessened(group, recoveries))).sort(byDueDay);
}

/** Each invoice for what advances leave of it. */
function lessened<P extends Payable>(group: Gathered<P>, recoveries: readonly PlannedRecovery[]): Gathered<P> {
  if (recoveries.length === 0) return group;
  const taken = new Map<string, bigint>();
  for (const { invoiceId, amountMinor } of recoveries) taken.set(invoiceId, (taken.get(invoiceId) ?? 0n) + amountMinor);
  const own = new Set(group.invoices.map(({ id }) => id));
  return {
    ...group,
    invoices: group.invoices.map((one) => ({ ...one, amountMinor: one.amountMinor - (taken.get(one.id) ?? 0n) })),
    recoveries: recoveries.filter(({ invoiceId }) => own.has(invoiceId)),
  };
}

function summed<P extends Payable>(group: Gathered<P>): PayableGroup<P> {
  const due = [...group.invoices, ...group.advances];
  const amountMinor = due.reduce((sum, one) => sum + one.amountMinor, 0n);
  const days = due.map(({ dueOn }) => dueOn).filter((day) => day !== null);
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
