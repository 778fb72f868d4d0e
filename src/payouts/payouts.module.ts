import { Module, type OnModuleInit } from '@nestjs/common';
import { registerInvariant } from '../ledger/index.js';
import { AdvanceRecoveries } from './advance-recoveries.service.js';
import { ADVANCE_INVARIANTS } from './advance-state.queries.js';
import { AdvancesController } from './advances.controller.js';
import { AdvancesService } from './advances.service.js';
import { FundsController } from './funds.controller.js';
import { FundsService } from './funds.service.js';
import { OutsidePaymentList } from './outside-payment-list.service.js';
import { OutsidePaymentsController } from './outside-payments.controller.js';
import { OutsidePaymentsService } from './outside-payments.service.js';
import { PaymentRunsController } from './payment-runs.controller.js';
import { PaymentRunsService } from './payment-runs.service.js';
import { PayoutAccountChangesController } from './payout-account-changes.controller.js';
import { PayoutAccountChangesService } from './payout-account-changes.service.js';
import { PayoutAccountChangesWorker } from './payout-account-changes.worker.js';
import { PayoutAccountStates } from './payout-account-states.service.js';
import { PayoutAccountsController } from './payout-accounts.controller.js';
import { PayoutAccountsService } from './payout-accounts.service.js';
import { PayoutBooks } from './payout-books.service.js';
import { PayoutCaller } from './payout-caller.service.js';
import { PayoutFigures } from './payout-figures.service.js';
import { PAYOUT_INVARIANTS } from './payout-invariants.queries.js';
import { PayoutObserver } from './payout-observer.service.js';
import { PayoutRecorder } from './payout-recorder.service.js';
import { PayoutStarter } from './payout-starter.service.js';
import { PayoutWorker } from './payout.worker.js';
import { PayoutsController } from './payouts.controller.js';
import { PayoutsService } from './payouts.service.js';
import { RailCredentials } from './rail-credentials.service.js';
import { RailReadings } from './rail-readings.service.js';
import { RemittancesService } from './remittances.service.js';
import { registerTreasuryState } from './treasury-state.queries.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  controllers: [
    PayoutAccountsController,
    PayoutAccountChangesController,
    FundsController,
    PaymentRunsController,
    PayoutsController,
    OutsidePaymentsController,
    WebhooksController,
    AdvancesController,
  ],
  providers: [
    RailCredentials,
    PayoutAccountStates,
    PayoutAccountsService,
    PayoutAccountChangesService,
    PayoutAccountChangesWorker,
    FundsService,
    PayoutBooks,
    PayoutObserver,
    PayoutCaller,
    PayoutRecorder,
    RailReadings,
    AdvanceRecoveries,
    AdvancesService,
    PayoutStarter,
    PayoutWorker,
    PayoutFigures,
    PaymentRunsService,
    PayoutsService,
    OutsidePaymentsService,
    OutsidePaymentList,
    RemittancesService,
    WebhooksService,
  ],
  exports: [
    AdvancesService,
    RailCredentials,
    PayoutAccountsService,
    PayoutAccountChangesService,
    FundsService,
    PaymentRunsService,
    PayoutsService,
    OutsidePaymentsService,
    OutsidePaymentList,
    RemittancesService,
    WebhooksService,
  ],
})
export class PayoutsModule implements OnModuleInit {
  onModuleInit(): void {
    for (const invariant of [...PAYOUT_INVARIANTS, ...ADVANCE_INVARIANTS]) registerInvariant(invariant);
    registerTreasuryState();
  }
}
