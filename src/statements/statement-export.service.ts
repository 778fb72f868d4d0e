import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { csvTextOfPages } from '../platform/csv-writer.js';
import { Database } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { LOG } from '../platform/jobs.js';
import { STATEMENT_COLUMNS, statementRows } from './statement.columns.js';
import { statementJson } from './statement.document.js';
import { renderStatementPdf, STATEMENT_LINE_WORDS } from './statement.pdf.js';
import type { StatementQuery } from './statements.schemas.js';
import { StatementsService, type OpenedStatement } from './statements.service.js';

/** A statement on its way to whoever asked. */
export interface StatementFile {
  readonly name: string;
  readonly contentType: string;
  /** Fails, and so breaks the download off, when the lines do not add up or the export cannot be journalled. */
  readonly bytes: Readable;
  /** Of the `statement.exported` that is journalled with the last byte. */
  readonly eventId: string;
}

const CONTENT_TYPES: Readonly<Record<StatementQuery['format'], string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  pdf: 'application/pdf',
};

const CHUNK_BYTES = 16_384;

/** Writes statements as files, and journals which bytes were given out. */
@Injectable()
export class StatementExportService {
  constructor(
    private readonly statements: StatementsService,
    private readonly database: Database,
    private readonly ledger: LedgerService,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Opens the statement and starts to write it. `statement.exported` holds the SHA-256 of the bytes and is journalled before
   * the stream ends: a statement that arrived whole is one that the journal knows, and one that was broken off is not.
   *
   * @throws DomainError of StatementsService.open
   */
  async export(actor: Actor, query: StatementQuery): Promise<StatementFile> {
    const opened = await this.statements.open(actor, query);
    const eventId = newId();
    const bytes = this.sealed(bytesOf(opened, query.format), actor, (sha256, byteCount) =>
      this.journal(actor, query, opened, { eventId, sha256, byteCount }),
    );
    const { code } = opened.statement.head.subject;
    return {
      name: `statement-${code}-${query.from}-to-${query.to}.${query.format}`,
      contentType: CONTENT_TYPES[query.format],
      bytes: Readable.from(bytes, { objectMode: false }),
      eventId,
    };
  }

  /** Passes the bytes on, and ends only after `seal` has been given their SHA-256 and has done its work. */
  private async *sealed(
    source: AsyncIterable<Buffer | string>,
    { correlationId }: Actor,
    seal: (sha256: string, byteCount: number) => Promise<void>,
  ): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    let byteCount = 0;
    try {
      for await (const chunk of inChunks(source)) {
        hash.update(chunk);
        byteCount += chunk.length;
        yield chunk;
      }
      await seal(hash.digest('hex'), byteCount);
    } catch (error) {
      this.log.error({ error, correlationId }, 'statement broken off');
      throw error;
    }
  }

  private async journal(
    actor: Actor,
    { party, from, to, format }: StatementQuery,
    { statement, scope, subjectId }: OpenedStatement,
    { eventId, sha256, byteCount }: { eventId: string; sha256: string; byteCount: number },
  ): Promise<void> {
    const { lineCount, closingMinor, bookedSize: checkpointSize, checkpoint } = statement.foot();
    const { openingMinor } = statement.head;
    const { bookedIn, commissionerId } = scope;
    await this.database.transaction(actor, (tx) =>
      this.ledger.record(tx, {
        id: eventId,
        commissionerId,
        type: 'statement.exported',
        subjectId,
        actor,
        providerId: actor.side === 'provider' ? actor.orgId : null,
        data: {
          party,
          from,
          to,
          format,
          sha256,
          byteCount,
          lineCount,
          openingMinor,
          closingMinor,
          bookedIn,
          checkpointSize,
          checkpoint: checkpoint && { ...checkpoint },
        },
      }),
    );
  }
}

function bytesOf({ statement }: OpenedStatement, format: StatementQuery['format']): AsyncIterable<Buffer | string> {
  if (format === 'json') return statementJson(statement);
  if (format === 'csv') return csvTextOfPages(STATEMENT_COLUMNS, statementRows(statement, STATEMENT_LINE_WORDS));
  const drawn = new PassThrough();
  // A failure also destroys the stream, and is thrown to whoever reads it.
  renderStatementPdf(statement, drawn).catch((error: unknown) => drawn.destroy(error as Error));
  return drawn;
}

/** Few large pieces in place of many small ones. */
async function* inChunks(source: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of source) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    pieces.push(bytes);
    size += bytes.length;
    if (size < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(pieces);
}
