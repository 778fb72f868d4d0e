import { Injectable } from '@nestjs/common';
import { workingDayAfter } from '../delivery/index.js';
import type { Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { pageOf } from '../platform/page.js';
import { ContractsService, readOrders, versionOn } from '../pricing/index.js';
import {
  findBatchRow,
  findChoices,
  findListedRows,
  findNext,
  findSums,
  type BatchChoice,
  type BatchRow,
  type CountAndSum,
  type ListedRow,
  type NextBatch,
  type RegisterFilter,
  type ReviewTerms,
} from './batch-register.queries.js';
import { lastDayOf, obstaclesToApproval, payableBy, type ApprovalObstacle } from './batch.rules.js';
import {
  findLinesThatLeft,
  findReviewLines,
  type LinesWanted,
  type LineThatLeft,
  type ReviewLine,
} from './review-line.queries.js';

/** A batch with what its reviewer asks first. */
export interface BatchDetail extends Omit<BatchRow, 'versions'> {
  /** Of the contract, as they govern this batch. */
  readonly terms: ReviewTerms;
  /** What is left of the budget once the batch is approved: below zero when the budget lacks it. */
  readonly budgetLeftAfterMinor: Minor;
  /** Left on the purchase order with this batch on it: below zero when it goes beyond the order. */
  readonly purchaseOrderLeftMinor: Minor | null;
  /** By when the contract has it decided. */
  readonly decideBy: IsoDate;
  readonly isLate: boolean;
  /** By when it is paid, if it is approved today or was approved, and invoiced that day. */
  readonly payBy: IsoDate;
  /** What stands against its approval by the actor, whatever they write. */
  readonly obstacles: readonly ApprovalObstacle[];
}

/** A batch on the desk of its reviewer. */
export interface BatchOnDesk {
  readonly batch: BatchDetail;
  /** Flagged ones first. */
  readonly lines: readonly ReviewLine[];
  /** After which line to go on; null at the end. */
  readonly next: string | null;
  /** At most 100, the earliest first; `batch.leftCount` says how many there are. */
  readonly left: readonly LineThatLeft[];
}

export interface ListedBatch extends Omit<ListedRow, 'versions'> {
  readonly decideBy: IsoDate;
  /** Past the day by which the contract has it decided. */
  readonly isLate: boolean;
}

export interface ListedBatches {
  /** Those to review first, the oldest before the others; then the decided ones, the latest before the others. */
  readonly items: readonly ListedBatch[];
  readonly next: string | null;
  /** Of all that the filter lets through, not of this page alone. */
  readonly toReview: CountAndSum;
  readonly decided: CountAndSum;
}

const LEFT_MAX = 100;
const NONE: CountAndSum = { count: 0, totalMinor: 0n };

/** Batches for those who review them, look at them or wait for their money: few statements, whatever a batch holds. */
@Injectable()
export class BatchRegister {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  list(
    actor: Actor,
    { limit, after, ...filter }: RegisterFilter & { readonly limit: number; readonly after?: string | undefined },
  ): Promise<ListedBatches> {
    return this.database.read(actor, async (reader) => {
      const rows = await findListedRows(reader, filter, after, limit + 1);
      const sums = await findSums(reader, filter);
      const bankHolidays = await this.contracts.bankHolidays(reader);
      const today = this.clock.today();
      const items = rows.map(({ versions, ...batch }) => {
        const decideBy = workingDayAfter(batch.submittedOn, termsOf(versions, batch.period).decideDays, bankHolidays);
        return { ...batch, decideBy, isLate: batch.state === 'submitted' && decideBy < today };
      });
      return {
        ...pageOf(items, limit),
        toReview: sums.get('submitted') ?? NONE,
        decided: addUp(sums.get('approved') ?? NONE, sums.get('rejected') ?? NONE),
      };
    });
  }

  /** What the actor's batches can be looked for by: their contracts, by provider and code. */
  choices(actor: Actor): Promise<BatchChoice[]> {
    return this.database.read(actor, findChoices);
  }

  /** The batch that has waited longest, of those that the actor did not submit. */
  next(actor: Actor): Promise<NextBatch | null> {
    return this.database.read(actor, (reader) => findNext(reader, actor.memberId));
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<BatchDetail> {
    return this.database.read(actor, (reader) => this.detail(reader, actor, id));
  }

  /**
   * A batch with a page of its lines, on one snapshot.
   *
   * @throws not_found
   */
  open(
    actor: Actor,
    id: string,
    { after, limit }: { after?: string | undefined; limit: number },
  ): Promise<BatchOnDesk> {
    return this.database.read(actor, async (reader) => {
      const batch = await this.detail(reader, actor, id);
      const found = await findReviewLines(reader, id, { after, most: limit + 1 });
      const lines = found.slice(0, limit);
      const next = found.length > limit ? (lines.at(-1)?.claimId ?? null) : null;
      const left = batch.leftCount === 0 ? [] : await findLinesThatLeft(reader, id, LEFT_MAX);
      return { batch, lines, next, left };
    });
  }

  /**
   * A batch with those of the claims that it holds.
   *
   * @throws not_found
   */
  select(actor: Actor, id: string, claimIds: readonly string[]): Promise<{ batch: BatchDetail; lines: ReviewLine[] }> {
    const wanted: LinesWanted = { claimIds, most: claimIds.length };
    return this.database.read(actor, async (reader) => {
      const batch = await this.detail(reader, actor, id);
      return { batch, lines: await findReviewLines(reader, id, wanted) };
    });
  }

  private async detail(reader: Reader, actor: Actor, id: string): Promise<BatchDetail> {
    const row = await findBatchRow(reader, id);
    if (!row) throw notFound();
    const { versions, ...batch } = row;
    const terms = termsOf(versions, batch.period);
    const bankHolidays = await this.contracts.bankHolidays(reader);
    const today = this.clock.today();
    const { budgetLeftMinor } = batch;
    const decideBy = workingDayAfter(batch.submittedOn, terms.decideDays, bankHolidays);
    const isOpen = batch.state === 'submitted';
    return {
      ...batch,
      terms,
      budgetLeftMinor,
      budgetLeftAfterMinor: isOpen ? budgetLeftMinor - batch.uncommittedMinor : budgetLeftMinor,
      purchaseOrderLeftMinor: await orderLeft(reader, batch),
      decideBy,
      isLate: isOpen && decideBy < today,
      payBy: payableBy(batch.decidedOn ?? today, terms.paymentDays),
      obstacles: actor.side === 'commissioner' ? obstaclesToApproval(batch, actor, budgetLeftMinor) : [],
    };
  }
}

async function orderLeft(
  reader: Reader,
  { contractId, purchaseOrderNumber }: Pick<BatchRow, 'contractId' | 'purchaseOrderNumber'>,
): Promise<Minor | null> {
  if (purchaseOrderNumber === null) return null;
  const orders = await readOrders(reader, contractId);
  return orders.find(({ number }) => number === purchaseOrderNumber)?.leftMinor ?? null;
}

function termsOf<V extends Pick<ReviewTerms, 'version' | 'effectiveFrom'>>(versions: readonly V[], period: IsoDate): V {
  const terms = versionOn(versions, lastDayOf(period));
  assert(terms, 'a contract has a version');
  return terms;
}

function addUp(one: CountAndSum, other: CountAndSum): CountAndSum {
  return { count: one.count + other.count, totalMinor: one.totalMinor + other.totalMinor };
}
