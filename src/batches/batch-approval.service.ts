import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  accounts,
  Apart,
  bindText,
  type BoundText,
  Commands,
  LedgerService,
  type Posting,
  type PromisedAnswer,
} from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert, type ErrorFactory } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { Gathering } from '../platform/gathering.js';
import { newId } from '../platform/ids.js';
import { collectPromised, promiseRecorded, type CommandRecord } from '../platform/receipts.js';
import { ContractsService } from '../pricing/index.js';
import { approveBatches, readApprovals, type BatchToPost } from './batch-approval.queries.js';
import type { Batch } from './batch.entity.js';
import { readLines, type BatchLine } from './batch-line.queries.js';
import { shortfallOf, whyNotApprove, type ApprovalRefusal } from './batch.rules.js';
import {
  batchAboveLimit,
  batchChanged,
  batchDecided,
  batchEmpty,
  batchFlagged,
  batchOverBudget,
  batchOwn,
} from './batches.errors.js';
import { batchApproved } from './batches.events.js';
import { BatchesService, budgetTransfer, keptSummaryOf, summaryOf, type BatchSummary } from './batches.service.js';

export interface Approval {
  /** Of the batch as it was reviewed, in lower-case hexadecimal. */
  readonly digest: string;
  /** Why flagged lines are approved as well. */
  readonly flagsReason?: string | undefined;
}

export interface ApprovedBatch extends BatchSummary {
  /** What was approved in spite of its flags, at most 500 of them. */
  readonly flaggedLines: readonly BatchLine[];
}

interface Sent {
  readonly actor: Actor;
  readonly batchId: string;
  readonly approval: Approval;
}

/** What became of a request, and what was recorded of it: a refusal, too. */
type Outcome = { readonly records: readonly CommandRecord[] } & (
  | { readonly answer: ApprovedBatch }
  | { readonly refused: unknown }
);

/** A batch that nothing stands against, with what is to be posted of it. */
interface Approvable {
  readonly sent: Sent;
  readonly batch: Batch;
  readonly toPost: BatchToPost;
  readonly eventId: string;
  /** Why flagged lines are approved as well. */
  readonly because: BoundText | undefined;
}

const FLAGGED_MAX = 500;
const TOGETHER_MOST = 40;
const WAITING_MOST = 1_000;
const COMMAND = 'batch.approve';

const REFUSALS: Record<ApprovalRefusal['code'], ErrorFactory> = {
  decided: batchDecided,
  own: batchOwn,
  changed: batchChanged,
  empty: batchEmpty,
  above_limit: batchAboveLimit,
  flagged: batchFlagged,
};

/**
 * Approves batches. Those that one approver sends while others of theirs are under way are approved together: one transaction,
 * one posting, one wait for the disk. Where anything stands against one of a lot, each of it is approved or refused alone: see
 * docs/decisions/0016.
 */
@Injectable()
export class BatchApprovalService implements BeforeApplicationShutdown {
  private readonly gathering = new Gathering<Sent, Outcome>({
    most: TOGETHER_MOST,
    waitingMost: WAITING_MOST,
    run: (sent) => this.approveLot(sent),
    keysOf: ({ batchId }) => [batchId],
  });

