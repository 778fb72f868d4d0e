import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { AnswerQuery, ClaimQueriesService, ClaimStandings, type ClaimQuery } from '../../batches/index.js';
import { ClaimDesk } from '../../delivery/index.js';
import { IdParameter } from '../../organisations/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { wordClaimFlagIn, wordReasonIn } from '../wording/reason-words.rules.js';
import { PageAddress } from './delivery.schemas.js';
import { addressOf } from '../page/address.rules.js';

type Id = z.infer<typeof IdParameter>;

const PAGE_ROWS = 50;
const ANSWER_MAX = 1000;
const READERS = { provider: ['coordinator', 'treasurer', 'auditor'], commissioner: 'any' } as const;

/** Questions that a commissioner asked about claims. */
@Controller('queries')
export class QueryPages {
  constructor(
    private readonly queries: ClaimQueriesService,
    private readonly standings: ClaimStandings,
    private readonly desk: ClaimDesk,
  ) {}

  @Page({ permit: READERS, sensitive: 'claims' })
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: PageAddress }) { after, all }: PageAddress,
  ): Promise<PageAnswer> {
    const filter = { limit: PAGE_ROWS, after, open: all === undefined };
    const { items, next } = await this.queries.list(visit.actor, filter);
    const claims = await this.standings.withIds(visit.actor, [...new Set(items.map(({ claimId }) => claimId))]);
    return view('delivery/queries.njk', {
      items: items.map((query) => ({ query, state: stateOf(query), claim: claims.get(query.claimId) })),
      all,
      first: after === undefined ? undefined : addressOf('/queries', { all }),
      next: next === null ? undefined : addressOf('/queries', { all, after: next }),
      side: visit.membership?.kind,
    });
  }

  @Page({ permit: READERS, sensitive: 'claims' })
  @Get(':id')
  async read(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.show(visit, id);
  }

  @Action({ permit: { provider: ['coordinator', 'treasurer'] }, sensitive: 'claims' })
  @Post(':id')
  async answer(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const typed = form.text('answer', { missing: 'queries.answerMissing', max: ANSWER_MAX });
    const request = form.as(AnswerQuery, { answer: typed });
    if (request) {
      try {
        await this.queries.answer(visit.command(), id, request.answer);
        return seeOther(`/queries/${id}`, 'queries.answered');
      } catch (error) {
        form.refused(error, 'answer');
      }
    }
    return this.show(visit, id, form);
  }

  @Page({ permit: { provider: ['coordinator'] }, sensitive: 'claims' })
  @Get(':id/withdraw')
  async askWithdraw(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return view('delivery/query-withdraw.njk', await this.shown(visit, id));
  }

  @Action({ permit: { provider: ['coordinator'] }, sensitive: 'claims' })
  @Post(':id/withdraw')
  async withdraw(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const { claimId } = await this.queries.read(visit.actor, id);
    try {
      await this.desk.withdraw(visit.command(), claimId);
      return seeOther(`/claims/${claimId}`, 'queries.withdraw.done');
    } catch (error) {
      form.refused(error);
    }
    return view('delivery/query-withdraw.njk', await this.shown(visit, id), { errors: form.errors });
  }

  private async show(visit: Visit, id: string, form?: Form): Promise<View> {
    const data = await this.shown(visit, id);
    return view('delivery/query.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async shown(visit: Visit, id: string) {
    const query = await this.queries.read(visit.actor, id);
    const { standing, claim } = await this.standings.read(visit.actor, query.claimId);
    const state = stateOf(query);
    const isProvider = visit.membership?.kind === 'provider';
    return {
      query,
      state,
      standing,
      reasons: claim.pricing.reasons.map((reason) => wordReasonIn(visit.t, reason)),
      flags: claim.pricing.flags.map((flag) => wordClaimFlagIn(visit.t, flag)),
      side: visit.membership?.kind,
      answerMax: ANSWER_MAX,
      mayAnswer: isProvider && state === 'open' && hasRole(visit, 'coordinator', 'treasurer'),
      mayWithdraw: isProvider && state === 'open' && hasRole(visit, 'coordinator'),
    };
  }
}

function stateOf({ answeredAt, closedAt }: ClaimQuery): 'open' | 'answered' | 'closed' {
  if (answeredAt !== null) return 'answered';
  return closedAt === null ? 'open' : 'closed';
}
