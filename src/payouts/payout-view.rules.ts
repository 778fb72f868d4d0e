import type { PayoutAttempt } from './payout-attempt.entity.js';
import type { Payout } from './payout.entity.js';

/** A payout as it is answered: the same for the two who see it. */
export function payoutViewOf(payout: Payout, sandbox: boolean) {
  const { id, reference, commissionerId, providerId, runId, rail, amountMinor, state, reasonCode } = payout;
  const { outsideReference, outsidePaidOn, confirmedBy } = payout;
  const isEntered = outsideReference !== null && outsidePaidOn !== null;
  return {
    id,
    reference,
    commissionerId,
    providerId,
    runId,
    rail,
    amountMinor,
    state,
    reasonCode,
    transferId: payout.transferId,
    bankPayoutId: payout.bankPayoutId,
    outside: isEntered ? { reference: outsideReference, paidOn: outsidePaidOn, confirmed: confirmedBy !== null } : null,
    hasRemittance: payout.remittanceId !== null,
    requestedAt: payout.requestedAt,
    sentAt: payout.sentAt,
    settledAt: payout.settledAt,
    failedAt: payout.failedAt,
    sandbox,
  };
}

/** One order to the rail, as the commissioner sees it. */
export function attemptViewOf(attempt: PayoutAttempt) {
  const { commissionerId: _commissionerId, payoutId: _payoutId, providerId: _providerId, ...shown } = attempt;
  return { ...shown, requestSha256: attempt.requestSha256.toString('hex') };
}
