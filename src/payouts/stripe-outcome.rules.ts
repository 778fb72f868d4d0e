import type { Refused, Unknown } from './rail.js';

/** What the classification reads of an error of the Stripe SDK (23.1): its shape only, never its text. */
export interface StripeErrorShape {
  /** The class, such as `StripeConnectionError`. */
  readonly type?: unknown;
  /** The HTTP status; absent when no whole answer came. */
  readonly statusCode?: unknown;
  readonly code?: unknown;
  /** The `type` in the answer's body, such as `idempotency_error`. */
  readonly rawType?: unknown;
}

/** The statuses with which Stripe says that it did not act, and that it will say so again for the same key. */
const CONCLUSIVE = new Set([400, 402, 404]);

/**
 * Classifies a failed call. Only what proves that nothing happened is a refusal; an error that cannot be read, a
 * truncated answer and a server error all may have moved money, and so are unknown.
 *
 * 401, 403 and 429 are turned away at the door: they consume no key and say nothing about an earlier send of it.
 * A 400 `idempotency_error` means that we sent another body under a used key: a bug, parked for a person.
 * Source: docs.stripe.com/api/idempotent_requests, and the behaviour measured with stripe 23.1.0.
 */
export function outcomeOfStripeError(error: unknown): Refused | Unknown {
  const { type, statusCode, code, rawType } = shapeOf(error);
  if (code === 'idempotency_key_in_use') return unknown('key_in_use');
  if (rawType === 'idempotency_error' && statusCode === 400) return unknown('key_reused', false);
  if (statusCode === 429 || type === 'StripeRateLimitError')
    return turnedAway('throttled', 'Stripe asks to slow down.');
  if (statusCode === 401 || statusCode === 403) {
    return turnedAway('not_authorised', 'Stripe does not accept the key, or not for this account.');
  }
  if (typeof statusCode !== 'number') return unknown('connection');
  if (statusCode === 409) return unknown('key_in_use');
  if (!CONCLUSIVE.has(statusCode)) return unknown('server_error');
  const name = codeOf(code) ?? codeOf(rawType) ?? 'refused';
  return { kind: 'refused', code: name, message: `Stripe refused: ${name} (${statusCode}).`, retryable: false };
}

function shapeOf(error: unknown): StripeErrorShape {
  return typeof error === 'object' && error !== null ? error : {};
}

/** Codes are stored and shown, so that only what looks like one passes. */
function codeOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value) ? value : undefined;
}

function turnedAway(code: string, message: string): Refused {
  return { kind: 'refused', code, message, retryable: true };
}

function unknown(reason: Unknown['reason'], resend = true): Unknown {
  return { kind: 'unknown', reason, resend };
}
