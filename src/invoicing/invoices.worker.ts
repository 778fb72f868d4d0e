import { Injectable, type OnModuleInit } from '@nestjs/common';
import { batchApproved } from '../batches/index.js';
import { systemActor, type Actor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { Gathering } from '../platform/gathering.js';
import { newId } from '../platform/ids.js';
import { Jobs } from '../platform/jobs.js';
import { findDueBeside, findUnfinished } from './invoice-draft.queries.js';
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

const LOT_MOST = 50;
/** More than jobs run at a time in a process. */
const WAITING_MOST = 1_000;

/**
 * Makes the documents of approved batches in the background, in lots: a job takes along what is due of the same commissioner,
 * and the jobs of those then find nothing left to do.
 */
@Injectable()
export class InvoicesWorker implements OnModuleInit {
  private readonly gathering = new Gathering<TopicData, void>({
    most: LOT_MOST,
    waitingMost: WAITING_MOST,
    run: (lot) => this.makeLot(lot),
  });

  constructor(
    private readonly jobs: Jobs,
    private readonly database: Database,
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
  make(data: TopicData): Promise<void> {
    return this.gathering.join(data.commissionerId, data);
  }

  private async makeLot(lot: readonly TopicData[]): Promise<PromiseSettledResult<void>[]> {
    const actor = systemActor(lot[0]?.commissionerId ?? '', newId());
    const ids = [...new Set(lot.map(({ id }) => id))];
    try {
      await this.makeAll(actor, ids, true);
      return lot.map(() => ({ status: 'fulfilled', value: undefined }));
    } catch {
      // One of them cannot be made: alone, the others can, and what is wrong is said of the one that it is about.
      const outcomes: PromiseSettledResult<void>[] = [];
      for (const { id } of lot) outcomes.push(...(await Promise.allSettled([this.makeAll(actor, [id], false)])));
      return outcomes;
    }
  }

  private async makeAll(actor: Actor, ids: readonly string[], takesAlong: boolean): Promise<void> {
    const all = await this.database.read(actor, async (reader) => {
      const open = await findUnfinished(reader, actor.orgId, ids);
      const most = takesAlong && open.length > 0 ? LOT_MOST - open.length : 0;
      return most > 0 ? [...open, ...(await findDueBeside(reader, actor.orgId, open, most))] : open;
    });
    if (all.length === 0) return;
    await this.drafting.draft(actor, all);
    await this.issuing.issue(actor, await this.issuing.drafts(actor, all));
  }
}
