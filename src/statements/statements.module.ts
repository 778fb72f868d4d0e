import { Module } from '@nestjs/common';
import { BalancesService } from './balances.service.js';
import { StatementExportService } from './statement-export.service.js';
import { StatementsController } from './statements.controller.js';
import { StatementTransfers } from './statement-transfers.service.js';
import { StatementsService } from './statements.service.js';

@Module({
  controllers: [StatementsController],
  providers: [StatementsService, StatementTransfers, StatementExportService, BalancesService],
  exports: [StatementsService, StatementExportService, BalancesService],
})
export class StatementsModule {}
