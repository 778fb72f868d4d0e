import { Injectable, type OnModuleInit } from '@nestjs/common';
import { batchApproved } from '../batches/index.js';
import { systemActor } from '../platform/actor.js';
import type { TopicData } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { Jobs } from '../platform/jobs.js';
import { InvoiceDraftService } from './invoice-draft.service.js';
import { InvoiceIssueService } from './invoice-issue.service.js';
import { issueAuthorised } from './invoicing.events.js';

/**
 * Approved batches that charge something and have no document, and drafts that nothing is known to hold back. A draft that
 * waits for an agreement is looked at again: accepting one rings no bell.
 */
const DUE = `
select b.commissioner_id as "commissionerId", b.id from batch b
where b.state = 'approved' and b.charge_count > 0
  and not exists (select from invoice i where i.commissioner_id = b.commissioner_id and i.batch_id = b.id)
union
select i.commissioner_id, i.batch_id from invoice i
where i.state = 'draft' and (i.waits_for is null or i.waits_for = 'agreement' or i.issue_authorised_at is not null)
limit 500`;

/** Makes the documents of approved batches in the background. */
@Injectable()
export class InvoicesWorker implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly drafting: InvoiceDraftService,
    private readonly issuing: InvoiceIssueService,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'invoices.make',
      on: [batchApproved, issueAuthorised],
      due: (reader) => reader.query<{ commissionerId: string; id: string }>(DUE),
      run: (data) => this.make(data),
    });
  }

  /** Drafts what is missing of a batch and issues what may be issued; run twice or at the same time it does it once. */
  async make({ commissionerId, id: batchId }: TopicData): Promise<void> {
    const actor = systemActor(commissionerId, newId());
    await this.drafting.draft(actor, batchId);
    for (const id of await this.issuing.drafts(actor, batchId)) await this.issuing.issue(actor, id);
  }
}
