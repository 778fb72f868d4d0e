import { Module } from '@nestjs/common';
import { PayoutsModule } from '../../payouts/index.js';
import { AdvancePages } from './advances.pages.js';
import { AdvanceProposalPages } from './advance-proposal.pages.js';
import { AttentionQueue } from './attention-queue.service.js';
import { AttentionPages } from './attention.pages.js';
import { OutsidePaymentPages } from './outside-payments.pages.js';
import { PaymentRunPages } from './payment-runs.pages.js';
import { PaymentPages } from './payments.pages.js';

/** How a commissioner pays what it owes. */
@Module({
  imports: [PayoutsModule],
  controllers: [PaymentPages, PaymentRunPages, OutsidePaymentPages, AttentionPages, AdvancePages, AdvanceProposalPages],
  providers: [AttentionQueue],
})
export class FinancePagesModule {}