  constructor(
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly batches: BatchesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Approves a batch as it was reviewed: from here its total is owed. Of several who approve at once one succeeds.
   *
   * @throws not_found, batch.decided, batch.own, batch.changed_since_review, batch.empty, batch.above_limit
   * @throws batch.flagged_lines, batch.over_budget when the budget still lacks what it lacked at submission
   * @throws request.too_busy when more is waiting than can be approved soon
   */
  async approve(actor: Actor, batchId: string, approval: Approval): Promise<ApprovedBatch> {
    const lane = JSON.stringify([actor.orgId, actor.memberId, actor.keyId]);
    const outcome = await this.gathering.join(lane, { actor, batchId, approval });
    promiseRecorded(outcome.records);
    if ('refused' in outcome) throw outcome.refused;
    const { answer } = outcome;
    // What people wrote is not kept with the answer: it must be able to go.
    return answer.flaggedLines.length > 0 ? this.batches.inWords(actor, answer) : answer;
  }

  /** Approves what waits before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.gathering.drain();
  }

  private async approveLot(sent: readonly Sent[]): Promise<PromiseSettledResult<Outcome>[]> {
    const together = sent.length > 1 ? await this.approveTogether(sent) : undefined;
    if (together) return together.map((value) => ({ status: 'fulfilled', value }));
    const outcomes: PromiseSettledResult<Outcome>[] = [];
    for (const one of sent) outcomes.push({ status: 'fulfilled', value: await this.approveAlone(one) });
    return outcomes;
  }

  /** Undefined when something stands against one of them. */
  private approveTogether(sent: readonly Sent[]): Promise<readonly PromisedAnswer<ApprovedBatch>[] | undefined> {
    const [first] = sent;
    assert(first, 'a lot has a request');
    const places = new Map(sent.map(({ batchId }, index) => [batchId, index]));
    return this.commands.runTogether(
      sent.map(({ actor }) => actor),
      { name: COMMAND, commissionerId: first.actor.orgId },
      async (tx) => ({
        answers: await this.approveAll(tx, first.actor, sent),
        ownerOf: (subjectId) => places.get(subjectId),
      }),
    );
  }

  private async approveAlone(sent: Sent): Promise<Outcome> {
    const { actor, batchId } = sent;
    const records: CommandRecord[] = [];
    const spec = { name: COMMAND, commissionerId: actor.orgId, subjectId: batchId };
    const alone = () =>
      this.commands.run(actor, spec, async (tx) => {
        const [approved] = await this.approveAll(tx, actor, [sent]);
        assert(approved, 'one request has one answer');
        return approved;
      });
    try {
      return { answer: await collectPromised(records, alone), records };
    } catch (refused) {
      return { refused, records };
    }
  }

  /** Answers in the order of the requests, which are of one approver; all are approved, or the first refusal is thrown. */
  private async approveAll(tx: Tx, { orgId }: Actor, sent: readonly Sent[]): Promise<ApprovedBatch[]> {
    const ids = sent.map(({ batchId }) => batchId);
    const locked = await this.batches.lockAll(tx, ids);
    const toPost = await readApprovals(tx, orgId, ids);
    const approvable: Approvable[] = [];
    for (const one of sent) {
      const found = approvableOf(one, locked.get(one.batchId), toPost.get(one.batchId));
      if (found.batch.uncommittedMinor > 0n) await this.refuseBeyondBudget(tx, found.batch, sent.length);
      approvable.push(found);
    }
    const decidedAt = this.clock.now();
    const decided = approvable.map(({ batch, eventId, because }) => ({ id: batch.id, eventId, because }));
    await approveBatches(tx, { commissionerId: orgId, decidedBy: sent[0]?.actor.memberId ?? null, decidedAt }, decided);
    await this.ledger.postAll(
      tx,
      approvable.map((one) => postingOf(one, decidedAt)),
    );
    const topics = ids.map((id) => ({ commissionerId: orgId, id }));
    await emit(tx, orgId, batchApproved, topics);
    return this.answersOf(tx, approvable);
  }

  private async answersOf(tx: Tx, approvable: readonly Approvable[]): Promise<ApprovedBatch[]> {
    const approved = await this.batches.getAll(
      tx,
      approvable.map(({ batch }) => batch.id),
    );
    const answers: ApprovedBatch[] = [];
    for (const { batch, toPost } of approvable) {
      const { id } = batch;
      const isFlagged = toPost.flaggedCount > 0;
      const flaggedLines = isFlagged ? await readLines(tx, id, { limit: FLAGGED_MAX, flaggedOnly: true }) : [];
      const now = approved.get(id);
      assert(now, 'a batch that was approved is there');
      answers.push({ ...keptSummaryOf(now), flaggedLines });
    }
    return answers;
  }

  /**
   * A batch that was submitted over the budget waits until the budget is raised: see docs/decisions/0008. It is approved alone,
   * for what is left depends on what else is approved.
   */
  private async refuseBeyondBudget(tx: Tx, { contractId, uncommittedMinor }: Batch, lot: number): Promise<void> {
    if (lot > 1) throw new Apart();
    const shortfall = shortfallOf(uncommittedMinor, await this.contracts.budgetLeft(tx, contractId));
    if (shortfall) throw batchOverBudget({ ...shortfall });
  }
}

/** @throws whatever stands against this person's approval of the batch as they saw it */
function approvableOf(sent: Sent, batch: Batch | undefined, toPost: BatchToPost | undefined): Approvable {
  assert(batch && toPost, 'every batch of a lot was locked and read');
  const { actor, approval } = sent;
  const { digest, flaggedCount } = toPost;
  const refusal = whyNotApprove({ ...summaryOf(batch), digest, flaggedCount }, actor, {
    digest: approval.digest,
    acceptsFlagged: approval.flagsReason !== undefined,
  });
  if (refusal) throw REFUSALS[refusal.code](refusal.figures);
  const { flagsReason } = approval;
  const because = flaggedCount > 0 && flagsReason !== undefined ? bindText(flagsReason) : undefined;
  return { sent, batch, toPost, eventId: newId(), because };
}

function postingOf({ sent, batch, toPost, eventId, because }: Approvable, occurredAt: Date): Posting {
  const { commissionerId, id, providerId, contractId, lineCount, chargeCount } = batch;
  const { totalMinor, vatMinor, indicativeMinor } = batch;
  const [activity, accrued] = [accounts.activity(), accounts.accrued(providerId, contractId)];
  return {
    event: {
      id: eventId,
      type: 'batch.approved',
      commissionerId,
      subjectId: id,
      actor: sent.actor,
      providerId,
      causeId: batch.eventId,
      occurredAt,
      data: {
        contractId,
        lineCount,
        chargeCount,
        totalMinor,
        vatMinor,
        indicativeMinor,
        digest: batch.digest.toString('hex'),
        pricingSha256: toPost.pricing,
        flaggedCount: toPost.flaggedCount,
        flagsReasonCommitment: because?.commitment ?? null,
      },
    },
    transfers: [
      ...toPost.lines.map(({ claimId, netMinor }) => ({
        debit: activity,
        credit: accrued,
        amountMinor: netMinor,
        claimId,
      })),
      budgetTransfer(batch, 'budget', 'committed', batch.uncommittedMinor),
      budgetTransfer(batch, 'committed', 'spent', totalMinor + vatMinor),
    ],
  };
}
