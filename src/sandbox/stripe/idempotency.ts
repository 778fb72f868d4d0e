import { StripeFailure, type Reply } from './failures.js';
import type { Platform } from './state.js';

const LIFE_SECONDS = 24 * 3600;

/** How a request with a key begins: with the stored answer, or with the duty to end it. */
export type Beginning =
  | { readonly kind: 'replay'; readonly reply: Reply }
  | { readonly kind: 'execute'; end(reply: Reply, stored: boolean): void };

/**
 * Idempotency keys as documented by Stripe: an answer is kept for 24 hours under (account, key) once execution began,
 * server errors included; validation failures and conflicts are not kept.
 */
export class IdempotencyStore {
  private readonly inFlight = new Set<string>();

  /** Throws 400 `idempotency_error` for a key used with other parameters, 409 for one still in flight. */
  begin(platform: Platform, accountId: string, key: string, fingerprint: string, nowSeconds: number): Beginning {
    const slot = `${accountId} ${key}`;
    const running = `${platform.label} ${slot}`;
    if (this.inFlight.has(running)) {
      const message = 'There is currently another in-progress request using this Idempotent Key.';
      throw new StripeFailure(409, 'idempotency_error', 'idempotency_key_in_use', message);
    }
    const answer = platform.answers[slot];
    if (answer && answer.storedAt + LIFE_SECONDS > nowSeconds) {
      if (answer.fingerprint !== fingerprint) {
        const message =
          'Keys for idempotent requests can only be used with the same parameters they were first used with.';
        throw new StripeFailure(400, 'idempotency_error', 'idempotency_error', message);
      }
      return { kind: 'replay', reply: { status: answer.status, body: answer.body } };
    }
    this.inFlight.add(running);
    return {
      kind: 'execute',
      end: (reply, stored) => {
        this.inFlight.delete(running);
        if (stored) platform.answers[slot] = { fingerprint, ...reply, storedAt: nowSeconds };
        else delete platform.answers[slot];
      },
    };
  }
}
