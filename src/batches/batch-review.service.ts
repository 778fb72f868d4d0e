import { Injectable } from '@nestjs/common';
import { ClaimsService } from '../delivery/index.js';
import { accounts, bindText, type BoundText, Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert, type ErrorFactory } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { ContractsService } from '../pricing/index.js';
import { Batch } from './batch.entity.js';
import { readLines, type BatchLine } from './batch-line.queries.js';
import { committedOf, shortfallOf, whyNotApprove, type ApprovalRefusal } from './batch.rules.js';
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
import { digestNow, heldClaims, pricingNow, type HeldClaim } from './batches.queries.js';
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

const FLAGGED_MAX = 500;

const REFUSALS: Record<ApprovalRefusal['code'], ErrorFactory> = {
  decided: batchDecided,
  own: batchOwn,
  changed: batchChanged,
  empty: batchEmpty,
  above_limit: batchAboveLimit,
  flagged: batchFlagged,
};

/** What is decided about a whole batch, under the lock of its contract. */
@Injectable()
export class BatchReviewService {
  constructor(
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly claims: ClaimsService,
    private readonly batches: BatchesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Rejects the whole batch. Its lines are open again and go, with new prices, into the next one.
   *
   * @throws not_found, batch.decided
   */
  async reject(actor: Actor, batchId: string, reason: string): Promise<BatchSummary> {
    const answer = await this.commands.run(actor, specOf('batch.reject', actor, batchId), async (tx) => {
      const batch = await this.batches.lockUnderReview(tx, batchId);
      const { commissionerId, providerId, contractId, lineCount, totalMinor, digest } = batch;
      const held = await heldClaims(tx, batch);
      const released = await this.claims.release(
        tx,
        commissionerId,
        held.map(({ claimId }) => claimId),
        'submitted',
      );
      assert(released.length === lineCount, 'every line of a batch is released');
      const { text, salt, commitment } = bindText(reason);
      const because = { rejectReason: text, rejectReasonSalt: salt };
      const decision = { state: 'rejected' as const, ...because, uncommittedMinor: 0n };
      const occurredAt = await this.decide(tx, actor, batch, decision);
      await this.ledger.post(tx, {
        event: {
          type: 'batch.rejected',
          commissionerId,
          subjectId: batchId,
          actor,
          providerId,
          causeId: batch.eventId,
          occurredAt,
          data: {
            contractId,
            lineCount,
            totalMinor,
            digest: digest.toString('hex'),
            reasonCommitment: commitment,
          },
        },
        transfers: [budgetTransfer(batch, 'committed', 'budget', committedOf(batch))],
      });
      return keptSummaryOf(await this.batches.get(tx, batchId));
    });
    return this.batches.inWords(actor, answer);
  }

  /**
   * Approves a batch as it was reviewed: from here its total is owed. Of several who approve at once one succeeds.
   *
   * @throws not_found, batch.decided, batch.own, batch.changed_since_review, batch.empty, batch.above_limit
   * @throws batch.flagged_lines, batch.over_budget when the budget still lacks what it lacked at submission
   */
  async approve(actor: Actor, batchId: string, { digest, flagsReason }: Approval): Promise<ApprovedBatch> {
    const answer = await this.commands.run(actor, specOf('batch.approve', actor, batchId), async (tx) => {
      const batch = await this.batches.lock(tx, batchId);
      const held = await heldClaims(tx, batch);
      const flaggedCount = held.filter(({ flagged }) => flagged).length;
      const refusal = whyNotApprove({ ...summaryOf(batch), digest: await digestNow(tx, batch), flaggedCount }, actor, {
        digest,
        acceptsFlagged: flagsReason !== undefined,
      });
      if (refusal) throw REFUSALS[refusal.code](refusal.figures);
      await this.refuseBeyondBudget(tx, batch);
      const because = flaggedCount > 0 && flagsReason !== undefined ? bindText(flagsReason) : undefined;
      const eventId = newId();
      const occurredAt = await this.decide(tx, actor, batch, {
        state: 'approved' as const,
        approvedEventId: eventId,
        uncommittedMinor: 0n,
        flagsReason: because?.text ?? null,
        flagsReasonSalt: because?.salt ?? null,
      });
      await this.postApproval(tx, actor, { batch, held, flaggedCount, because, eventId, occurredAt });
      const { commissionerId } = batch;
      await emit(tx, actor.orgId, batchApproved, { commissionerId, id: batchId });
      const flaggedLines = await readLines(tx, batchId, { limit: FLAGGED_MAX, flaggedOnly: true });
      return { ...keptSummaryOf(await this.batches.get(tx, batchId)), flaggedLines };
    });
    return this.batches.inWords(actor, answer);
  }

  private async postApproval(
    tx: Tx,
    actor: Actor,
    approval: {
      batch: Batch;
      held: readonly HeldClaim[];
      flaggedCount: number;
      because: BoundText | undefined;
      eventId: string;
      occurredAt: Date;
    },
  ): Promise<void> {
    const { batch, held, flaggedCount, because, eventId, occurredAt } = approval;
    const { commissionerId, id, providerId, contractId, lineCount, chargeCount } = batch;
    const { totalMinor, vatMinor, indicativeMinor } = batch;
    await this.ledger.post(tx, {
      event: {
        id: eventId,
        type: 'batch.approved',
        commissionerId,
        subjectId: id,
        actor,
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
          pricingSha256: await pricingNow(tx, batch),
          flaggedCount,
          flagsReasonCommitment: because?.commitment ?? null,
        },
      },
      transfers: [
        ...held.map(({ claimId, netMinor }) => ({
          debit: accounts.activity(),
          credit: accounts.accrued(providerId, contractId),
          amountMinor: netMinor,
          claimId,
        })),
        budgetTransfer(batch, 'budget', 'committed', batch.uncommittedMinor),
        budgetTransfer(batch, 'committed', 'spent', totalMinor + vatMinor),
      ],
    });
  }

  /** A batch that was submitted over the budget waits until the budget is raised: see docs/decisions/0008. */
  private async refuseBeyondBudget(tx: Tx, { contractId, uncommittedMinor }: Batch): Promise<void> {
    if (uncommittedMinor === 0n) return;
    const shortfall = shortfallOf(uncommittedMinor, await this.contracts.budgetLeft(tx, contractId));
    if (shortfall) throw batchOverBudget({ ...shortfall });
  }

  private async decide(
    tx: Tx,
    actor: Actor,
    { commissionerId, id }: Batch,
    decision: Pick<Batch, 'state' | 'uncommittedMinor'> & Partial<Batch>,
  ): Promise<Date> {
    const decided = { ...decision, decidedBy: actor.memberId, decidedAt: this.clock.now() };
    const { affected } = await tx.update(Batch, { commissionerId, id, state: 'submitted' }, decided);
    assert(affected === 1, 'a batch is decided once, under its lock');
    return decided.decidedAt;
  }
}

function specOf(name: string, actor: Actor, subjectId: string) {
  return { name, commissionerId: actor.orgId, subjectId };
}
