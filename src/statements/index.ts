export { StatementsModule } from './statements.module.js';

/** For screens: the same files and figures that the API gives out. */
export { StatementExportService, type StatementFile } from './statement-export.service.js';
export { BalancesService, type AccountBalance, type TrialBalance } from './balances.service.js';
export { STATEMENT_FORMATS, STATEMENT_PARTIES, StatementQuery } from './statements.schemas.js';
