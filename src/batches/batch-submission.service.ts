import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ClaimsService } from '../delivery/index.js';
import { accounts, Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { ContractsService } from '../pricing/index.js';
import { BatchCandidates, type BatchCandidate } from './batch-candidates.service.js';
import { Batch } from './batch.entity.js';
import { batchCode, firstDayOf, lastDayOf } from './batch.rules.js';
import { batchTooEarly, batchWithoutClaims } from './batches.errors.js';
import { batchesOfPeriod, contractsWithOpenClaims, pricingNow, storeSums } from './batches.queries.js';
import { BatchesService, summaryOf, type BatchSummary } from './batches.service.js';

/** Whose claims, and up to which month (`YYYY-MM`). */
export interface BatchRequest {
  readonly period: string;
  readonly providerId?: string | undefined;
  /** The code of one contract, in place of all contracts of a provider. */
  readonly contract?: string | undefined;
}

const UNDECIDED = {
  decidedBy: null,
  decidedAt: null,
  rejectReason: null,
  rejectReasonSalt: null,
  flagsReason: null,
  flagsReasonSalt: null,
  approvedEventId: null,
};

const NO_LINES = hash('sha256', '', 'buffer');

/** Puts claims to approval: fixes their prices and commits the budget, all under the lock of their contract. */
@Injectable()
export class BatchSubmissionService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly claims: ClaimsService,
    private readonly batches: BatchesService,
    private readonly candidates: BatchCandidates,
    private readonly clock: Clock,
  ) {}

  /**
   * Submits one batch for each contract concerned, or none of them.
   *
   * @throws batch.no_claims, batch.period_not_begun, batch.under_review, batch.over_budget
   * @throws purchase_order.missing, purchase_order.exceeded, vat_treatment.missing; each names the `contract`
   */
  submit(actor: Actor, request: BatchRequest): Promise<BatchSummary[]> {
    const spec = {
      name: 'batch.submit',
      commissionerId: actor.orgId,
      ...(request.providerId !== undefined && { subjectId: request.providerId }),
    };
    return this.commands.run(actor, spec, async (tx) => {
      const submitted: BatchSummary[] = [];
      for (const candidate of await this.candidatesOf(tx, actor, request)) {
        const [refusal] = candidate.refusals;
        if (refusal) throw refusal;
        submitted.push(await this.submitOne(tx, actor, candidate));
      }
      return submitted;
    });
  }

  /** The same without writing, with whatever stands against it. */
  preview(actor: Actor, request: BatchRequest): Promise<BatchCandidate[]> {
    return this.database.transaction(actor, (tx) => this.candidatesOf(tx, actor, request));
  }

  private async candidatesOf(tx: Tx, actor: Actor, request: BatchRequest): Promise<BatchCandidate[]> {
    const period = firstDayOf(request.period);
    if (period > this.clock.today()) throw batchTooEarly({ period: request.period });
    const candidates: BatchCandidate[] = [];
    for (const contractId of await this.contractsOf(tx, actor, request, period)) {
      const claims = await this.claims.lockForBatch(tx, { id: contractId }, period);
      if (claims.length > 0) candidates.push(await this.candidates.of(tx, contractId, period, claims));
    }
    if (candidates.length === 0) throw batchWithoutClaims({ period: request.period });
    return candidates;
  }

  private async contractsOf(tx: Tx, actor: Actor, request: BatchRequest, period: IsoDate): Promise<string[]> {
    if (request.contract === undefined) {
      return contractsWithOpenClaims(tx, actor.orgId, request.providerId ?? '', period);
    }
    const { id } = await this.contracts.getByCode(tx, request.contract, lastDayOf(period), actor.orgId);
    return [id];
  }

  private async submitOne(tx: Tx, actor: Actor, candidate: BatchCandidate): Promise<BatchSummary> {
    const { contract, period, claims, totalMinor, vatMinor, indicativeMinor, order, commitment } = candidate;
    const { commissionerId, providerId } = contract;
    const [id, eventId] = [newId(), newId()];
    const { count } = await batchesOfPeriod(tx, contract.id, period);
    const code = batchCode(contract.code, period, count + 1);
    const [purchaseOrderNumber, submittedAt] = [order?.number ?? null, this.clock.now()];
    await tx.insert(Batch, {
      commissionerId,
      id,
      providerId,
      contractId: contract.id,
      code,
      period,
      state: 'submitted' as const,
      lineCount: 0,
      chargeCount: 0,
      totalMinor: 0n,
      vatMinor: 0n,
      indicativeMinor: 0n,
      digest: NO_LINES,
      purchaseOrderNumber,
      uncommittedMinor: 0n,
      eventId,
      madeBy: actor.memberId,
      submittedAt,
      ...UNDECIDED,
    });
    await this.claims.fixPrices(tx, commissionerId, id, claims);
    await storeSums(tx, { commissionerId, id }, vatMinor, commitment.uncommittedMinor);
    const batch = await this.batches.get(tx, id);
    await this.ledger.post(tx, {
      event: {
        id: eventId,
        type: 'batch.submitted',
        commissionerId,
        subjectId: id,
        actor,
        providerId,
        occurredAt: submittedAt,
        data: {
          contractId: contract.id,
          contractVersion: contract.version,
          code,
          period,
          purchaseOrderNumber,
          lineCount: batch.lineCount,
          chargeCount: batch.chargeCount,
          totalMinor,
          vatMinor,
          indicativeMinor,
          ...commitment,
          digest: batch.digest.toString('hex'),
          pricingSha256: await pricingNow(tx, batch),
        },
      },
      transfers: [
        {
          debit: accounts.budget(providerId, contract.id),
          credit: accounts.committed(providerId, contract.id),
          amountMinor: commitment.committedMinor,
        },
      ],
    });
    return summaryOf(batch);
  }
}
