import { Module } from '@nestjs/common';
import { InsightsModule } from '../../insights/index.js';
import { StatementsModule } from '../../statements/index.js';
import { AuditPagesModule } from '../audit/audit.module.js';
import { ActivityPanels } from './activity-panels.service.js';
import { BalancePages } from './balances.pages.js';
import { DashboardPages } from './dashboards.pages.js';
import { MoneyPanels } from './money-panels.service.js';
import { PanelDrawing } from './panel-drawing.service.js';
import { PerformancePages } from './performance.pages.js';
import { StatementPages } from './statements.pages.js';

/** Figures: how money and work go, how promptly is paid, and statements to keep. */
@Module({
  imports: [InsightsModule, StatementsModule, AuditPagesModule],
  controllers: [PerformancePages, DashboardPages, BalancePages, StatementPages],
  providers: [PanelDrawing, MoneyPanels, ActivityPanels],
})
export class InsightsPagesModule {}
