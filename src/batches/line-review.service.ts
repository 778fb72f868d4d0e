import { Injectable } from '@nestjs/common';
import { ClaimsService } from '../delivery/index.js';
import { bindText, Commands, LedgerService } from '../ledger/index.js';
import { sumMinor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { ContractsService } from '../pricing/index.js';
import type { Batch } from './batch.entity.js';
import { committedOf, irrecoverableVat, releaseTo } from './batch.rules.js';
import { batchDecided, lineNotHeld } from './batches.errors.js';
import { heldClaims, pricingNow, storeSums, type HeldClaim } from './batches.queries.js';
import { BatchesService, budgetTransfer, keptSummaryOf, type BatchSummary } from './batches.service.js';
import { ClaimQuery } from './claim-query.entity.js';

/** Closes what was asked about a claim in a batch, if it waits. $1 commissioner, $2 batch, $3 claim, $4 when. */
const CLOSE_QUERY = `
update claim_query set closed_at = $4
where commissioner_id = $1 and batch_id = $2 and claim_id = $3 and answered_at is null and closed_at is null`;

/** A line that has just left its batch, and why. */
interface LineDecision {
  readonly type: 'claim.queried' | 'claim.rejected';
  readonly claimId: string;
  readonly occurredAt: Date;
  /** Commitments to what was said. */
  readonly words: Record<string, string>;
}

/** What is decided about one line, under the lock of its contract: the line leaves the batch, and the rest goes on. */
@Injectable()
export class LineReviewService {
  constructor(
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly claims: ClaimsService,
    private readonly batches: BatchesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks the provider about a line, which leaves the batch and waits; the rest goes on.
   *
   * @throws not_found, batch.decided, batch.line_not_held
   */
  async query(actor: Actor, batchId: string, claimId: string, question: string): Promise<BatchSummary> {
    const answer = await this.commands.run(
      actor,
      { name: 'claim.query', commissionerId: actor.orgId, subjectId: claimId },
      async (tx) => {
        const batch = await this.batches.lockUnderReview(tx, batchId);
        await this.requireHeld(tx, batch, claimId);
        const [released] = await this.claims.release(tx, batch.commissionerId, [claimId], 'queried');
        assert(released === claimId, 'a held claim can be released');
        const askedAt = this.clock.now();
        const { text, salt, commitment } = bindText(question);
        const asked = { question: text, questionSalt: salt, askedBy: actor.memberId, askedAt };
        const query = { id: newId(), claimId, batchId, ...asked };
        const { commissionerId, providerId } = batch;
        await tx.insert(ClaimQuery, { ...query, commissionerId, providerId });
        const words = { queryId: query.id, questionCommitment: commitment };
        return this.withoutLine(tx, actor, batch, { type: 'claim.queried', claimId, occurredAt: askedAt, words });
      },
    );
    return this.batches.inWords(actor, answer);
  }

  /**
   * Rejects a line of the batch, or one that was queried from it and waits. Its earning fact can be claimed again.
   *
   * @throws not_found, batch.decided, batch.line_not_held
   */
  async reject(actor: Actor, batchId: string, claimId: string, reason: string): Promise<BatchSummary> {
    const answer = await this.commands.run(
      actor,
      { name: 'claim.reject', commissionerId: actor.orgId, subjectId: claimId },
      async (tx) => {
        const bound = bindText(reason);
        const words = { reasonCommitment: bound.commitment };
        const occurredAt = this.clock.now();
        const batch = await this.batches.lock(tx, batchId);
        const closed = await tx.execute(CLOSE_QUERY, [batch.commissionerId, batchId, claimId, occurredAt]);
        if (closed === 0) {
          if (batch.state !== 'submitted') throw batchDecided({ state: batch.state });
          await this.requireHeld(tx, batch, claimId);
        }
        const isRejected = await this.claims.reject(tx, batch.commissionerId, claimId, bound);
        assert(isRejected, 'a held or queried claim can be rejected');
        if (closed === 0)
          return this.withoutLine(tx, actor, batch, { type: 'claim.rejected', claimId, occurredAt, words });
        const { commissionerId, providerId } = batch;
        await this.ledger.record(tx, {
          type: 'claim.rejected',
          commissionerId,
          subjectId: claimId,
          actor,
          providerId,
          occurredAt,
          data: { batchId, ...words },
        });
        return keptSummaryOf(batch);
      },
    );
    return this.batches.inWords(actor, answer);
  }

  private async requireHeld(tx: Tx, batch: Batch, claimId: string): Promise<void> {
    const [held] = await tx.query('select 1 from claim where commissioner_id = $1 and id = $2 and batch_id = $3', [
      batch.commissionerId,
      claimId,
      batch.id,
    ]);
    if (!held) throw lineNotHeld({ claimId });
  }

  /** Makes the batch smaller by a line that has just left it, and gives the budget back what it does not need. */
  private async withoutLine(tx: Tx, actor: Actor, batch: Batch, decision: LineDecision): Promise<BatchSummary> {
    const { commissionerId, id, providerId } = batch;
    const { type, claimId, occurredAt, words } = decision;
    const held = await heldClaims(tx, batch);
    const vatMinor = await this.irrecoverableVatOf(tx, batch, held);
    const totalMinor = sumMinor(held.map(({ netMinor }) => netMinor));
    const { uncommittedMinor } = batch;
    const before = { committedMinor: committedOf(batch), uncommittedMinor };
    const after = releaseTo(totalMinor + vatMinor, before);
    await storeSums(tx, batch, vatMinor, after.uncommittedMinor);
    const smaller = await this.batches.get(tx, id);
    const { lineCount, chargeCount, indicativeMinor, uncommittedMinor: lacking } = smaller;
    await this.ledger.post(tx, {
      event: {
        type,
        commissionerId,
        subjectId: claimId,
        actor,
        providerId,
        causeId: batch.eventId,
        occurredAt,
        data: {
          batchId: id,
          lineCount,
          chargeCount,
          totalMinor,
          vatMinor,
          indicativeMinor,
          uncommittedMinor: lacking,
          digest: smaller.digest.toString('hex'),
          pricingSha256: await pricingNow(tx, batch),
          priced: await this.claims.pricedData(tx, commissionerId, claimId),
          ...words,
        },
      },
      transfers: [{ ...budgetTransfer(batch, 'committed', 'budget', after.releasedMinor), claimId }],
    });
    return keptSummaryOf(smaller);
  }

  private async irrecoverableVatOf(tx: Tx, batch: Batch, held: readonly HeldClaim[]): Promise<bigint> {
    const contract = await this.batches.termsOf(tx, batch);
    if (contract.vatRecoverable) return 0n;
    const vatOn = await this.contracts.vatOf(tx, contract);
    const lines = held.map(({ netMinor, serviceId, servedOn }) => ({ netMinor, vat: vatOn(serviceId, servedOn) }));
    return irrecoverableVat(false, lines);
  }
}
