import { Controller, Get, Query } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { DashboardsService } from './dashboards.service.js';
import {
  DashboardQuery,
  DashboardView,
  MoneyOwedView,
  PaymentPerformanceView,
  PerformanceQuery,
  TaskList,
} from './insights.schemas.js';
import { MoneyOwedService } from './money-owed.service.js';
import { PaymentPerformanceService } from './payment-performance.service.js';
import { TasksService } from './tasks.service.js';

@Heading('Insights')
@Controller('v1/insights')
export class InsightsController {
  constructor(
    private readonly tasks: TasksService,
    private readonly dashboards: DashboardsService,
    private readonly performance: PaymentPerformanceService,
    private readonly owed: MoneyOwedService,
    private readonly clock: Clock,
  ) {}

  @Get('tasks')
  @Operation({
    summary: 'What needs doing now, by the roles of whoever asks',
    permit: { commissioner: 'any', provider: 'any', referrer: 'any' },
    answer: TaskList,
    sensitive: 'referrals',
  })
  async list(@CurrentActor() actor: Actor): Promise<unknown> {
    return { items: await this.tasks.of(actor, this.clock.today()) };
  }

  @Get('dashboard')
  @Operation({
    summary: 'Money by stage, days to payment, budgets, referrals and unfunded activity over some days',
    description:
      'A commissioner sees all its providers, a provider its own contracts. Counts of people are exact: whoever publishes ' +
      'them hides the small ones.',
    permit: {
      commissioner: ['contract_manager', 'approver', 'finance', 'auditor'],
      provider: ['coordinator', 'treasurer', 'auditor'],
      scope: 'statements:read',
    },
    answer: DashboardView,
  })
  async dashboard(
    @CurrentActor() actor: Actor,
    @Query({ schema: DashboardQuery }) query: DashboardQuery,
  ): Promise<unknown> {
    return this.dashboards.of(actor, query, this.clock.today());
  }

  @Get('money-owed')
  @Operation({
    summary: 'What is owed and when, what comes after that, and what was paid last',
    description: 'A provider sees what it is owed, a commissioner what it owes.',
    permit: { commissioner: 'any', provider: 'any', scope: 'invoices:read' },
    answer: MoneyOwedView,
  })
  async moneyOwed(@CurrentActor() actor: Actor): Promise<unknown> {
    return this.owed.of(actor, this.clock.today());
  }

  @Get('payment-performance')
  @Operation({
    summary: 'How promptly invoices received on some days were paid',
    description:
      'The figures of the payments compliance notice (Procurement Act 2023 section 69) and the payments of more than ' +
      '£30,000 (section 70). Grant notices are no invoices and are not among them.',
    permit: { commissioner: ['finance', 'contract_manager', 'auditor'], scope: 'statements:read' },
    answer: PaymentPerformanceView,
  })
  async paymentPerformance(
    @CurrentActor() actor: Actor,
    @Query({ schema: PerformanceQuery }) query: PerformanceQuery,
  ): Promise<unknown> {
    return this.performance.of(actor, query, this.clock.today());
  }
}
