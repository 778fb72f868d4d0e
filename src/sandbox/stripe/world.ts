import type { Params } from './forms.js';
import type { DoubleState, Platform } from './state.js';

/** Where a call came from: shows in the events that it caused. */
export interface Origin {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

/** What every part of the double shares. */
export interface World {
  readonly state: DoubleState;
  readonly apiVersion: string;
  /** Seconds from a payout's creation to its payment; `undefined`: only a control call settles. */
  readonly settleAfterSeconds: number | undefined;
  /** Where links of the double point to. */
  readonly baseUrl: string;
  now(): Date;
  /** Throws when Stripe could not have sent this event. */
  assertEvent(kind: 'snapshot' | 'thin', body: unknown): void;
}

/** One request after it was authenticated, routed and validated. */
export interface Call {
  readonly world: World;
  readonly platform: Platform;
  /** The account that the call acts as: the platform's own or a recipient's. */
  readonly accountId: string;
  readonly path: Readonly<Record<string, string>>;
  readonly params: Params;
  readonly origin: Origin;
}

/** What happens by itself, with the clock or at a bank. */
export const BY_ITSELF: Origin = { requestId: null, idempotencyKey: null };

export function nowSeconds(world: World): number {
  return Math.floor(world.now().getTime() / 1000);
}

/** Pence as a JSON number; exact, or an error. */
export function wire(amountMinor: bigint): number {
  const amount = Number(amountMinor);
  if (!Number.isSafeInteger(amount)) throw new RangeError(`Amount ${amountMinor} is not a safe integer`);
  return amount;
}
