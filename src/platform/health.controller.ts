import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Database } from './database.js';
import { Operation } from './operation.js';

const Health = z.object({ status: z.enum(['ok', 'unavailable']) }).meta({ id: 'Health' });

@Controller()
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get('health')
  @Operation({ summary: 'Is the process alive?', permit: 'public', answer: Health })
  health(): z.infer<typeof Health> {
    return { status: 'ok' };
  }

  @Get('ready')
  @Operation({ summary: 'Can it serve: does the database answer?', permit: 'public', answer: Health })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<z.infer<typeof Health>> {
    try {
      await this.database.ping();
      return { status: 'ok' };
    } catch {
      void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
      return { status: 'unavailable' };
    }
  }
}
