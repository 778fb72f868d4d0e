import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import {
  OutsidePaymentList,
  OutsidePaymentsService,
  outsideStepOf,
  PayoutsService,
  type OutsideFileResult,
} from '../../payouts/index.js';
import { DomainError } from '../../platform/errors.js';
import { download, seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { bankFacts } from '../treasury/account-words.rules.js';
import { wordRowProblemsIn } from '../wording/row-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const READS = { permit: { commissioner: ['finance', 'auditor'] } } as const;
const FINANCE = { permit: { commissioner: ['finance'] } } as const;
const CONFIRMS = { ...FINANCE, stepUp: true } as const;

/** Beside which field a refusal of an entry belongs. */
const FIELD_OF: Readonly<Record<string, string>> = {
  'payout.reference_not_possible': 'reference',
  'payout.payment_day_not_possible': 'paidOn',
};

/** Payments that the commissioner's own accounts team makes: one person enters them, another confirms. */
@Controller('payments/outside')
export class OutsidePaymentPages {
  constructor(
    private readonly due: OutsidePaymentList,
    private readonly outside: OutsidePaymentsService,
    private readonly payouts: PayoutsService,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page(READS)
  @Get()
  async list(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const items = await this.due.open(visit.actor);
    return view('finance/outside.njk', { items, mayPay: hasRole(visit, 'finance') });
  }

  @Page(FINANCE)
  @Get('to-make.csv')
  async file(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const { name, bytes } = await this.due.file(visit.actor);
    return download(name, 'text/csv; charset=utf-8', bytes);
  }

  @Page(FINANCE)
  @Get('upload')
  askFile(): PageAnswer {
    return view('finance/outside-upload.njk');
  }

  @Action({ ...FINANCE, file: true })
  @Post('upload')
  async upload(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    if (fields.file === undefined) form.refuse('file', 'finance.upload.missing');
    else {
      try {
        return uploaded(visit, await this.outside.importFile(visit.actor, fields.file.bytes));
      } catch (error) {
        form.refused(error, 'file');
      }
    }
    return view('finance/outside-upload.njk', {}, { errors: form.errors });
  }

  @Page(READS)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id);
  }

  @Action(FINANCE)
  @Post(':id/enter')
  async enter(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const reference = form.text('reference', { missing: 'finance.enter.referenceMissing', max: 64 });
    const paidOn = form.day('paidOn', { missing: 'finance.enter.dayMissing' });
    if (form.ok && reference !== undefined && paidOn !== undefined) {
      try {
        await this.outside.enter(visit.command(), id, { reference, paidOn });
        return seeOther('/payments/outside', 'finance.enter.done');
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        form.refused(error, FIELD_OF[error.code] ?? '');
      }
    }
    return this.page(visit, id, form);
  }

  @Page(CONFIRMS)
  @Get(':id/confirm')
  async askConfirm(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, undefined, 'finance/outside-confirm.njk');
  }

  /** What was seen goes with it: should somebody enter another reference meanwhile, nobody has confirmed that. */
  @Action(CONFIRMS)
  @Post(':id/confirm')
  async confirm(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.outside.confirm(visit.command(), id, fields.text('seen'));
      return seeOther(`/payouts/${id}`, 'finance.enter.confirmed');
    } catch (error) {
      form.refused(error);
    }
    return this.page(visit, id, form, 'finance/outside-confirm.njk');
  }

  @Page(FINANCE)
  @Get(':id/withdraw')
  async askWithdraw(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, undefined, 'finance/outside-withdraw.njk');
  }

  @Action(FINANCE)
  @Post(':id/withdraw')
  async withdraw(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.outside.withdraw(visit.command(), id);
      return seeOther('/payments/outside', 'finance.enter.withdrawn');
    } catch (error) {
      form.refused(error);
    }
    return this.page(visit, id, form, 'finance/outside-withdraw.njk');
  }

  private async page(visit: Visit, id: string, form?: Form, template = 'finance/outside-one.njk'): Promise<View> {
    const { payout, items, advances } = await this.payouts.read(visit.actor, id);
    const names = await this.organisations.names(visit.actor, [payout.providerId]);
    const due = (await this.due.open(visit.actor)).find((one) => one.id === id);
    const data = {
      payout,
      items,
      advances,
      isChanging: due?.isChanging ?? false,
      bank: due && !due.isChanging ? bankFacts(visit.t, due) : [],
      step: outsideStepOf(payout, visit.actor.memberId),
      payee: names.get(payout.providerId) ?? '',
      mayPay: hasRole(visit, 'finance'),
    };
    return view(template, data, form && { errors: form.errors, values: form.values });
  }
}

/** The good rows are in; the page lists the others. */
function uploaded({ t }: Visit, result: OutsideFileResult): View {
  const failures = wordRowProblemsIn(t, result.failures);
  const errors = failures.map(({ row, column, fix }, index) => ({
    field: `row-${index + 1}`,
    text: t('finance.upload.rowWrong', { row, column: column.text, problem: fix.text }),
  }));
  return view('finance/outside-uploaded.njk', { result, failures }, { errors });
}
