import { Injectable } from '@nestjs/common';
import { ClaimsService } from '../delivery/index.js';
import { bindText, Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { assert } from '../platform/errors.js';
import { Batch } from './batch.entity.js';
import { committedOf } from './batch.rules.js';
import { heldClaims } from './batches.queries.js';
import { BatchesService, budgetTransfer, keptSummaryOf, type BatchSummary } from './batches.service.js';

/** Rejects whole batches, under the lock of their contract. */
@Injectable()
export class BatchReviewService {
  constructor(
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
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
    const spec = { name: 'batch.reject', commissionerId: actor.orgId, subjectId: batchId };
    const answer = await this.commands.run(actor, spec, async (tx) => {
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
      const occurredAt = this.clock.now();
      const { text, salt, commitment } = bindText(reason);
      const because = { rejectReason: text, rejectReasonSalt: salt };
      const decision = { state: 'rejected' as const, ...because, uncommittedMinor: 0n };
      const decided = { ...decision, decidedBy: actor.memberId, decidedAt: occurredAt };
      const { affected } = await tx.update(Batch, { commissionerId, id: batchId, state: 'submitted' }, decided);
      assert(affected === 1, 'a batch is decided once, under its lock');
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
}
