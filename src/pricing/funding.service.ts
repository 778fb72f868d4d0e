import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { accounts, bindText, Commands, LedgerService, type ContractBudget } from '../ledger/index.js';
import type { Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import type { CanonicalObject } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { BudgetChange } from './budget-change.entity.js';
import { expectedMinor, shortfallOf } from './budget.rules.js';
import { budgetBelowUse, orderBelowUsed, orderOfOtherContract, orderRefused } from './contracts.errors.js';
import { EXPECTED, readOrders, type ExpectedOfService } from './contracts.queries.js';
import type { ChangeBudget, RaiseOrder } from './contracts.schemas.js';
import { ContractsService } from './contracts.service.js';
import { PurchaseOrder } from './purchase-order.entity.js';
import { whyNotRaise, type OrderOnContract } from './purchase-order.rules.js';

/** In pence. The first four move with the budget book; what is expected is an estimate beside it. */
export interface BudgetNow extends Omit<ContractBudget, 'budgetMinor'> {
  readonly contractId: string;
  readonly leftMinor: Minor;
  readonly expected: { readonly referrals: number; readonly sessionsLeft: number; readonly amountMinor: Minor };
}

/** What a contract may cost: its purchase orders and its budget. Both are judged under the contract's lock. */
@Injectable()
export class FundingService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Records a purchase order, or a new value and new dates of one that the contract has: a new version, which takes the
   * place of the earlier one at once.
   *
   * @throws purchase_order.refused with `findings`, purchase_order.below_used, purchase_order.of_other_contract
   */
  raiseOrder(actor: Actor, contractId: string, request: RaiseOrder): Promise<OrderOnContract> {
    const spec = { name: 'purchase_order.raise', commissionerId: actor.orgId, subjectId: contractId };
    return this.commands.run(actor, spec, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const { commissionerId, providerId } = await this.contracts.get(tx, contractId, request.startsOn);
      const { version, usedMinor } = await this.orderBefore(tx, contractId, request);
      const order = { ...request, contractId, version: version + 1 };
      const made = { createdAt: this.clock.now(), createdBy: actor.memberId };
      const id = newId();
      await tx.insert(PurchaseOrder, { ...order, commissionerId, id, providerId, ...made });
      await this.ledger.record(tx, {
        commissionerId,
        type: 'purchase_order.raised',
        subjectId: contractId,
        actor,
        providerId,
        occurredAt: made.createdAt,
        data: { ...order, purchaseOrderId: id },
      });
      return { ...order, usedMinor, leftMinor: order.valueMinor - usedMinor };
    });
  }

  /** The orders of a contract as they are now, with what is left of each. */
  orders(actor: Actor, contractId: string): Promise<OrderOnContract[]> {
    return this.database.read(actor, async (reader) => {
      await this.contracts.get(reader, contractId, this.clock.today());
      return readOrders(reader, contractId);
    });
  }

  /**
   * Raises the budget of a contract, or lowers it down to what is committed or spent.
   *
   * @throws budget.below_use with `leftMinor`, `askedMinor` and `shortfallMinor`
   */
  async changeBudget(actor: Actor, contractId: string, request: ChangeBudget): Promise<BudgetChange> {
    const spec = { name: 'budget.change', commissionerId: actor.orgId, subjectId: contractId };
    const key = await this.commands.run(actor, spec, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const { amountMinor, effectiveOn, reason } = request;
      const because = reason === undefined ? undefined : bindText(reason);
      const why: CanonicalObject = because ? { reasonCommitment: because.commitment } : {};
      const contract = await this.contracts.getInForce(tx, contractId, effectiveOn);
      const { commissionerId, providerId } = contract;
      const leftMinor = await this.contracts.budgetLeft(tx, contractId);
      const shortfallMinor = shortfallOf(amountMinor, leftMinor);
      if (shortfallMinor !== undefined) throw budgetBelowUse({ leftMinor, askedMinor: -amountMinor, shortfallMinor });
      const raised = amountMinor > 0n;
      const authorised = accounts.authorised(providerId, contractId);
      const budget = accounts.budget(providerId, contractId);
      const id = newId();
      const made = { createdAt: this.clock.now(), createdBy: actor.memberId };
      const { id: eventId } = await this.ledger.post(tx, {
        event: {
          commissionerId,
          type: 'contract.authorised',
          subjectId: contractId,
          actor,
          providerId,
          occurredAt: made.createdAt,
          data: { budgetChangeId: id, amountMinor, effectiveOn, version: contract.version, ...why },
        },
        transfers: [
          {
            debit: raised ? authorised : budget,
            credit: raised ? budget : authorised,
            amountMinor: raised ? amountMinor : -amountMinor,
          },
        ],
        effectiveOn,
      });
      const change = { commissionerId, id, contractId, providerId, amountMinor, effectiveOn, eventId, ...made };
      const words = { reason: because?.text ?? null, reasonSalt: because?.salt ?? null };
      await tx.insert(BudgetChange, { ...change, ...words });
      return { commissionerId, id }; // what is kept with the key of the command holds no words
    });
    const change = await this.database.read(actor, (reader) => reader.findOneBy(BudgetChange, key));
    assert(change, 'a change of a budget stays');
    return change;
  }

  /** The budget of a contract, for its commissioner and its provider. */
  budget(actor: Actor, contractId: string): Promise<BudgetNow> {
    return this.database.read(actor, async (reader) => {
      const today = this.clock.today();
      await this.contracts.get(reader, contractId, today);
      const { budgetMinor, ...rest } = await this.ledger.contractBudget(reader, contractId);
      const activities = await reader.query<ExpectedOfService>(EXPECTED, [contractId]);
      const cards = await this.contracts.cardsOf(reader, contractId);
      return {
        contractId,
        ...rest,
        leftMinor: budgetMinor,
        expected: {
          referrals: activities.reduce((sum, { referrals }) => sum + referrals, 0),
          sessionsLeft: activities.reduce((sum, { sessionsLeft }) => sum + sessionsLeft, 0),
          amountMinor: expectedMinor(activities, cards, today),
        },
      };
    });
  }

  /** The changes of a contract's budget, the latest first. */
  budgetChanges(actor: Actor, contractId: string, { limit, after }: PageQuery): Promise<Page<BudgetChange>> {
    return this.database.read(actor, async (reader) => {
      await this.contracts.get(reader, contractId, this.clock.today());
      const where = { contractId, ...(after !== undefined && { id: LessThan(after) }) };
      return pageOf(await reader.find(BudgetChange, { where, order: { id: 'DESC' }, take: limit + 1 }), limit);
    });
  }

  /** The version of the order before this one, 0 for a new order, and what is charged to it. */
  private async orderBefore(
    tx: Tx,
    contractId: string,
    request: RaiseOrder,
  ): Promise<{ version: number; usedMinor: Minor }> {
    const { number, valueMinor } = request;
    if (await isOfOtherContract(tx, contractId, number)) throw orderOfOtherContract({ number });
    const orders = await readOrders(tx, contractId);
    const findings = whyNotRaise({ ...request, contractId }, orders);
    if (findings.length > 0) throw orderRefused({ findings });
    const before = orders.find((order) => order.number === number);
    if (!before) return { version: 0, usedMinor: 0n };
    const { usedMinor } = before;
    if (valueMinor < usedMinor) {
      throw orderBelowUsed({ number, usedMinor, askedMinor: valueMinor, shortfallMinor: usedMinor - valueMinor });
    }
    return before;
  }
}

async function isOfOtherContract(reader: Reader, contractId: string, number: string): Promise<boolean> {
  const order = await reader.findOneBy(PurchaseOrder, { number });
  return order !== null && order.contractId !== contractId;
}
