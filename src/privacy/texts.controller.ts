import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { personHeld, textGone } from './privacy.errors.js';
import { RedactText, TextQuery, WrittenTextList, WrittenTextView } from './texts.schemas.js';
import { TextsService } from './texts.service.js';

const CONTROLLERS = { commissioner: ['admin'] } as const;

@Heading('Privacy')
@Controller('v1/texts')
export class TextsController {
  constructor(private readonly texts: TextsService) {}

  @Get()
  @Operation({
    summary: 'What people wrote freely about claims, batches, contracts and advances, the latest first',
    permit: CONTROLLERS,
    answer: WrittenTextList,
    sensitive: 'claims',
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: TextQuery }) query: TextQuery): Promise<unknown> {
    return this.texts.list(actor, query);
  }

  @Post(':id/redaction')
  @Operation({
    summary: 'Redact a text that somebody wrote: nobody can undo it',
    description:
      'Destroys the text and the salt of its commitment. The event that binds it stays, and its proofs hold; without the ' +
      'salt nobody can try which text it was.',
    permit: CONTROLLERS,
    status: 201,
    answer: WrittenTextView,
    errors: [textGone, personHeld],
    idempotent: true,
  })
  redact(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
    @Body({ schema: RedactText }) body: RedactText,
  ): Promise<unknown> {
    return this.texts.redact(actor, id, body);
  }
}
