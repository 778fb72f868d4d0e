import { Controller, Get, Query } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { AccessLogPage, AccessLogQuery } from './access-log.schemas.js';
import { AccessRegister } from './access-register.service.js';

@Heading('Privacy')
@Controller('v1/access-log')
export class AccessLogController {
  constructor(private readonly register: AccessRegister) {}

  @Get()
  @Operation({
    summary: 'Who read of which person, the latest first',
    description:
      'A commissioner reads of everybody in its books; a provider of its own people and programs. Kept 24 months.',
    permit: { commissioner: ['auditor', 'admin'], provider: ['auditor', 'admin'] },
    answer: AccessLogPage,
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: AccessLogQuery }) query: AccessLogQuery): Promise<unknown> {
    const { before, limit, ...filter } = query;
    return this.register.page(actor, filter, { before, limit });
  }
}
