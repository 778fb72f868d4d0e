import { Payout } from './payout.entity.js';
import { PayoutAccount } from './payout-account.entity.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import { PayoutItem } from './payout-item.entity.js';

export { PayoutsModule } from './payouts.module.js';
export { PayoutsService, type PayoutDetail } from './payouts.service.js';
export { PaymentRunsService, type PayablePreview } from './payment-runs.service.js';
export { PayoutAccountsService } from './payout-accounts.service.js';
export { FundsService } from './funds.service.js';
export { RailCredentials } from './rail-credentials.service.js';
export { payoutFailed, payoutPaid, payoutReturned } from './payouts.events.js';
export { PAYOUT_STATES, type PayoutState } from './payout-state.rules.js';
export { type Payout, type PayoutRailKind } from './payout.entity.js';
export { type PayoutAccount, type PayoutAccountState } from './payout-account.entity.js';
export type { PayoutRail } from './rail.js';

export const PAYOUT_ENTITIES = [PayoutAccount, Payout, PayoutAttempt, PayoutItem];
