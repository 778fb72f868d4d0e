import { setTimeout } from 'node:timers/promises';
import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { PaymentRunsService } from '../../payouts/index.js';
import type { IsoDate } from '../../platform/clock.js';
import { addressOf } from '../page/address.rules.js';
import { eventStream, seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { RunDayAddress, RunsAddress } from './finance.schemas.js';
import { progressIn } from './run-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const READS = { permit: { commissioner: ['finance', 'auditor'] } } as const;
const PAYS = { permit: { commissioner: ['finance'] } } as const;
const RELEASES = { ...PAYS, stepUp: true } as const;
const PAGE_ROWS = 30;
const POLL_MS = 1000;
/** A reader comes back after this many, and is asked again who it is. */
const POLLS_MAX = 60;
const REFRESH_SECONDS = 3;

/** Payment runs: what one would pay, the order to pay it, and how far it is. */
@Controller('payment-runs')
export class PaymentRunPages {
  constructor(
    private readonly runs: PaymentRunsService,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page(READS)
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: RunsAddress }) { after }: RunsAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.runs.list(visit.actor, { after, order: 'latest', limit: PAGE_ROWS });
    return view('finance/runs.njk', {
      items,
      first: after === undefined ? undefined : '/payment-runs',
      next: next === null ? undefined : addressOf('/payment-runs', { after: next }),
      mayPay: hasRole(visit, 'finance'),
    });
  }

  @Page(PAYS)
  @Get('new')
  async plan(
    @CurrentVisit() visit: Visit,
    @Query({ schema: RunDayAddress }) { on }: RunDayAddress,
  ): Promise<PageAnswer> {
    return this.planPage(visit, on);
  }

  /** The day is checked here, so that whoever confirms confirms a run that is possible. */
  @Action(PAYS)
  @Post('day')
  async chooseDay(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const day = form.day('paysOn', { missing: 'finance.plan.dayMissing' });
    const { earliest, latest } = this.runs.possibleDays();
    if (day !== undefined && (day < earliest || day > latest)) {
      form.refuse('paysOn', 'finance.plan.dayWrong', { from: visit.t.day(earliest), to: visit.t.day(latest) });
    }
    if (day !== undefined && form.ok) return seeOther(addressOf('/payment-runs/confirm', { on: day }));
    return this.planPage(visit, undefined, form);
  }

  @Page(RELEASES)
  @Get('confirm')
  async askRelease(
    @CurrentVisit() visit: Visit,
    @Query({ schema: RunDayAddress }) { on }: RunDayAddress,
  ): Promise<PageAnswer> {
    return this.confirmPage(visit, on ?? this.runs.possibleDays().earliest);
  }

  @Action(RELEASES)
  @Post()
  async release(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const { on = this.runs.possibleDays().earliest } = RunDayAddress.parse({ on: fields.text('on') });
    try {
      const { id } = await this.runs.make(visit.command(), on);
      return seeOther(`/payment-runs/${id}`);
    } catch (error) {
      form.refused(error);
    }
    return this.confirmPage(visit, on, form);
  }

  @Page(READS)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.runPage(visit, id);
  }

  @Page(READS)
  @Get(':id/progress')
  async progress(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { t, actor } = visit;
    const first = await this.runs.progress(actor, id);
    const { runs } = this;
    return eventStream(async function* (ended) {
      let progress = first;
      for (let polls = 0; polls < POLLS_MAX && !ended.aborted; polls += 1) {
        yield { event: 'progress', data: progressIn(t, progress) };
        if (progress.done) return;
        await setTimeout(POLL_MS, undefined, { signal: ended }).catch(() => undefined);
        progress = await runs.progress(actor, id);
      }
    });
  }

  @Action(PAYS)
  @Post(':id/cancel')
  async cancel(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.runs.cancel(visit.command(), id);
      return seeOther(`/payment-runs/${id}`, 'finance.run.wasCancelled');
    } catch (error) {
      form.refused(error);
    }
    return this.runPage(visit, id, form);
  }

  private async planPage(visit: Visit, on: IsoDate | undefined, form?: Form): Promise<View> {
    const values = form?.values ?? { paysOn: on ?? this.runs.possibleDays().earliest };
    return view('finance/plan.njk', await this.previewed(visit), { errors: form?.errors ?? [], values });
  }

  private async confirmPage(visit: Visit, on: IsoDate, form?: Form): Promise<View> {
    const data = { ...(await this.previewed(visit)), on, isToday: on === this.runs.possibleDays().earliest };
    return view('finance/confirm.njk', data, form && { errors: form.errors });
  }

  private async previewed(visit: Visit) {
    const preview = await this.runs.preview(visit.actor);
    const { groups } = preview;
    const names = await this.organisations.names(
      visit.actor,
      groups.map(({ providerId }) => providerId),
    );
    return {
      preview,
      ready: groups.filter(({ waits }) => waits === null),
      waiting: groups.filter(({ waits }) => waits !== null),
      names: Object.fromEntries(names),
      days: this.runs.possibleDays(),
    };
  }

  private async runPage(visit: Visit, id: string, form?: Form): Promise<View> {
    const { run, state, payouts, waits } = await this.runs.read(visit.actor, id);
    const progress = await this.runs.progress(visit.actor, id);
    const payees = [...payouts, ...waits].map(({ providerId }) => providerId);
    const mayPay = hasRole(visit, 'finance');
    const isOpen = !progress.done && state !== 'scheduled';
    const data = {
      run,
      state,
      payouts,
      waits,
      progress: { ...progress, ...progressIn(visit.t, progress) },
      names: Object.fromEntries(await this.organisations.names(visit.actor, payees)),
      mayPay,
      mayCancel: mayPay && state === 'scheduled',
      isOpen,
      refresh: isOpen ? REFRESH_SECONDS : undefined,
    };
    return view('finance/run.njk', data, form && { errors: form.errors });
  }
}
