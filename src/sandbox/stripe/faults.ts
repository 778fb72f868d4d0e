/**
 * Faults that a test or a demo asks for, by operation and nth call.
 * - before anything is executed: `drop` (cuts the connection), `hang` (never answers), `hold` (waits for a release with
 *   the key in flight), `conflict` 409, `throttle` 429, `fail` 500 not stored;
 * - instead of executing: `fail_stored` 500 stored under the key, `refuse` 400 stored with `code`;
 * - after executing: `drop_after`, `hang_after`, `truncate` (half of the body), `wrong_amount` (answers a penny more).
 */
export const FAULT_KINDS = [
  'drop',
  'hang',
  'hold',
  'conflict',
  'throttle',
  'fail',
  'fail_stored',
  'refuse',
  'drop_after',
  'hang_after',
  'truncate',
  'wrong_amount',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultOrder {
  /** `POST /v1/transfers`, with placeholders as in the contract: `POST /v1/transfers/{id}/reversals`. */
  readonly operation: string;
  readonly kind: FaultKind;
  /** Strikes from this matching call on, counting from 1. */
  readonly nth?: number;
  /** How many calls it strikes. */
  readonly times?: number;
  /** For `refuse`: Stripe's code, such as `balance_insufficient`. */
  readonly code?: string;
  /** Only for this platform's label. */
  readonly platform?: string;
}

interface Armed {
  readonly order: FaultOrder;
  seen: number;
}

export class Faults {
  private armed: Armed[] = [];
  private held: (() => void)[] = [];

  arm(order: FaultOrder): void {
    if (!FAULT_KINDS.includes(order.kind)) throw new RangeError(`Unknown fault ${order.kind}`);
    this.armed.push({ order, seen: 0 });
  }

  /** The first fault that strikes this call. Every matching fault counts the call. */
  strike(operation: string, platform: string): FaultOrder | undefined {
    let struck: FaultOrder | undefined;
    for (const fault of this.armed) {
      const { order } = fault;
      if (order.operation !== operation || (order.platform ?? platform) !== platform) continue;
      fault.seen += 1;
      const nth = order.nth ?? 1;
      if (!struck && fault.seen >= nth && fault.seen < nth + (order.times ?? 1)) struck = order;
    }
    return struck;
  }

  /** Waits until `release`. */
  hold(): Promise<void> {
    return new Promise((resolve) => this.held.push(resolve));
  }

  /** Lets the held calls go on; gives their number. */
  release(): number {
    const held = this.held.splice(0);
    for (const go of held) go();
    return held.length;
  }

  get heldCount(): number {
    return this.held.length;
  }

  clear(): void {
    this.armed = [];
    this.release();
  }
}
