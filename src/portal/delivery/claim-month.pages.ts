import { Controller, Get, Post, Query } from '@nestjs/common';
import {
  ClaimDesk,
  CompletionDeclarations,
  DeclareNil,
  SessionRegister,
  type MonthToSend,
} from '../../delivery/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form, wordError } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { MonthAddress, SentAddress } from './delivery.schemas.js';
import { addressOf } from '../page/address.rules.js';
import { lastMonth, monthsUpTo } from './months.rules.js';
import { contractsOf } from './session-form.rules.js';

const COORDINATOR = { provider: ['coordinator'] } as const;
const READERS = { provider: ['coordinator', 'treasurer', 'auditor'] } as const;
const MONTHS = 16;
const OTHER = 'other';

/** A month as a whole: sent for review, or declared to be one in which nothing was delivered. */
@Controller('claims')
export class ClaimMonthPages {
  constructor(
    private readonly declarations: CompletionDeclarations,
    private readonly desk: ClaimDesk,
    private readonly register: SessionRegister,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: READERS })
  @Get('month')
  async show(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MonthAddress }) { month }: MonthAddress,
  ): Promise<PageAnswer> {
    return this.overview(visit, month ?? lastMonth(this.clock.today()));
  }

  @Action({ permit: COORDINATOR })
  @Post('month')
  async choose(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const month = monthsUpTo(this.clock.today(), MONTHS).find((one) => one === fields.text('month'));
    const contract = fields.all('contract');
    if (month === undefined) return seeOther('/claims/month');
    if (contract.length > 0) return seeOther(addressOf('/claims/month/confirm', { month, contract }));
    form.refuse('contract', 'claims.month.none');
    return this.overview(visit, month, form);
  }

  @Page({ permit: COORDINATOR })
  @Get('month/confirm')
  async confirm(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MonthAddress }) address: MonthAddress,
  ): Promise<PageAnswer> {
    const chosen = await this.chosen(visit, address);
    if (chosen.length === 0) return seeOther(addressOf('/claims/month', { month: address.month }));
    return view('delivery/month-confirm.njk', { rows: chosen, month: address.month });
  }

  @Action({ permit: COORDINATOR })
  @Post('month/confirm')
  async send(
    @CurrentVisit() visit: Visit,
    @Query({ schema: MonthAddress }) address: MonthAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const chosen = await this.chosen(visit, address);
    const { month } = address;
    if (month === undefined || chosen.length === 0) return seeOther('/claims/month');
    const id: string[] = [];
    for (const { contractId: contract, contractCode } of chosen) {
      try {
        const sent = await this.declarations.declare(visit.command(`month:${contract}`), { contract, period: month });
        id.push(sent.id);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const problem = wordError(visit.t, error);
        form.refuse('', 'claims.month.refused', { contract: contractCode, problem });
      }
    }
    if (form.ok) return seeOther(addressOf('/claims/month/sent', { id }));
    return view('delivery/month-confirm.njk', { rows: chosen, month }, { errors: form.errors });
  }

  @Page({ permit: READERS })
  @Get('month/sent')
  async sent(@CurrentVisit() visit: Visit, @Query({ schema: SentAddress }) { id }: SentAddress): Promise<PageAnswer> {
    const sent = await this.declarations.sent(visit.actor, id);
    return sent.length === 0 ? seeOther('/claims/month') : view('delivery/month-sent.njk', { sent });
  }

  @Page({ permit: COORDINATOR })
  @Get('nil')
  async askNil(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.nilForm(visit);
  }

  @Action({ permit: COORDINATOR })
  @Post('nil')
  async declareNil(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const contracts = contractsOf(await this.register.services(visit.actor));
    const chosen = fields.text('month');
    if (chosen === '') form.refuse('month', 'claims.nil.monthMissing');
    const [contractText = '', monthText = ''] = chosen === OTHER ? ['', ''] : chosen.split('/');
    const contract =
      chosen === OTHER
        ? form.choice(
            'contract',
            contracts.map(({ contractId }) => contractId),
            'claims.nil.contractMissing',
          )
        : contractText;
    const period =
      chosen === OTHER
        ? form.choice('otherMonth', monthsUpTo(this.clock.today(), MONTHS), 'claims.nil.otherMonthMissing')
        : monthText;
    const request = form.as(DeclareNil, { contract, period }, { contract: 'month', period: 'month' });
    if (request) {
      try {
        const nil = await this.desk.declareNil(visit.command(), request);
        const code = contracts.find(({ contractId }) => contractId === nil.contractId)?.contractCode ?? '';
        return seeOther('/claims', 'claims.nil.done', { month: visit.t.month(nil.period), contract: code });
      } catch (error) {
        form.refused(error, 'month');
      }
    }
    return this.nilForm(visit, form);
  }

  private async overview(visit: Visit, month: string, form?: Form): Promise<View> {
    const rows = await this.declarations.preview(visit.actor, month);
    const months = monthsUpTo(this.clock.today(), MONTHS);
    const data = { rows, month, months, maySend: hasRole(visit, 'coordinator') };
    return view('delivery/month.njk', data, form && { errors: form.errors, values: form.values });
  }

  /** The months that are named and have something to send. */
  private async chosen(visit: Visit, { month, contract }: MonthAddress): Promise<MonthToSend[]> {
    if (month === undefined) return [];
    const rows = await this.declarations.preview(visit.actor, month);
    return rows.filter(({ contractId }) => contract.includes(contractId));
  }

  private async nilForm(visit: Visit, form?: Form): Promise<View> {
    const due = await this.declarations.silent(visit.actor);
    const contracts = contractsOf(await this.register.services(visit.actor));
    const months = monthsUpTo(this.clock.today(), MONTHS).slice(1);
    const data = { due, contracts, months, other: OTHER };
    return view('delivery/nil.njk', data, form && { errors: form.errors, values: form.values });
  }
}
