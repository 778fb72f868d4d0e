import { Module, type OnModuleInit } from '@nestjs/common';
import { BatchesModule } from '../batches/index.js';
import { DeliveryModule } from '../delivery/index.js';
import { InvoiceAuthorityService } from './invoice-authority.service.js';
import { InvoiceChargesService } from './invoice-charges.service.js';
import { InvoiceDraftService } from './invoice-draft.service.js';
import { InvoiceIssuePlanner } from './invoice-issue-planner.service.js';
import { InvoiceIssueService } from './invoice-issue.service.js';
import { InvoicePress } from './invoice-press.service.js';
import { InvoicesController } from './invoices.controller.js';
import { InvoicesService } from './invoices.service.js';
import { InvoicesWorker } from './invoices.worker.js';
import { registerInvoiceInvariants } from './invariants.queries.js';
import { registerInvoiceState } from './invoice-state.queries.js';

@Module({
  imports: [DeliveryModule, BatchesModule],
  controllers: [InvoicesController],
  providers: [
    InvoicesService,
    InvoiceChargesService,
    InvoiceDraftService,
    InvoicePress,
    InvoiceIssuePlanner,
    InvoiceIssueService,
    InvoiceAuthorityService,
    InvoicesWorker,
  ],
  exports: [InvoicesService, InvoiceDraftService, InvoiceIssueService, InvoiceAuthorityService],
})
export class InvoicingModule implements OnModuleInit {
  onModuleInit(): void {
    registerInvoiceInvariants();
    registerInvoiceState();
  }
}
