import { Readable } from 'node:stream';
import { Controller, Get, Header, Headers, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { FileBody, type ArrivingFile } from '../platform/csv-body.js';
import { FILE_TYPES } from '../platform/file-types.js';
import { csvEmpty, csvNotText, csvTooLarge, csvUnreadableHeading } from '../platform/csv-reader.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { contractCodeAmbiguous, noRateCard } from '../pricing/index.js';
import { claimFileTemplate } from './claim-file.rules.js';
import type { ClaimFile } from './claim-file.entity.js';
import {
  ClaimFileList,
  ClaimFileQuery,
  type ClaimFileSummary,
  ClaimFileTarget,
  ClaimFileView,
} from './claim-files.schemas.js';
import { ClaimFilesService, type ClaimFileDetail } from './claim-files.service.js';
import { claimFileEnded, claimFileHeading } from './delivery.errors.js';

type Id = z.infer<typeof IdParameter>;

/** RFC 7240 section 4.1. */
const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i;

@Heading('Claims')
@Controller('v1/claim-files')
export class ClaimFilesController {
  constructor(private readonly files: ClaimFilesService) {}

  @Post()
  @Operation({
    consumes: FILE_TYPES,
    summary: 'Send a file of claims: good rows go through, bad ones come back with reasons',
    description:
      'CSV, or JSON lines with one object a row and the names of the template as its members. At most 512 MiB and 2,000,000 ' +
      'rows. Rows that were taken before have no second effect, so that a file that was interrupted, or corrected, is simply ' +
      'sent again. The counts can be read while it is taken. With `Prefer: respond-async` the answer is 202 once all of the ' +
      'file has arrived, and its rows are taken afterwards.',
    permit: { provider: ['coordinator'], scope: 'claims:write' },
    status: 201,
    answer: ClaimFileView,
    errors: [
      claimFileHeading,
      csvTooLarge,
      csvNotText,
      csvEmpty,
      csvUnreadableHeading,
      noRateCard,
      contractCodeAmbiguous,
    ],
  })
  async receive(
    @CurrentActor() actor: Actor,
    @Query({ schema: ClaimFileTarget }) { contract }: z.infer<typeof ClaimFileTarget>,
    @FileBody(FILE_TYPES) file: ArrivingFile,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const isAsync = RESPOND_ASYNC.test(prefer ?? '');
    const received = await this.files.receive(actor, contract, file, isAsync ? 'arrived' : 'taken');
    if (isAsync) void reply.status(202).header('preference-applied', 'respond-async');
    return detail(received);
  }

  @Post(':id/cancel')
  @Operation({
    summary: 'Leave off a file that is being taken: what is in stays, the rest is not taken',
    permit: { provider: ['coordinator'], scope: 'claims:write' },
    answer: ClaimFileView,
    errors: [claimFileEnded],
    idempotent: true,
  })
  async cancel(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return detail(await this.files.cancel(actor, id));
  }

  @Get('template.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Operation({ summary: 'The columns of a claim file', permit: 'public', produces: 'text/csv' })
  template(): string {
    return claimFileTemplate();
  }

  @Get()
  @Operation({
    summary: 'Claim files, in the order in which they came',
    permit: { commissioner: 'any', provider: 'any', scope: 'claims:read' },
    answer: ClaimFileList,
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: ClaimFileQuery }) query: ClaimFileQuery): Promise<unknown> {
    const { items, next } = await this.files.list(actor, query);
    return { items: items.map(summary), next };
  }

  @Get(':id')
  @Operation({
    summary: 'What has come of a claim file so far',
    permit: { commissioner: 'any', provider: 'any', scope: 'claims:read' },
    answer: ClaimFileView,
  })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return detail(await this.files.read(actor, id));
  }

  @Get(':id/failures.csv')
  @Operation({
    summary: 'The failed rows with reasons, to correct and send again',
    permit: { provider: 'any', scope: 'claims:read' },
    produces: 'text/csv',
    sensitive: 'export',
  })
  async failures(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<StreamableFile> {
    return new StreamableFile(Readable.from(await this.files.failuresCsv(actor, id)), {
      type: 'text/csv; charset=utf-8',
    });
  }
}

function detail({ file, failures }: ClaimFileDetail): z.infer<typeof ClaimFileView> {
  return { ...summary(file), failures: [...failures] };
}

function summary(file: ClaimFile): z.infer<typeof ClaimFileSummary> {
  return {
    id: file.id,
    contractId: file.contractId,
    state: file.state,
    repeatsId: file.repeatsId,
    rowCount: file.rowCount,
    rows: file.rows,
    accepted: file.accepted,
    repeated: file.repeated,
    included: file.included,
    failed: file.failed,
    flagged: file.flagged,
    droppedColumns: file.droppedColumns,
    encoding: file.encoding,
    separator: file.separator,
    problem: file.problem,
    totalMinor: file.totalMinor.toString(),
    indicativeMinor: file.indicativeMinor.toString(),
    sha256: file.sha256?.toString('hex') ?? null,
    receivedAt: file.receivedAt.toISOString(),
    finishedAt: file.finishedAt?.toISOString() ?? null,
  };
}
