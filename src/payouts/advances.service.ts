import { Injectable } from '@nestjs/common';
import { accounts, bindText, Commands, LedgerService } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert, notFound, type ErrorFactory } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { pageOf, type Page } from '../platform/page.js';
import { ContractsService } from '../pricing/index.js';
import { Advance } from './advance.entity.js';
import {
  standingOf,
  whyNotApproveAdvance,
  whyNotCovered,
  type AdvanceRefusal,
  type AdvanceStanding,
} from './advance.rules.js';
import {
  advanceAboveLimit,
  advanceDayNotPossible,
  advanceDecided,
  advanceInPayment,
  advanceNotCovered,
  advanceOwn,
} from './advances.errors.js';
import {
  nextAdvanceNumber,
  outstandingOn,
  readAdvances,
  readRecoveries,
  type AdvanceProposal,
  type AdvanceRow,
  type RecoveryRow,
} from './advances.queries.js';
import type { AdvanceQuery, ProposeAdvance } from './advances.schemas.js';
import { lockPayments } from './payout-rows.queries.js';

export interface AdvanceNow extends AdvanceRow, Partial<AdvanceProposal> {
  readonly standing: AdvanceStanding;
  readonly remainingMinor: bigint;
}

export interface AdvanceDetail extends AdvanceNow {
  readonly recoveries: readonly RecoveryRow[];
}

const REFUSALS: Record<AdvanceRefusal['code'], ErrorFactory> = {
  decided: advanceDecided,
  own: advanceOwn,
  above_limit: advanceAboveLimit,
};

/**
 * Money for a provider ahead of its invoices: one person proposes it, another approves it, an ordinary payout pays it, and
 * later invoices of its contract give it back when they are paid.
 */
