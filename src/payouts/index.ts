import { Advance, AdvanceRecovery, PayoutAdvance } from './advance.entity.js';
import { Payout } from './payout.entity.js';
import { PayoutAccount } from './payout-account.entity.js';
import { PayoutAccountChange } from './payout-account-change.entity.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import { PayoutItem } from './payout-item.entity.js';

export { PayoutsModule } from './payouts.module.js';
export { AdvancesService, type AdvanceDetail, type AdvanceNow } from './advances.service.js';
export { ProposeAdvance } from './advances.schemas.js';
export { ADVANCE_REASONS, ADVANCE_STANDINGS, type AdvanceStanding } from './advance.rules.js';
export { PayoutsService, type PaymentOfInvoice, type PayoutDetail } from './payouts.service.js';
export { PaymentRunsService, type PayablePreview, type PaymentRunDetail } from './payment-runs.service.js';
export { payableSums } from './payable.rules.js';
export { RUN_STATES, type RunProgress, type RunState } from './payment-run.rules.js';
export { OutsidePaymentList, type OutsidePaymentDue } from './outside-payment-list.service.js';
export { outsideStepOf, type OutsideStep } from './outside-payment.rules.js';
export { OutsidePaymentsService, type OutsideFileResult } from './outside-payments.service.js';
export { RemittancesService } from './remittances.service.js';
export { WebhooksService, type StoredNotice } from './webhooks.service.js';
export { PayoutAccountsService, type AccountToOpen, type PaymentObstacle } from './payout-accounts.service.js';
export { PAYEE_ROLES, PayoutAccountChangesService } from './payout-account-changes.service.js';
export { FundsService } from './funds.service.js';
export { RailCredentials } from './rail-credentials.service.js';
export {
  accountChangeApplied,
  accountChangeCancelled,
  accountChangeConfirmed,
  accountChangeProposed,
  payoutFailed,
  payoutPaid,
  payoutReturned,
} from './payouts.events.js';
export { PAYOUT_STATES, type PayoutState } from './payout-state.rules.js';
export { type Payout, type PayoutRailKind } from './payout.entity.js';
export { type PayoutAccount, type PayoutAccountState } from './payout-account.entity.js';
export {
  type PayoutAccountChange,
  type PayoutAccountChangeKind,
  type PayoutAccountChangeState,
} from './payout-account-change.entity.js';
export { readDestination, type Destination } from './payout-account-changes.queries.js';
export {
  changeAsSeenBy,
  HOLD_MS,
  isOpen as isChangeOpen,
  linkUntilOf,
  purposeOfLink,
  whyNotConfirm,
} from './payout-account-change.rules.js';
export { accountAsSeenBy, whyNotPayInto, type WaitReason } from './payout-account.rules.js';
export { OpenPayoutAccount } from './payout-accounts.schemas.js';
export { ProposePayoutAccountChange } from './payout-account-changes.schemas.js';
export type { PayoutRail } from './rail.js';

export const PAYOUT_ENTITIES = [
  PayoutAccount,
  PayoutAccountChange,
  Payout,
  PayoutAttempt,
  PayoutItem,
  Advance,
  PayoutAdvance,
  AdvanceRecovery,
];
