import { Module } from '@nestjs/common';
import { AssuranceModule } from '../../assurance/index.js';
import { InsightsModule } from '../../insights/index.js';
import { InvoicingModule } from '../../invoicing/index.js';
import { PayoutsModule } from '../../payouts/index.js';
import { AccountChangePages } from './account-changes.pages.js';
import { AccountViews } from './account-views.service.js';
import { AgreementPages } from './agreements.pages.js';
import { InvoicePages } from './invoices.pages.js';
import { MoneyPages } from './money.pages.js';
import { PayoutAccountPages } from './payout-accounts.pages.js';
import { PayoutPages } from './payouts.pages.js';

/** What a provider is owed and paid, and where; its documents, which the commissioner sees too. */
@Module({
  imports: [AssuranceModule, InsightsModule, InvoicingModule, PayoutsModule],
  controllers: [MoneyPages, InvoicePages, PayoutPages, AccountChangePages, PayoutAccountPages, AgreementPages],
  providers: [AccountViews],
})
export class TreasuryPagesModule {}
