import { assertOutsideTransaction } from '../platform/database.js';

export interface NoticeEndpoint {
  /** The commissioner's label in the double. */
  readonly platform: string;
  readonly url: string;
  readonly secret: string;
}

const TIMEOUT_MS = 5_000;

/**
 * Tells the Stripe double where notices go, which at Stripe is done by hand. False when the double does not answer: ask
 * again later, since payouts are also read without notices.
 */
export async function askForNotices(doubleUrl: string, endpoint: NoticeEndpoint): Promise<boolean> {
  assertOutsideTransaction();
  try {
    const response = await fetch(`${doubleUrl}/_double/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(endpoint),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
