import { Module } from '@nestjs/common';
import { BatchesModule } from '../batches/index.js';
import { DeliveryModule } from '../delivery/index.js';
import { PayoutsModule } from '../payouts/index.js';
import { AccountChangeTasks } from './account-change-tasks.service.js';
import { CommissionerTasks } from './commissioner-tasks.service.js';
import { DashboardsService } from './dashboards.service.js';
import { FinanceTasks } from './finance-tasks.service.js';
import { InsightsController } from './insights.controller.js';
import { MoneyOwedService } from './money-owed.service.js';
import { PaymentPerformanceService } from './payment-performance.service.js';
import { ProviderTasks } from './provider-tasks.service.js';
import { TasksService } from './tasks.service.js';

@Module({
  imports: [BatchesModule, DeliveryModule, PayoutsModule],
  controllers: [InsightsController],
  providers: [
    TasksService,
    AccountChangeTasks,
    ProviderTasks,
    CommissionerTasks,
    FinanceTasks,
    DashboardsService,
    PaymentPerformanceService,
    MoneyOwedService,
  ],
  exports: [TasksService, DashboardsService, PaymentPerformanceService, MoneyOwedService],
})
export class InsightsModule {}