@Injectable()
export class AdvancesService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Proposes an advance on a contract that is in force today.
   *
   * @throws not_found, contract.not_in_force, advance.day_not_possible
   * @throws advance.not_covered when what the contract can still invoice could not give it all back
   */
  propose(actor: Actor, { contractId, recovery, ...request }: ProposeAdvance): Promise<AdvanceDetail> {
    const [id, commissionerId] = [newId(), actor.orgId];
    return this.run(actor, 'advance.propose', id, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const today = this.clock.today();
      const { providerId } = await this.contracts.getInForce(tx, contractId, today);
      if (recovery.recoverBy < today) throw advanceDayNotPossible({ earliest: today });
      await this.refuseUncovered(tx, contractId, request.amountMinor, null);
      await lockPayments(tx, commissionerId);
      const number = await nextAdvanceNumber(tx, commissionerId);
      const { code } = await this.organisations.get(tx, commissionerId);
      assert(actor.memberId !== null, 'a person proposes');
      const terms = {
        sharePercent: 'sharePercent' in recovery ? recovery.sharePercent : null,
        instalmentMinor: 'instalmentMinor' in recovery ? recovery.instalmentMinor : null,
        recoverBy: recovery.recoverBy,
      };
      const { amountMinor, reasonCode } = request;
      const { text, salt, commitment } = bindText(request.reason);
      const said = { number, reference: referenceOf(code, number), contractId, amountMinor, reasonCode, ...terms };
      const proposedAt = this.clock.now();
      const { id: eventId } = await this.ledger.record(tx, {
        type: 'advance.proposed',
        commissionerId,
        subjectId: id,
        actor,
        occurredAt: proposedAt,
        data: { ...said, providerId, reasonCommitment: commitment },
      });
      await tx.insert(Advance, {
        ...said,
        ...UNDECIDED,
        commissionerId,
        id,
        providerId,
        reason: text,
        reasonSalt: salt,
        eventId,
        proposedAt,
        proposedBy: actor.memberId,
      });
    });
  }

  /**
   * Approves an advance: from here it is owed, and the next payment run pays it. Of several who approve at once one succeeds.
   *
   * @throws not_found, advance.decided, advance.own, advance.above_limit, contract.not_in_force, advance.not_covered
   */
  approve(actor: Actor, id: string): Promise<AdvanceDetail> {
    return this.decide(actor, 'advance.approve', id, async (tx, advance) => {
      const refusal = whyNotApproveAdvance(advance, actor);
      if (refusal) throw REFUSALS[refusal.code](refusal.figures);
      const { commissionerId, providerId, contractId, amountMinor } = advance;
      await this.contracts.getInForce(tx, contractId, this.clock.today());
      await this.refuseUncovered(tx, contractId, amountMinor, id);
      const approvedAt = this.clock.now();
      const { id: approvedEventId } = await this.ledger.post(tx, {
        event: {
          type: 'advance.approved',
          commissionerId,
          subjectId: id,
          actor,
          providerId,
          causeId: advance.eventId,
          occurredAt: approvedAt,
          data: { contractId, amountMinor, proposedBy: advance.proposedBy },
        },
        transfers: [
          {
            debit: accounts.advance(providerId, contractId),
            credit: accounts.owed(providerId, contractId),
            amountMinor,
          },
        ],
      });
      const decision = { state: 'approved' as const, approvedBy: actor.memberId, approvedAt, approvedEventId };
      await tx.update(Advance, { commissionerId, id }, decision);
    });
  }

  /** @throws not_found, advance.decided */
  decline(actor: Actor, id: string, reason: string): Promise<AdvanceDetail> {
    return this.decide(actor, 'advance.decline', id, async (tx, advance) => {
      if (advance.state !== 'proposed') throw advanceDecided({ state: advance.state });
      const { text, salt, commitment } = bindText(reason);
      await this.close(tx, actor, advance, 'declined', { reasonCommitment: commitment });
      const { commissionerId } = advance;
      await tx.update(Advance, { commissionerId, id }, { declineReason: text, declineReasonSalt: salt });
    });
  }

  /**
   * Takes back a proposal, or an approved advance that no payout pays: what it made owed is owed no longer.
   *
   * @throws not_found, advance.decided, advance.in_payment
   */
  cancel(actor: Actor, id: string): Promise<AdvanceDetail> {
    return this.decide(actor, 'advance.cancel', id, async (tx, advance) => {
      await lockPayments(tx, actor.orgId); // no run takes it meanwhile
      const { state, recoveredMinor, payoutId } = await this.detail(tx, 'commissioner', id);
      if (state !== 'proposed' && state !== 'approved') throw advanceDecided({ state });
      if (payoutId !== null || recoveredMinor > 0n) throw advanceInPayment({ payoutId });
      await this.close(tx, actor, advance, state === 'proposed' ? 'withdrawn' : 'cancelled', {});
    });
  }

  /** Advances, the latest first; of a provider those that were agreed. */
  list(actor: Actor, query: AdvanceQuery): Promise<Page<AdvanceNow>> {
    return this.database.read(actor, async (reader) => {
      const rows = await readAdvances(reader, sideOf(actor), { ...query, limit: query.limit + 1 });
      return pageOf(rows.map(withStanding), query.limit);
    });
  }

  /** @throws not_found */
  read(actor: Actor, id: string): Promise<AdvanceDetail> {
    return this.database.read(actor, (reader) => this.detail(reader, sideOf(actor), id));
  }

  private decide(
    actor: Actor,
    name: string,
    id: string,
    work: (tx: Tx, advance: Advance) => Promise<void>,
  ): Promise<AdvanceDetail> {
    return this.run(actor, name, id, async (tx) => work(tx, await this.lock(tx, id)));
  }

  /** What is kept as the answer of a command holds no words, which must be able to go: they are added to it again. */
  private async run(actor: Actor, name: string, id: string, work: (tx: Tx) => Promise<void>): Promise<AdvanceDetail> {
    const answer = await this.commands.run(actor, { name, commissionerId: actor.orgId, subjectId: id }, async (tx) => {
      await work(tx);
      return { ...(await this.detail(tx, 'commissioner', id)), reason: null, declineReason: null };
    });
    const { reason = null, declineReason = null } = await this.read(actor, id);
    return { ...answer, reason, declineReason };
  }

  private async detail(reader: Reader, side: 'commissioner' | 'provider', id: string): Promise<AdvanceDetail> {
    const [row] = await readAdvances(reader, side, { id, limit: 1 });
    if (!row) throw notFound();
    return { ...withStanding(row), recoveries: await readRecoveries(reader, id) };
  }

  /** Locks the contract of an advance and then the advance, until `tx` ends. @throws not_found */
  private async lock(tx: Tx, id: string): Promise<Advance> {
    const known = await tx.findOneBy(Advance, { id });
    if (!known) throw notFound();
    await this.contracts.lockContract(tx, known.contractId);
    const advance = await tx.findOne(Advance, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!advance) throw notFound();
    return advance;
  }

  private async refuseUncovered(tx: Tx, contractId: string, amountMinor: bigint, besides: string | null) {
    const { budgetMinor: leftMinor, committedMinor } = await this.ledger.contractBudget(tx, contractId);
    const outstandingMinor = await outstandingOn(tx, contractId, besides);
    const shortfall = whyNotCovered(amountMinor, { leftMinor, committedMinor, outstandingMinor });
    if (shortfall) throw advanceNotCovered(shortfall);
  }

  private async close(
    tx: Tx,
    actor: Actor,
    advance: Advance,
    state: 'declined' | 'withdrawn' | 'cancelled',
    data: Record<string, string>,
  ): Promise<void> {
    const { commissionerId, id, providerId, contractId, amountMinor, eventId, approvedEventId } = advance;
    const closedAt = this.clock.now();
    const event = {
      commissionerId,
      subjectId: id,
      actor,
      occurredAt: closedAt,
      data: { contractId, amountMinor, ...data },
    };
    if (state === 'cancelled') {
      assert(approvedEventId !== null, 'what is cancelled was approved');
      await this.ledger.reverse(
        tx,
        { eventId: approvedEventId },
        { event: { ...event, type: 'advance.cancelled', providerId, causeId: approvedEventId } },
      );
    } else if (state === 'declined') {
      await this.ledger.record(tx, { ...event, type: 'advance.declined', causeId: eventId });
    } else {
      await this.ledger.record(tx, { ...event, type: 'advance.withdrawn', causeId: eventId });
    }
    await tx.update(Advance, { commissionerId, id }, { state, closedBy: actor.memberId, closedAt });
  }
}

const UNDECIDED = {
  state: 'proposed',
  approvedBy: null,
  approvedAt: null,
  approvedEventId: null,
  closedBy: null,
  closedAt: null,
  declineReason: null,
  declineReasonSalt: null,
} as const;

function withStanding<Row extends AdvanceRow>(row: Row): Row & { standing: AdvanceStanding; remainingMinor: bigint } {
  const remainingMinor = row.state === 'approved' ? row.amountMinor - row.recoveredMinor : 0n;
  return { ...row, remainingMinor, standing: standingOf(row.state, row.payoutState, remainingMinor) };
}

function sideOf({ side }: Actor): 'commissioner' | 'provider' {
  return side === 'commissioner' ? 'commissioner' : 'provider';
}

/** `NELICB-A000003`: what remittance advices and statements call it. At most 22 characters. */
function referenceOf(commissionerCode: string, number: number): string {
  return `${commissionerCode}-A${String(number).padStart(6, '0')}`;
}
