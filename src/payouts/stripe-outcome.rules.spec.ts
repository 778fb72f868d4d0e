import fc from 'fast-check';
import { outcomeOfStripeError } from './stripe-outcome.rules.js';

const invalid = { type: 'StripeInvalidRequestError', rawType: 'invalid_request_error' };
const unknown = (reason: string, resend = true) => ({ kind: 'unknown', reason, resend });

describe('The outcome of a failed call to Stripe', () => {
  it.each<[string, unknown, object]>([
    ['socket closed', { type: 'StripeConnectionError' }, unknown('connection')],
    ['time-out', { type: 'StripeConnectionError', code: undefined }, unknown('connection')],
    ['truncated 200', { type: 'StripeConnectionError', code: 'ECONNRESET' }, unknown('connection')],
    ['answer that is not JSON', { type: 'StripeAPIError' }, unknown('connection')],
    ['error of our own', new TypeError('x is undefined'), unknown('connection')],
    ['thrown text', 'boom', unknown('connection')],
    ['thrown nothing', null, unknown('connection')],
    ['500', { type: 'StripeAPIError', statusCode: 500, rawType: 'api_error' }, unknown('server_error')],
    ['503', { type: 'StripeAPIError', statusCode: 503 }, unknown('server_error')],
    ['424 of a dependency', { ...invalid, statusCode: 424 }, unknown('server_error')],
    [
      '409 key in use',
      { type: 'StripeAPIError', statusCode: 409, code: 'idempotency_key_in_use', rawType: 'idempotency_error' },
      unknown('key_in_use'),
    ],
    [
      '409 key in use, version 2',
      { type: 'StripeIdempotencyError', statusCode: 409, code: 'idempotency_key_in_use', rawType: 'idempotency_error' },
      unknown('key_in_use'),
    ],
    [
      '400 key with another body',
      { type: 'StripeIdempotencyError', statusCode: 400, rawType: 'idempotency_error' },
      unknown('key_reused', false),
    ],
    [
      '400 balance_insufficient',
      { ...invalid, statusCode: 400, code: 'balance_insufficient' },
      {
        kind: 'refused',
        code: 'balance_insufficient',
        message: 'Stripe refused: balance_insufficient (400).',
        retryable: false,
      },
    ],
    [
      '404 resource_missing',
      { ...invalid, statusCode: 404, code: 'resource_missing' },
      { kind: 'refused', code: 'resource_missing', retryable: false },
    ],
    [
      '400 without a code, version 2',
      { type: 'InsufficientFundsError', statusCode: 400, rawType: 'insufficient_funds' },
      { kind: 'refused', code: 'insufficient_funds', retryable: false },
    ],
    [
      '429',
      { type: 'StripeRateLimitError', statusCode: 429, code: 'rate_limit' },
      { kind: 'refused', code: 'throttled', retryable: true },
    ],
    [
      '429 of a locked object',
      { type: 'StripeRateLimitError', statusCode: 429, code: 'lock_timeout' },
      { kind: 'refused', code: 'throttled', retryable: true },
    ],
    [
      '400 rate_limit',
      { type: 'StripeRateLimitError', statusCode: 400, code: 'rate_limit' },
      { kind: 'refused', code: 'throttled', retryable: true },
    ],
    [
      '401',
      { type: 'StripeAuthenticationError', statusCode: 401 },
      { kind: 'refused', code: 'not_authorised', retryable: true },
    ],
    [
      '403',
      { type: 'StripePermissionError', statusCode: 403, code: 'account_invalid' },
      { kind: 'refused', code: 'not_authorised', retryable: true },
    ],
  ])('%s', (_, error, expected) => {
    expect(outcomeOfStripeError(error)).toMatchObject(expected);
  });

  it('keeps what is not a code out of what is stored and shown', () => {
    const error = { ...invalid, statusCode: 400, code: 'No such person: Jane Doe', message: 'Jane Doe', param: 'Jane' };
    expect(JSON.stringify(outcomeOfStripeError(error))).not.toContain('Jane');
  });

  it('is never a final refusal unless Stripe said so with a 400, 402 or 404', () => {
    const shape = fc.record(
      {
        type: fc.constantFrom('StripeAPIError', 'StripeConnectionError', 'StripeInvalidRequestError', 'Error'),
        statusCode: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
        code: fc.constantFrom(undefined, 'balance_insufficient', 'idempotency_key_in_use', 'ECONNRESET'),
        rawType: fc.constantFrom(undefined, 'api_error', 'invalid_request_error', 'idempotency_error'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(shape, (error) => {
        const outcome = outcomeOfStripeError(error);
        const final = outcome.kind === 'refused' && !outcome.retryable;
        if (final) expect([400, 402, 404]).toContain(error.statusCode);
      }),
    );
  });
});
