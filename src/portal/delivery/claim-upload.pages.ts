import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  claimColumns,
  ClaimFilesService,
  claimFileTemplate,
  SessionRegister,
  type ClaimFile,
} from '../../delivery/index.js';
import { IdParameter } from '../../organisations/index.js';
import type { Actor } from '../../platform/actor.js';
import { DomainError } from '../../platform/errors.js';
import { download, eventStream, seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { wordRowFixIn, wordRowProblemsIn } from '../wording/row-words.rules.js';
import { PageAddress } from './delivery.schemas.js';
import { addressOf } from '../page/address.rules.js';
import { contractsOf } from './session-form.rules.js';

type Id = z.infer<typeof IdParameter>;

const COORDINATOR = { provider: ['coordinator'] } as const;
const READERS = { provider: ['coordinator', 'treasurer', 'auditor'] } as const;
const CSV = 'text/csv; charset=utf-8';
const PAGE_ROWS = 50;
const PAUSE_MS = 1000;
/** So many problems stand at the top; the table below has the first fifty, the file of failures all of them. */
const SUMMARY_ROWS = 10;

/** Files of claims: sent, followed while they are read, and corrected. */
@Controller('claims')
export class ClaimUploadPages {
  constructor(
    private readonly files: ClaimFilesService,
    private readonly register: SessionRegister,
  ) {}

  @Page({ permit: COORDINATOR })
  @Get('upload')
  async ask(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.showForm(visit);
  }

  @Action({ permit: COORDINATOR, file: true })
  @Post('upload')
  async send(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const contracts = contractsOf(await this.register.services(visit.actor));
    const ids = contracts.map(({ contractId }) => contractId);
    const contract = form.choice('contract', ids, 'claims.upload.contractMissing');
    const { file } = fields;
    if (!file) form.refuse('file', 'claims.upload.fileMissing');
    if (contract !== undefined && file) {
      try {
        const received = await this.files.receive(visit.actor, contract, file, 'soon');
        return seeOther(`/claims/files/${received.file.id}`);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const { claimFileId } = error.details;
        if (typeof claimFileId === 'string') return seeOther(`/claims/files/${claimFileId}`);
        form.refused(error, 'file');
      }
    }
    return this.showForm(visit, form);
  }

  @Page({ permit: READERS })
  @Get('template.csv')
  template(): PageAnswer {
    // The byte order mark tells spreadsheet programs that it is UTF-8.
    return download('claims-template.csv', CSV, `\uFEFF${claimFileTemplate()}`);
  }

  @Page({ permit: READERS })
  @Get('files')
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: PageAddress }) { after }: PageAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.files.latest(visit.actor, { limit: PAGE_ROWS, after });
    const contracts = contractsOf(await this.register.services(visit.actor));
    const codes = new Map(contracts.map(({ contractId, contractCode }) => [contractId, contractCode]));
    return view('delivery/claim-files.njk', {
      items: items.map((file) => ({ ...shown(file), contractCode: codes.get(file.contractId) })),
      first: after === undefined ? undefined : '/claims/files',
      next: next === null ? undefined : addressOf('/claims/files', { after: next }),
      mayClaim: hasRole(visit, 'coordinator'),
    });
  }

  @Page({ permit: READERS, sensitive: 'claims' })
  @Get('files/:id')
  async read(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { file, failures: refused, problemCount } = await this.files.read(visit.actor, id);
    const failures = wordRowProblemsIn(visit.t, refused);
    const contracts = contractsOf(await this.register.services(visit.actor));
    return view('delivery/claim-file.njk', {
      file: shown(file),
      reach: reachOf(file),
      contract: contracts.find(({ contractId }) => contractId === file.contractId),
      problemFix: file.problem && wordRowFixIn(visit.t, file.problem),
      failures,
      problemCount,
      summary: failures.slice(0, SUMMARY_ROWS),
      more: Math.max(0, problemCount - SUMMARY_ROWS),
      mayClaim: hasRole(visit, 'coordinator'),
    });
  }

  @Action({ permit: COORDINATOR })
  @Post('files/:id/cancel')
  async cancel(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    try {
      await this.files.cancel(visit.command(), id);
    } catch (error) {
      // It has ended in the meantime: its page says how.
      if (!(error instanceof DomainError && error.code === 'claim_file.ended')) throw error;
    }
    return seeOther(`/claims/files/${id}`);
  }

  @Page({ permit: READERS })
  @Get('files/:id/events')
  async follow(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    await this.files.read(visit.actor, id); // not found is said here, before the stream begins
    return eventStream((ended) => this.events(visit, id, ended));
  }

  @Page({ permit: READERS, sensitive: 'export' })
  @Get('files/:id/failures.csv')
  async failures(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return download('claims-to-correct.csv', CSV, marked(await this.files.failuresCsv(visit.actor, id)));
  }

  private async *events({ actor, t }: { actor: Actor; t: Visit['t'] }, id: string, ended: AbortSignal) {
    for (;;) {
      const { file } = await this.files.read(actor, id);
      const done = file.state !== 'receiving';
      const text = t(done ? 'claims.file.progress.done' : 'claims.file.progress.reading', { count: file.rows });
      yield { event: 'progress', data: { ...reachOf(file), text, done } };
      if (done || ended.aborted) return;
      await pause(PAUSE_MS, ended);
      if (ended.aborted) return;
    }
  }

  private async showForm(visit: Visit, form?: Form): Promise<View> {
    const contracts = contractsOf(await this.register.services(visit.actor));
    const data = { contracts, columns: claimColumns };
    return view('delivery/claim-upload.njk', data, form && { errors: form.errors, values: form.values });
  }
}

/** With a byte order mark, by which spreadsheets know UTF-8. */
async function* marked(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  yield '\uFEFF';
  yield* pieces;
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    ended.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** How far it is taken: nobody knows before all of it has arrived. */
function reachOf({ state, rows, rowCount }: ClaimFile): { value: number; max: number } {
  if (state !== 'receiving') return { value: 1, max: 1 };
  return { value: rowCount === null ? 0 : rows, max: Math.max(1, rowCount ?? 1) };
}

/** A file as plain data, without the digest that nobody reads. */
function shown(file: ClaimFile) {
  const { sha256: _digest, ...columns } = file;
  return columns;
}
