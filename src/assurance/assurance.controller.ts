import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { invalidRequest } from '../platform/errors.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { checkpointNotSigned } from '../sealing/index.js';
import {
  InvariantsView,
  JournalPage,
  JournalQuery,
  LookupQuery,
  LookupView,
  TraceQuery,
  TraceView,
} from './assurance.schemas.js';
import { BundleService } from './bundle.service.js';
import { InvariantsService } from './invariants.service.js';
import { JournalService } from './journal.service.js';
import { TraceService } from './trace.service.js';

@Heading('Assurance')
@Controller('v1')
export class AssuranceController {
  constructor(
    private readonly traces: TraceService,
    private readonly journal: JournalService,
    private readonly invariants: InvariantsService,
    private readonly bundles: BundleService,
  ) {}

  @Get('trace')
  @Operation({
    summary: 'Find what can be followed by its reference or number',
    description: 'In any case and spacing. A referrer finds its referrals.',
    permit: { commissioner: 'any', provider: 'any', referrer: 'any', scope: 'events:read' },
    answer: LookupView,
    errors: [invalidRequest],
    sensitive: 'trace',
  })
  async lookUp(
    @CurrentActor() actor: Actor,
    @Query({ schema: LookupQuery }) { reference }: LookupQuery,
  ): Promise<unknown> {
    return { items: await this.traces.search(actor, reference) };
  }

  @Get('trace/:id')
  @Operation({
    summary: 'Follow anything to what it came from and what it led to',
    description:
      'The id of a payout, invoice, batch, claim, session, attendance, milestone or referral, or of an event about one. ' +
      'Each node has its events with their leaf hashes and the path of their proofs, and what they moved. A referrer sees its ' +
      'referral and how it goes.',
    permit: { commissioner: 'any', provider: 'any', referrer: 'any', scope: 'events:read' },
    answer: TraceView,
    errors: [invalidRequest],
    sensitive: 'trace',
  })
  async trace(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
    @Query({ schema: TraceQuery }) { kind, after }: TraceQuery,
  ): Promise<unknown> {
    return this.traces.trace(actor, id, kind !== undefined && after !== undefined ? { kind, after } : null);
  }

  @Get('events')
  @Operation({
    summary: 'The journal, event by event',
    description: 'A commissioner reads its own log; a provider the events that concern it.',
    permit: {
      commissioner: ['auditor', 'contract_manager', 'finance'],
      provider: ['auditor'],
      scope: 'events:read',
    },
    answer: JournalPage,
    errors: [invalidRequest],
    sensitive: 'journal',
  })
  async events(@CurrentActor() actor: Actor, @Query({ schema: JournalQuery }) query: JournalQuery): Promise<unknown> {
    return this.journal.page(actor, query);
  }

  @Get('assurance/invariants')
  @Operation({
    summary: 'Check everything that must be true of the books',
    description: 'Each sentence with the number of rows that break it, counted now, over all of your books.',
    permit: { commissioner: ['auditor', 'finance'] },
    answer: InvariantsView,
  })
  async check(@CurrentActor() actor: Actor): Promise<unknown> {
    return this.invariants.check(actor);
  }

  @Get('audit/bundle')
  @Operation({
    summary: 'Take away the books, to be verified without this instance',
    description:
      'Every event of your log up to its newest signed checkpoint, with transfers, hashes, checkpoints and keys, as an ' +
      'archive (POSIX ustar) that is written as it is read. `wellpaid verify` checks it, and docs/audit.md says how to ' +
      'write another verifier. A download that breaks off is told apart from books that were tampered with.',
    permit: { commissioner: ['auditor', 'finance'] },
    sensitive: 'export',
    produces: 'application/x-tar',
    errors: [checkpointNotSigned],
  })
  async bundle(@CurrentActor() actor: Actor): Promise<StreamableFile> {
    const { name, bytes } = await this.bundles.open(actor);
    return new StreamableFile(bytes, { type: 'application/x-tar', disposition: `attachment; filename="${name}"` });
  }
}
