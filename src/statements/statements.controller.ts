import { Controller, Get, Query, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Actor } from '../platform/actor.js';
import { invalidRequest } from '../platform/errors.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { contractCodeAmbiguous } from '../pricing/index.js';
import { checkpointUnknown } from '../sealing/index.js';
import { BalancesService } from './balances.service.js';
import { StatementExportService } from './statement-export.service.js';
import { commissionerNotNamed, contractNotNamed, periodNotOver } from './statements.errors.js';
import { BalancesQuery, BalancesView, StatementQuery, StatementView } from './statements.schemas.js';

const READS = {
  commissioner: ['finance', 'contract_manager', 'auditor'],
  provider: ['treasurer', 'coordinator', 'auditor'],
  scope: 'statements:read',
} as const;

@Heading('Statements')
@Controller('v1')
export class StatementsController {
  constructor(
    private readonly exports: StatementExportService,
    private readonly balances: BalancesService,
  ) {}

  @Get('statements')
  @Operation({
    summary: 'A statement of account, as JSON, CSV or PDF',
    description:
      'What is invoiced and not yet in the provider’s bank: opening balance, every line with its running balance, closing ' +
      'balance, and how old the unpaid part is. What is not invoiced stands apart. With format=csv or format=pdf the ' +
      'answer is text/csv or application/pdf. The header x-event-id names the `statement.exported` that keeps the SHA-256 ' +
      'of what was sent; it is journalled with the last byte, and a connection that breaks off before has no such event.',
    permit: READS,
    answer: StatementView,
    errors: [invalidRequest, periodNotOver, commissionerNotNamed],
  })
  async statement(
    @CurrentActor() actor: Actor,
    @Query({ schema: StatementQuery }) query: StatementQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { bytes, contentType: type, name, eventId } = await this.exports.export(actor, query);
    void reply.header('x-event-id', eventId);
    return new StreamableFile(bytes, { type, disposition: `attachment; filename="${name}"` });
  }

  @Get('ledger/balances')
  @Operation({
    summary: 'The balances of the books, or of one contract',
    description: 'A provider sees the accounts of its own contracts.',
    permit: READS,
    answer: BalancesView,
    errors: [invalidRequest, contractCodeAmbiguous, contractNotNamed, checkpointUnknown],
  })
  async trialBalance(
    @CurrentActor() actor: Actor,
    @Query({ schema: BalancesQuery }) query: BalancesQuery,
  ): Promise<unknown> {
    return this.balances.trialBalance(actor, query);
  }
}
