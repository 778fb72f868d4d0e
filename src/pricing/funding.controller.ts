import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { PageQuery } from '../platform/page.js';
import type { BudgetChange } from './budget-change.entity.js';
import {
  budgetBelowUse,
  contractNotInForce,
  orderBelowUsed,
  orderOfOtherContract,
  orderRefused,
  orderVersionTaken,
} from './contracts.errors.js';
import {
  BudgetChangeView,
  BudgetView,
  ChangeBudget,
  listSchema,
  OrderView,
  pageSchema,
  RaiseOrder,
} from './contracts.schemas.js';
import { FundingService } from './funding.service.js';

const READS = { commissioner: 'any', provider: 'any', scope: 'contracts:read' } as const;
type Id = z.infer<typeof IdParameter>;

@Heading('Purchase orders and budgets')
@Controller('v1/contracts/:id')
export class FundingController {
  constructor(private readonly funding: FundingService) {}

  @Post('purchase-orders')
  @Operation({
    summary: 'Record a purchase order, or raise or lower one',
    description: 'A number that the contract has already gives that order a new version: value and dates.',
    permit: { commissioner: ['contract_manager', 'finance'], scope: 'contracts:write' },
    status: 201,
    answer: OrderView,
    errors: [orderRefused, orderBelowUsed, orderOfOtherContract, orderVersionTaken],
    idempotent: true,
  })
  async raise(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: RaiseOrder }) body: RaiseOrder,
  ): Promise<unknown> {
    return this.funding.raiseOrder(actor, id, body);
  }

  @Get('purchase-orders')
  @Operation({
    summary: 'The purchase orders of a contract, with what is left',
    permit: READS,
    answer: listSchema(OrderView),
  })
  async orders(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return { items: await this.funding.orders(actor, id) };
  }

  @Post('budget-changes')
  @Operation({
    summary: 'Raise or lower the budget of a contract',
    permit: { commissioner: ['contract_manager', 'finance'] },
    status: 201,
    answer: BudgetChangeView,
    errors: [budgetBelowUse, contractNotInForce],
    idempotent: true,
  })
  async changeBudget(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ChangeBudget }) body: ChangeBudget,
  ): Promise<unknown> {
    return changeView(await this.funding.changeBudget(actor, id, body));
  }

  @Get('budget-changes')
  @Operation({
    summary: 'How the budget of a contract changed, the latest first',
    permit: { commissioner: 'any', scope: 'contracts:read' },
    answer: pageSchema(BudgetChangeView),
  })
  async budgetChanges(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<unknown> {
    const { items, next } = await this.funding.budgetChanges(actor, id, query);
    return { items: items.map(changeView), next };
  }

  @Get('budget')
  @Operation({ summary: 'The budget of a contract', permit: READS, answer: BudgetView })
  async budget(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.funding.budget(actor, id);
  }
}

function changeView({ id, contractId, amountMinor, effectiveOn, reason, createdAt }: BudgetChange) {
  return { id, contractId, amountMinor, effectiveOn, reason, createdAt };
}
