export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** An answer that is an error, in Stripe's words. `stored`: execution had begun, so the answer belongs to the key. */
export class StripeFailure extends Error {
  override readonly name = 'StripeFailure';

  constructor(
    readonly status: number,
    readonly type: 'api_error' | 'invalid_request_error' | 'idempotency_error',
    readonly code: string,
    message: string,
    readonly stored: boolean = false,
    readonly param?: string,
  ) {
    super(message);
  }

  /** Version 1 and version 2 of the API word the same failure differently. */
  reply(version: 'v1' | 'v2'): Reply {
    const { type, code, message, param } = this;
    if (version === 'v1') {
      return { status: this.status, body: { error: { type, code, message, ...(param ? { param } : {}) } } };
    }
    const v2Type = this.status === 429 ? 'rate_limit' : type;
    return { status: this.status, body: { error: { code, message, type: v2Type } } };
  }
}

/** Refused before anything was executed: not stored under the idempotency key. */
export function invalid(code: string, message: string, param?: string): StripeFailure {
  return new StripeFailure(400, 'invalid_request_error', code, message, false, param);
}

/** Refused by execution: stored, so the same key answers the same for a day. */
export function declined(code: string, message: string, param?: string): StripeFailure {
  return new StripeFailure(400, 'invalid_request_error', code, message, true, param);
}

export function missing(what: string, id: string): StripeFailure {
  return new StripeFailure(404, 'invalid_request_error', 'resource_missing', `No such ${what}: '${id}'`, false, 'id');
}
