import { Module } from '@nestjs/common';
import { BatchesModule } from '../../batches/index.js';
import { BatchApprovalPages } from './batch-approval.pages.js';
import { BatchLinesPages } from './batch-lines.pages.js';
import { BatchListPages } from './batch-list.pages.js';
import { BatchMakingPages } from './batch-making.pages.js';
import { BatchReviewPages } from './batch-review.pages.js';

@Module({
  imports: [BatchesModule],
  controllers: [BatchListPages, BatchMakingPages, BatchReviewPages, BatchApprovalPages, BatchLinesPages],
})
export class BatchPagesModule {}
