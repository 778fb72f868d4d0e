export { InsightsModule } from './insights.module.js';

/** For home pages: what needs doing. */
export { TasksService } from './tasks.service.js';
export { IDS_MAX, TASK_KINDS, TASK_SUBJECTS, type Because, type Task, type TaskKind } from './task.rules.js';

/** For dashboards: the same figures that the API gives out. */
export {
  DashboardsService,
  type BudgetBurn,
  type Dashboard,
  type DashboardQuery,
  type UnfundedActivity,
} from './dashboards.service.js';
export { type ContractChoice } from './contracts-now.queries.js';
export { MONEY_STAGES, type MoneyStage, type SpentByMonth, type StageOfMoney } from './dashboard.rules.js';
export { type DaysToPaid } from './dashboards.queries.js';
export { type OutcomesOfParty, type ReferralFigures, type ReferralOutcomes } from './activity.queries.js';
export { MoneyOwedService, type MoneyOwed } from './money-owed.service.js';
export { PaymentPerformanceService, type LargePayment, type PaymentReport } from './payment-performance.service.js';
export {
  type CountAndValue,
  type LateInvoice,
  type MonthOfPayments,
  type PaymentFigures,
} from './payment-performance.rules.js';

/** For whoever shows them: drawings, and counts that the public may see. */
export { barChart, lineChart, type BarChart, type BarSeries, type ChartLine, type LineChart } from './chart.rules.js';
export { shownParts, shownPublicly, SMALL_MAX, type ShownCount, type ShownParts } from './small-numbers.rules.js';
