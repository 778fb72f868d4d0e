import { Controller, Get, Post } from '@nestjs/common';
import { ClaimStandings } from '../../batches/index.js';
import {
  ClaimLists,
  CompletionDeclarations,
  ListedFacts,
  type ListedClaim,
  type PricedClaim,
  type PricedList,
} from '../../delivery/index.js';
import { DomainError } from '../../platform/errors.js';
import { isUuid } from '../../platform/ids.js';
import { seeOther, seeOtherNoting, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form, wordError } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { wordClaimFlagIn } from '../wording/reason-words.rules.js';
import { ClaimDrafts, type FailedEntry } from './claim-drafts.service.js';
import { addressOf } from '../page/address.rules.js';

const COORDINATOR = { provider: ['coordinator'] } as const;

/** The list of claims that somebody gathers: looked over, checked, and submitted. */
@Controller('claims')
export class ClaimListPages {
  constructor(
    private readonly lists: ClaimLists,
    private readonly facts: ListedFacts,
    private readonly drafts: ClaimDrafts,
    private readonly standings: ClaimStandings,
    private readonly declarations: CompletionDeclarations,
  ) {}

  @Page({ permit: COORDINATOR, sensitive: 'claims' })
  @Get('list')
  async show(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return view('delivery/claim-list.njk', await this.listed(visit));
  }

  @Action({ permit: COORDINATOR })
  @Post('list/add')
  async add(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const [contractId, sessionId] = [fields.text('contract'), fields.text('session')];
    if (!isUuid(contractId) || !isUuid(sessionId)) return seeOtherNoting('/claims/list', 'claims.list.nothingAdded');
    const known = await this.facts.describe(visit.actor, [
      { key: '', fact: { kind: 'session', contractId, sessionId }, yourReference: null },
    ]);
    if (!known[0]?.session) return seeOtherNoting('/claims/list', 'claims.list.nothingAdded');
    await this.drafts.addSessions(visit.actor, known[0].session.contractId, [sessionId]);
    return seeOther('/claims/list', 'claims.list.added', { count: 1 });
  }

  @Action({ permit: COORDINATOR })
  @Post('list/remove')
  async remove(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    await this.drafts.remove(visit.actor, fields.all('item'));
    return seeOther('/claims/list', 'claims.list.removed');
  }

  @Page({ permit: COORDINATOR, sensitive: 'claims' })
  @Get('check')
  async check(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const data = await this.listed(visit);
    return data.rows.length === 0 ? seeOther('/claims/list') : view('delivery/claim-check.njk', data);
  }

  @Action({ permit: COORDINATOR, sensitive: 'claims' })
  @Post('check')
  async submit(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    // Only what was shown on the page is submitted: the list may have grown in another window.
    const list = (await this.drafts.list(visit.actor)).filter(({ key }) => fields.all('item').includes(key));
    if (list.length === 0) return seeOtherNoting('/claims/list', 'claims.check.nothingLeft');
    if (!fields.has('declared')) form.refuse('declared', 'claims.check.declarationMissing');
    if (form.ok) {
      const { claimIds, failed } = await this.submitAll(visit, list);
      if (claimIds.length > 0) return seeOther('/claims/sent');
      for (const { listed, code, message } of failed) {
        form.errors.push({ field: listed.key, text: wordError(visit.t, new DomainError('conflict', code, message)) });
      }
      if (failed.length === 0) return seeOtherNoting('/claims/list', 'claims.check.nothingLeft');
    }
    const data = await this.listed(visit);
    return view('delivery/claim-check.njk', data, { errors: form.errors, values: form.values });
  }

  @Page({ permit: COORDINATOR, sensitive: 'claims' })
  @Get('sent')
  async sent(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const sent = await this.drafts.sent(visit.actor);
    if (sent === null) return seeOther('/claims');
    const { claims, netMinor, indicativeMinor } = await this.standings.summed(visit.actor, sent.claimIds);
    const months = new Map(claims.map((one) => [`${one.contractId} ${one.forPeriod}`, one]));
    const expected = await this.declarations.expectations(
      visit.actor,
      Array.from(months.values(), ({ contractId, contractCode, commissionerName, forPeriod }) => {
        return { contractId, contractCode, commissionerName, period: forPeriod };
      }),
    );
    const failed = await this.failedRows(visit, sent.failed);
    return view('delivery/claims-sent.njk', { claims, netMinor, indicativeMinor, expected, failed });
  }

  /** Each entry is a command of its own: what one is refused for keeps none of the others back. */
  private async submitAll(visit: Visit, list: readonly ListedClaim[]) {
    const [claimIds, failed, done]: [string[], FailedEntry[], string[]] = [[], [], []];
    try {
      for (const listed of list) {
        try {
          const { claims } = await this.lists.submit(visit.command(`claim:${listed.key}`), listed);
          claimIds.push(...claims.map(({ id }) => id));
          done.push(listed.key);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          failed.push({ listed, code: error.code, message: error.message });
        }
      }
    } finally {
      await this.drafts.remove(visit.actor, done);
    }
    if (claimIds.length > 0) await this.drafts.keepSent(visit.actor, { claimIds, failed });
    return { claimIds, failed };
  }

  private async listed(visit: Visit) {
    const list = await this.drafts.list(visit.actor);
    const priced = await this.lists.price(visit.actor, list);
    const about = await this.facts.describe(visit.actor, list);
    const rows = priced.entries.map((entry) => ({
      ...entry,
      about: about.find(({ key }) => key === entry.listed.key),
      ...wordsOf(visit, entry),
    }));
    return { rows, ...totals(priced) };
  }

  private async failedRows(visit: Visit, failed: readonly FailedEntry[]) {
    const about = await this.facts.describe(
      visit.actor,
      failed.map(({ listed }) => listed),
    );
    return failed.map(({ listed, code, message }, index) => ({
      listed,
      about: about[index],
      text: wordError(visit.t, new DomainError('conflict', code, message)),
    }));
  }
}

function totals({ entries, netMinor, indicativeMinor }: PricedList) {
  const good = entries.filter(({ refusal }) => refusal === null);
  const claimCount = good.reduce((sum, { prices }) => sum + prices.length, 0);
  return { netMinor, indicativeMinor, refused: entries.length - good.length, good: good.length, claimCount };
}

/** What a row says besides its amount, and where it is changed. */
function wordsOf({ t }: Visit, { listed, prices, refusal }: PricedClaim) {
  const { key: item, fact } = listed;
  const page = fact.kind === 'milestone' ? 'milestone' : fact.kind === 'period' ? 'month' : null;
  return {
    flags: [...new Set(prices.flatMap(({ flags }) => flags.map((flag) => wordClaimFlagIn(t, flag))))],
    refused: refusal === null ? null : wordError(t, refusal),
    change: page === null ? null : addressOf(`/claims/new/${page}`, { contract: fact.contractId, item }),
  };
}
