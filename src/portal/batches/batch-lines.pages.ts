import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { BatchRegister, BatchReviewService, LineReviewService, REVIEW_WORDS } from '../../batches/index.js';
import { IdParameter } from '../../organisations/index.js';
import { DomainError } from '../../platform/errors.js';
import { seeOther, seeOtherNoting, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { addressOf } from '../page/address.rules.js';
import { decidedAlready, readWords } from './batch-words.rules.js';
import { LinesAddress } from './batches.schemas.js';
import { wordLinesIn } from './line-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const REVIEWERS = { commissioner: ['contract_manager', 'approver'] } as const;

/** Refusals that mean that somebody else was faster, which is nobody's mistake. */
const OVERTAKEN: ReadonlySet<string> = new Set(['batch.line_not_held', 'batch.decided']);

/** What is done to each of the lines, in the words for it. */
interface LineDecision {
  readonly kind: 'query' | 'reject';
  readonly missing: string;
  readonly decide: (visit: Visit, batchId: string, claimId: string, words: string) => Promise<unknown>;
}

/** Lines that are taken out of a batch: with a question, or for good. */
@Controller('batches')
export class BatchLinesPages {
  private readonly decisions: Readonly<Record<LineDecision['kind'], LineDecision>>;

  constructor(
    private readonly register: BatchRegister,
    private readonly review: BatchReviewService,
    lines: LineReviewService,
  ) {
    this.decisions = {
      query: {
        kind: 'query',
        missing: 'batches.query.missing',
        decide: (visit, batchId, claimId, words) =>
          lines.query(visit.command(`query:${claimId}`), batchId, claimId, words),
      },
      reject: {
        kind: 'reject',
        missing: 'batches.reject.missing',
        decide: (visit, batchId, claimId, words) =>
          lines.reject(visit.command(`reject:${claimId}`), batchId, claimId, words),
      },
    };
  }

  @Page({ permit: REVIEWERS, sensitive: 'claims' })
  @Get(':id/query')
  async askQuery(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: LinesAddress }) address: LinesAddress,
  ): Promise<PageAnswer> {
    return this.page(visit, id, address, this.decisions.query);
  }

  @Action({ permit: REVIEWERS, sensitive: 'claims' })
  @Post(':id/query')
  async query(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: LinesAddress }) { after }: LinesAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    return this.decide(visit, id, after, fields, this.decisions.query);
  }

  /** Of the lines that are named; of the whole batch where none is. */
  @Page({ permit: REVIEWERS, sensitive: 'claims' })
  @Get(':id/reject')
  async askReject(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: LinesAddress }) address: LinesAddress,
  ): Promise<PageAnswer> {
    return address.line.length === 0 ? this.wholePage(visit, id) : this.page(visit, id, address, this.decisions.reject);
  }

  @Action({ permit: REVIEWERS, sensitive: 'claims' })
  @Post(':id/reject')
  async reject(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: LinesAddress }) { after }: LinesAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    return fields.has('whole')
      ? this.rejectWhole(visit, id, fields)
      : this.decide(visit, id, after, fields, this.decisions.reject);
  }

  private async page(
    visit: Visit,
    id: string,
    { after, line }: LinesAddress,
    { kind }: LineDecision,
    form?: Form,
  ): Promise<PageAnswer> {
    const { batch, lines } = await this.register.select(visit.actor, id, line);
    if (batch.state !== 'submitted')
      return seeOtherNoting(`/batches/${id}`, decidedAlready(batch, visit.actor.memberId));
    const here = addressOf(`/batches/${id}`, { after });
    if (line.length === 0) return seeOther(here);
    if (lines.length === 0) return seeOtherNoting(here, 'batches.already.lines', { count: line.length });
    const rows = wordLinesIn(visit.t, lines);
    const data = {
      kind,
      batch,
      rows,
      totalMinor: lines.reduce((sum, { priceMinor }) => sum + priceMinor, 0n),
      gone: line.length - lines.length,
      action: addressOf(`/batches/${id}/${kind}`, { after }),
      wordsMax: REVIEW_WORDS.max,
      back: { href: addressOf(`/batches/${id}`, { after, line: rows.map(({ claimId }) => claimId) }) },
      here,
    };
    return view('batches/lines.njk', data, form && { errors: form.errors, values: form.values });
  }

  /** One command for each line: those that somebody else has decided meanwhile do not keep the others. */
  private async decide(
    visit: Visit,
    id: string,
    after: string | undefined,
    fields: Fields,
    decision: LineDecision,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const { line } = LinesAddress.parse({ line: fields.all('line') });
    const words = wordsOfLines(form, fields, line, decision.missing);
    if (line.length === 0) return seeOther(addressOf(`/batches/${id}`, { after }));
    const [done, overtaken]: [string[], string[]] = [[], []];
    if (form.ok) {
      for (const claimId of line) {
        try {
          await decision.decide(visit, id, claimId, words.get(claimId) ?? '');
          done.push(claimId);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          if (OVERTAKEN.has(error.code)) overtaken.push(claimId);
          else form.refused(error);
        }
      }
    }
    if (!form.ok) return this.page(visit, id, { after, line }, decision, form);
    return told(addressOf(`/batches/${id}`, { after }), decision.kind, done.length, overtaken.length);
  }

  private async wholePage(visit: Visit, id: string, form?: Form): Promise<PageAnswer> {
    const batch = await this.register.read(visit.actor, id);
    if (batch.state !== 'submitted')
      return seeOtherNoting(`/batches/${id}`, decidedAlready(batch, visit.actor.memberId));
    return view(
      'batches/reject-whole.njk',
      { batch, wordsMax: REVIEW_WORDS.max },
      form && { errors: form.errors, values: form.values },
    );
  }

  private async rejectWhole(visit: Visit, id: string, fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const reason = written(form, fields, 'words', 'batches.reject.missing');
    if (reason !== undefined) {
      try {
        await this.review.reject(visit.command(), id, reason);
        return seeOther(`/batches/${id}`, 'batches.reject.wholeDone');
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (error.code !== 'batch.decided') form.refused(error);
      }
    }
    return this.wholePage(visit, id, form);
  }
}

/** For each line its own words, where some are given, else those for all of them. */
function wordsOfLines(form: Form, fields: Fields, lines: readonly string[], missing: string): Map<string, string> {
  const ownOf = (claimId: string) => `words-${claimId}`;
  const needsShared = lines.some((claimId) => !fields.has(ownOf(claimId)));
  const shared = needsShared || fields.has('words') ? written(form, fields, 'words', missing) : undefined;
  return new Map(
    lines.map((claimId) => {
      const own = fields.has(ownOf(claimId)) ? written(form, fields, ownOf(claimId), missing) : undefined;
      return [claimId, own ?? shared ?? ''];
    }),
  );
}

function written(form: Form, fields: Fields, name: string, missing: string): string | undefined {
  return readWords(form, { name, text: fields.text(name), missing }, REVIEW_WORDS);
}

/** What became of the lines: all of them, none, or all but those that somebody else had decided. */
function told(to: string, kind: LineDecision['kind'], count: number, others: number): PageAnswer {
  if (count === 0) return seeOtherNoting(to, 'batches.already.lines', { count: others });
  if (others === 0) return seeOther(to, kind === 'query' ? 'batches.query.done' : 'batches.reject.done', { count });
  const key = kind === 'query' ? 'batches.query.doneOthers' : 'batches.reject.doneOthers';
  return seeOtherNoting(to, key, { count, others });
}
