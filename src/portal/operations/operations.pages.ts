import { Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { NoticesService, type NoticeFate } from '../../notices/index.js';
import type { Config } from '../../platform/config.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database.js';
import { JobRecords } from '../../platform/job-records.js';
import { CONFIG } from '../../platform/platform.module.js';
import { productVersion } from '../../platform/version.js';
import { SigningStates } from '../../sealing/index.js';
import { seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { PageAddress } from './operations.schemas.js';

const OPERATOR = { permit: 'operator' } as const;
const PAGE_ROWS = 50;

/** How the instance is: nothing of any organisation's money or people. */
@Controller('operations')
export class OperationPages {
  private readonly version = productVersion();

  constructor(
    private readonly database: Database,
    private readonly jobs: JobRecords,
    private readonly notices: NoticesService,
    private readonly signing: SigningStates,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Page(OPERATOR)
  @Get()
  async show(): Promise<PageAnswer> {
    return view('operations/health.njk', {
      version: this.version,
      now: this.clock.now(),
      database: await this.database.describe(),
      isEmbedded: this.config.databaseUrl === undefined,
      address: this.config.publicUrl,
      jobs: await this.jobs.now(),
      delivery: this.notices.delivery,
      notices: await this.notices.countFates(),
      signing: await this.signing.read(),
    });
  }

  @Page(OPERATOR)
  @Get('jobs')
  async listJobs(): Promise<PageAnswer> {
    const failed = await this.jobs.listFailed();
    return view('operations/jobs.njk', {
      open: failed.filter(({ state }) => state !== 'done'),
      done: failed.filter(({ state }) => state === 'done'),
    });
  }

  @Action(OPERATOR)
  @Post('jobs/again')
  async tryAgain(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    await this.jobs.tryAgain(fields.text('job'), fields.text('id'), visit.session?.loginId ?? '');
    return seeOther('/operations/jobs', 'operations.jobs.asked');
  }

  @Page(OPERATOR)
  @Get('notices')
  async listNotices(@Query({ schema: PageAddress }) { after }: PageAddress): Promise<PageAnswer> {
    const { items, next } = await this.notices.listFates({ limit: PAGE_ROWS, after });
    return view('operations/notices.njk', {
      notices: items.map((notice) => ({ ...notice, state: stateOf(notice) })),
      first: after === undefined ? undefined : '/operations/notices',
      next: next === null ? undefined : `/operations/notices?after=${next}`,
    });
  }
}

/** Whether it has left, waits, or never will. */
export function stateOf({
  sentAt,
  givenUpAt,
}: Pick<NoticeFate, 'sentAt' | 'givenUpAt'>): 'sent' | 'waiting' | 'given_up' {
  if (sentAt !== null) return 'sent';
  return givenUpAt === null ? 'waiting' : 'given_up';
}
