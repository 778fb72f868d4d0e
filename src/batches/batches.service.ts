import { Injectable } from '@nestjs/common';
import { In, LessThan } from 'typeorm';
import { accounts, type NewTransfer } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { ContractLookup, ContractsService, type ContractInForce } from '../pricing/index.js';
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
export interface BatchSummary extends Omit<Batch, 'digest' | 'rejectReasonSalt' | 'flagsReasonSalt'> {
  readonly digest: string;
}

/** Batches to read, and to hold still while something is decided or made of them. */
@Injectable()
export class BatchesService {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly lookup: ContractLookup,
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
   * Several batches of one commissioner, by id.
   *
   * @throws not_found when any of them is
   */
  async getAll(reader: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, Batch>> {
    return allOf(ids, await reader.find(Batch, { where: { id: In(ids) } }));
  }

  /**
   * Locks the contracts of several batches and then the batches, each in the order of ids, until `tx` ends.
   *
   * @throws not_found when any of them is
   */
  async lockAll(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Batch>> {
    const found = await this.getAll(tx, ids);
    await this.lookup.lockAll(
      tx,
      Array.from(found.values(), ({ contractId }) => contractId),
    );
    return this.holdAll(tx, ids);
  }

  /**
   * Locks several batches in the order of their ids, and not their contracts: for what is made of them once they are decided.
   *
   * @throws not_found when any of them is
   */
  async holdAll(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Batch>> {
    const where = { id: In(ids) };
    return allOf(ids, await tx.find(Batch, { where, order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } }));
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

  /** The answer of a command about a batch, with what people wrote of the batch as far as it is kept. */
  async inWords<Answer extends BatchSummary>(actor: Actor, answer: Answer): Promise<Answer> {
    const { rejectReason, flagsReason } = await this.database.read(actor, (reader) => this.get(reader, answer.id));
    return { ...answer, rejectReason, flagsReason };
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
}

function allOf(ids: readonly string[], found: readonly Batch[]): ReadonlyMap<string, Batch> {
  if (found.length < ids.length) throw notFound();
  return new Map(found.map((batch) => [batch.id, batch]));
}

export function summaryOf(batch: Batch): BatchSummary {
  const { digest, rejectReasonSalt: _rejectSalt, flagsReasonSalt: _flagsSalt, ...columns } = batch;
  return { ...columns, digest: digest.toString('hex') };
}

/**
 * As the answer of a command is kept under its idempotency key: without what people wrote, which must be able to go.
 * `BatchesService.inWords` gives it back.
 */
export function keptSummaryOf(batch: Batch): BatchSummary {
  return { ...summaryOf(batch), rejectReason: null, flagsReason: null };
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
