import { Controller, Get, Post } from '@nestjs/common';
import { DirectoryBrowser } from '../../directory/index.js';
import {
  referralColumns,
  ReferralFilesService,
  referralFileTemplate,
  ReferralRegister,
  type ReferralFileResult,
} from '../../referrals/index.js';
import { download, seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { wordRowProblemsIn } from '../wording/row-words.rules.js';

const SENDERS = { commissioner: ['contract_manager'], provider: ['coordinator'], referrer: ['referrer'] } as const;
const CSV = 'text/csv; charset=utf-8';
/** Tells spreadsheet programs that it is UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';
const PROVIDERS_MAX = 500;
/** Columns of which nothing is ever shown again. */
const SECRET = new Set(referralColumns.filter(({ isSecret }) => isSecret === true).map(({ title }) => title));

/** Where a file may go: a contract, or for a referrer a provider of its commissioner. */
interface Target {
  readonly value: string;
  readonly text: string;
  readonly query: { commissionerId: string; providerId: string; contract?: string };
}

/** Files of referrals from other systems: good rows go in, the others come back with what to mend. */
@Controller('referrals/upload')
export class ReferralUploadPages {
  constructor(
    private readonly files: ReferralFilesService,
    private readonly register: ReferralRegister,
    private readonly directory: DirectoryBrowser,
  ) {}

  @Page({ permit: SENDERS })
  @Get()
  async ask(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.show(visit, await this.targets(visit));
  }

  @Page({ permit: SENDERS })
  @Get('template.csv')
  template(): PageAnswer {
    return download('referrals-template.csv', CSV, `${BYTE_ORDER_MARK}${referralFileTemplate()}`);
  }

  /** A file may be sent again: rows whose reference is known have no second effect, so it needs no key of its own. */
  @Action({ permit: SENDERS, file: true })
  @Post()
  async send(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const targets = await this.targets(visit);
    const chosen = form.choice(
      'target',
      targets.map(({ value }) => value),
      'referrals.upload.targetMissing',
    );
    const target = targets.find(({ value }) => value === chosen);
    const { file } = fields;
    if (!file) form.refuse('file', 'referrals.upload.fileMissing');
    if (target && file) {
      try {
        const query = { ...target.query, accept: fields.has('accept') ? 'true' : 'false' } as const;
        return resultOf(visit, await this.files.importFile(visit.actor, query, file.bytes), fields.has('accept'));
      } catch (error) {
        form.refused(error, 'file');
      }
    }
    return this.show(visit, targets, form);
  }

  private show(visit: Visit, targets: readonly Target[], form?: Form): View {
    const data = { targets, columns: referralColumns, side: visit.membership?.kind };
    return view('referrals/upload.njk', data, form && { errors: form.errors, values: form.values });
  }

  private async targets({ actor }: Visit): Promise<Target[]> {
    if (actor.side === 'referrer') {
      const { owner, listings } = await this.directory.search(
        actor,
        undefined,
        {},
        { offset: 0, limit: PROVIDERS_MAX },
      );
      const names = new Map(listings.map(({ providerId, providerName }) => [providerId, providerName]));
      return [...names].map(([providerId, text]) => {
        return { value: providerId, text, query: { commissionerId: owner.id, providerId } };
      });
    }
    const contracts = await this.register.contracts(actor);
    return contracts.map(({ id, code, commissionerId, commissionerName, providerId, providerName }) => ({
      value: id,
      text: `${code}, ${actor.side === 'provider' ? commissionerName : providerName}`,
      query: { commissionerId, providerId, contract: code },
    }));
  }
}

/** All good: on to the list. Otherwise the rows to mend, which are kept nowhere but on that page. */
function resultOf({ t }: Visit, result: ReferralFileResult, accepted: boolean): PageAnswer {
  const { accepted: count, repeated, failuresCsv } = result;
  if (failuresCsv === null) {
    return seeOther(accepted ? '/referrals' : '/referrals?state=made', 'referrals.upload.done', { count, repeated });
  }
  const failures = wordRowProblemsIn(t, result.failures).map((one) => ({
    ...one,
    isSecret: SECRET.has(one.column.text),
  }));
  const errors = failures.map(({ row, column }, index) => ({
    field: `problem-${index + 1}`,
    text: t('referrals.upload.place', { row, column: column.text }),
  }));
  const file = Buffer.from(`${BYTE_ORDER_MARK}${failuresCsv}`).toString('base64');
  return view('referrals/upload-result.njk', { result, failures, file }, { errors });
}
