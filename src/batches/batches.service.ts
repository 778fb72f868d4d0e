import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { accounts, type NewTransfer } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { ContractsService, type ContractInForce } from '../pricing/index.js';
import { Batch } from './batch.entity.js';
import { readLines, type BatchLine } from './batch-line.queries.js';
import { lastDayOf, type BatchState } from './batch.rules.js';
import { batchDecided } from './batches.errors.js';

export interface BatchFilter extends PageQuery {
  readonly state?: BatchState | undefined;
  readonly providerId?: string | undefined;
  readonly contractId?: string | undefined;
  /** The first day of the month. */
  readonly period?: IsoDate | undefined;
}

/** A batch as plain data, with its digest in lower-case hexadecimal. */
export interface BatchSummary extends Omit<Batch, 'digest'> {
  readonly digest: string;
}

/** A batch with what its reviewer asks first. */
export interface BatchDetail extends BatchSummary {
  readonly contractCode: string;
  readonly flaggedCount: number;
  readonly earlierPeriodCount: number;
  readonly openQueryCount: number;
  readonly budgetLeftMinor: bigint;
  readonly purchaseOrderLeftMinor: bigint | null;
}

/** $1 batch. */
const COUNTS = `
select (select count(*)::int from claim c where c.batch_id = b.id and cardinality(c.flags) > 0) as "flaggedCount",
       (select count(*)::int from claim c where c.batch_id = b.id and c.for_period < b.period) as "earlierPeriodCount",
       (select count(*)::int from claim_query q
        where q.batch_id = b.id and q.answered_at is null and q.closed_at is null) as "openQueryCount"
from batch b where b.id = $1`;

/** Batches to read, and to hold still while something is decided or made of them. */
@Injectable()
export class BatchesService {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
  ) {}

  /** @throws not_found */
  async get(reader: Reader, id: string): Promise<Batch> {
    const batch = await reader.findOneBy(Batch, { id });
    if (!batch) throw notFound();
    return batch;
  }

  /**
   * Locks the contract of a batch and then the batch, until `tx` ends: in this order everywhere.
   *
   * @throws not_found
   */
  async lock(tx: Tx, id: string): Promise<Batch> {
    const { contractId } = await this.get(tx, id);
    await this.contracts.lockContract(tx, contractId);
    const batch = await tx.findOne(Batch, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!batch) throw notFound();
    return batch;
  }

  /**
   * Locks a batch that waits for a decision.
   *
   * @throws not_found, batch.decided
   */
  async lockUnderReview(tx: Tx, id: string): Promise<Batch> {
    const batch = await this.lock(tx, id);
    if (batch.state !== 'submitted') throw batchDecided({ state: batch.state });
    return batch;
  }

  /** The contract with the terms that govern the batch: those of the last day of its month. */
  termsOf(reader: Reader, batch: Pick<Batch, 'contractId' | 'period'>): Promise<ContractInForce> {
    return this.contracts.get(reader, batch.contractId, lastDayOf(batch.period));
  }

  /** Batches, the latest first. */
  list(actor: Actor, filter: BatchFilter): Promise<Page<BatchSummary>> {
    const { limit, after, state, providerId, contractId, period } = filter;
    const where = {
      ...(after !== undefined && { id: LessThan(after) }),
      ...(state !== undefined && { state }),
      ...(providerId !== undefined && { providerId }),
      ...(contractId !== undefined && { contractId }),
      ...(period !== undefined && { period }),
    };
    return this.database.read(actor, async (reader) => {
      const batches = await reader.find(Batch, { where, order: { id: 'DESC' }, take: limit + 1 });
      return pageOf(batches.map(summaryOf), limit);
    });
  }

  /** @throws not_found */
  detail(actor: Actor, id: string): Promise<BatchDetail> {
    return this.database.read(actor, async (reader) => {
      const batch = await this.get(reader, id);
      const contract = await this.termsOf(reader, batch);
      const [counts] = await reader.query<Omit<BatchDetail, keyof Batch>>(COUNTS, [id]);
      const order = await this.orderOf(reader, batch);
      return {
        ...summaryOf(batch),
        flaggedCount: counts?.flaggedCount ?? 0,
        earlierPeriodCount: counts?.earlierPeriodCount ?? 0,
        openQueryCount: counts?.openQueryCount ?? 0,
        contractCode: contract.code,
        budgetLeftMinor: await this.contracts.budgetLeft(reader, batch.contractId),
        purchaseOrderLeftMinor: order,
      };
    });
  }

  /**
   * The lines of a batch, flagged ones first. The provider sees its own batches.
   *
   * @throws not_found
   */
  lines(actor: Actor, id: string, { limit, after }: PageQuery): Promise<Page<BatchLine>> {
    return this.database.read(actor, async (reader) => {
      await this.get(reader, id);
      const lines = await readLines(reader, id, { limit: limit + 1, after });
      const items = lines.slice(0, limit);
      return { items, next: lines.length > limit ? (items.at(-1)?.claimId ?? null) : null };
    });
  }

  private async orderOf(reader: Reader, batch: Batch): Promise<bigint | null> {
    const [order] =
      batch.purchaseOrderNumber === null
        ? []
        : await reader.query<{ startsOn: IsoDate }>(
            `select starts_on as "startsOn" from purchase_order where contract_id = $1 and number = $2
             order by version desc limit 1`,
            [batch.contractId, batch.purchaseOrderNumber],
          );
    return order ? this.contracts.purchaseOrderLeft(reader, batch.contractId, order.startsOn) : null;
  }
}

export function summaryOf(batch: Batch): BatchSummary {
  const { digest, ...columns } = batch;
  return { ...columns, digest: digest.toString('hex') };
}

/** Moves budget of the contract of a batch from one of its accounts to another. */
export function budgetTransfer(
  { providerId, contractId }: Batch,
  debit: 'budget' | 'committed',
  credit: 'budget' | 'committed' | 'spent',
  amountMinor: bigint,
): NewTransfer {
  return {
    debit: accounts[debit](providerId, contractId),
    credit: accounts[credit](providerId, contractId),
    amountMinor,
  };
}
