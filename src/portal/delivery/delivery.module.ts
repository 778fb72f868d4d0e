import { Module } from '@nestjs/common';
import { BatchesModule } from '../../batches/index.js';
import { DeliveryModule } from '../../delivery/index.js';
import { SignInModule } from '../../sign-in/index.js';
import { ClaimDrafts } from './claim-drafts.service.js';
import { ClaimListPages } from './claim-list.pages.js';
import { ClaimMonthPages } from './claim-month.pages.js';
import { NewFactPages } from './claim-new-fact.pages.js';
import { NewClaimPages } from './claim-new.pages.js';
import { ClaimUploadPages } from './claim-upload.pages.js';
import { ClaimPages } from './claims.pages.js';
import { QueryPages } from './queries.pages.js';
import { SessionPages } from './sessions.pages.js';

/** The month of a coordinator: sessions, claims, files of claims, and questions about them. */
@Module({
  imports: [DeliveryModule, BatchesModule, SignInModule],
  controllers: [
    SessionPages,
    NewClaimPages,
    NewFactPages,
    ClaimListPages,
    ClaimUploadPages,
    ClaimMonthPages,
    ClaimPages,
    QueryPages,
  ],
  providers: [ClaimDrafts],
})
export class DeliveryPagesModule {}
