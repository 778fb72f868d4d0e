import { Injectable } from '@nestjs/common';
import { IsNull, LessThan } from 'typeorm';
import type { Claim } from '../delivery/index.js';
import { bindText, Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { ContractsService } from '../pricing/index.js';
import { BatchesService } from './batches.service.js';
import { queryClosed } from './batches.errors.js';
import { ClaimQuery } from './claim-query.entity.js';

export interface QueryFilter extends PageQuery {
  readonly open?: boolean | undefined;
  readonly batchId?: string | undefined;
  readonly claimId?: string | undefined;
}

/** All that a provider may change of a claim is its state, and only of one that waits for its answer. */
const REOPEN = `update claim set state = 'submitted' where commissioner_id = $1 and id = $2 and state = 'queried'`;

/** What was asked about claims, and what their providers answered. */
@Injectable()
export class ClaimQueriesService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly batches: BatchesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Answers for the provider: the claim is open again and goes into the next batch. Under the lock of its contract, so that
   * the journal has one order of what opens claims and what takes all that are open.
   *
   * @throws not_found, query.closed
   */
  async answer(actor: Actor, id: string, answer: string): Promise<ClaimQuery> {
    const { commissionerId, claimId, batchId } = await this.database.read(actor, (reader) => getQuery(reader, id));
    await this.commands.run(actor, { name: 'query.answer', commissionerId, subjectId: claimId }, async (tx) => {
      const { contractId } = await this.batches.get(tx, batchId);
      await this.contracts.lockContract(tx, contractId);
      const { text, salt, commitment } = bindText(answer);
      const answeredAt = this.clock.now();
      const answered = { answer: text, answerSalt: salt, answeredBy: actor.memberId, answeredAt };
      const waiting = { commissionerId, id, answeredAt: IsNull(), closedAt: IsNull() };
      const { affected } = await tx.update(ClaimQuery, waiting, answered);
      if (affected !== 1) throw queryClosed();
      const query = await getQuery(tx, id);
      assert((await tx.execute(REOPEN, [commissionerId, claimId])) === 1, 'a claim with an open query is queried');
      await this.ledger.record(tx, {
        type: 'claim.answered',
        commissionerId,
        subjectId: claimId,
        actor,
        providerId: query.providerId,
        occurredAt: answeredAt,
        data: { queryId: id, batchId: query.batchId, answerCommitment: commitment },
      });
    });
    return this.read(actor, id); // what is kept with the key of the command holds no words
  }

  /** Closes what waits for an answer about a claim that its provider withdraws. */
  async closeFor(
    tx: Tx,
    { commissionerId, id: claimId }: Pick<Claim, 'commissionerId' | 'id'>,
    closedAt: Date,
  ): Promise<void> {
    const waiting = { commissionerId, claimId, answeredAt: IsNull(), closedAt: IsNull() };
    await tx.update(ClaimQuery, waiting, { closedAt });
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<ClaimQuery> {
    return this.database.read(actor, (reader) => getQuery(reader, id));
  }

  /** Queries that the actor may see, the latest first. */
  list(actor: Actor, { limit, after, open, batchId, claimId }: QueryFilter): Promise<Page<ClaimQuery>> {
    const where = {
      ...(after !== undefined && { id: LessThan(after) }),
      ...(open === true && { answeredAt: IsNull(), closedAt: IsNull() }),
      ...(batchId !== undefined && { batchId }),
      ...(claimId !== undefined && { claimId }),
    };
    return this.database.read(actor, async (reader) =>
      pageOf(await reader.find(ClaimQuery, { where, order: { id: 'DESC' }, take: limit + 1 }), limit),
    );
  }
}

async function getQuery(reader: Reader, id: string): Promise<ClaimQuery> {
  const query = await reader.findOneBy(ClaimQuery, { id });
  if (!query) throw notFound();
  return query;
}
