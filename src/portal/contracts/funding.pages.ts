import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import {
  ChangeBudget,
  ContractRegister,
  FundingService,
  RaiseOrder,
  type OrderOnContract,
  type TermsFinding,
} from '../../pricing/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { percentUsed } from './contracts.pages.js';
import { OrderAddress } from './contracts.schemas.js';

type Id = z.infer<typeof IdParameter>;

const FUNDS = { commissioner: ['contract_manager', 'finance'] } as const;
const CHANGES = ['raise', 'lower'] as const;
const PLACES = { valueMinor: 'value', startsOn: 'startsOn-day', endsOn: 'endsOn-day', effectiveOn: 'effectiveOn-day' };

/** What a contract may cost: its budget, and its purchase orders. */
@Controller('contracts/:id')
export class FundingPages {
  constructor(
    private readonly register: ContractRegister,
    private readonly funding: FundingService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: FUNDS })
  @Get('budget')
  async askBudget(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.budgetForm(visit, id);
  }

  @Action({ permit: FUNDS })
  @Post('budget')
  async changeBudget(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const request = readBudgetChange(form);
    if (!request) return this.budgetForm(visit, id, form);
    try {
      const { amountMinor } = await this.funding.changeBudget(visit.command(), id, request);
      const amount = visit.t.money(amountMinor < 0n ? -amountMinor : amountMinor);
      const key = amountMinor > 0n ? 'contracts.budget.raised' : 'contracts.budget.lowered';
      return seeOther(`/contracts/${id}`, key, { amount });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refuseBudget(visit, form, error);
    }
    return this.budgetForm(visit, id, form);
  }

  @Page({ permit: FUNDS })
  @Get('orders/new')
  async askOrder(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: OrderAddress }) { number }: OrderAddress,
  ): Promise<PageAnswer> {
    return this.orderForm(visit, id, number);
  }

  @Action({ permit: FUNDS })
  @Post('orders/new')
  async raiseOrder(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const request = readOrder(form, fields);
    if (!request) return this.orderForm(visit, id, undefined, form);
    try {
      const { number, valueMinor } = await this.funding.raiseOrder(visit.command(), id, request);
      return seeOther(`/contracts/${id}`, 'contracts.order.done', { number, amount: visit.t.money(valueMinor) });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refuseOrder(visit, form, error);
    }
    return this.orderForm(visit, id, undefined, form);
  }

  private async budgetForm(visit: Visit, id: string, form?: Form): Promise<View> {
    const whole = await this.register.read(visit.actor, id);
    const budget = await this.funding.budget(visit.actor, id);
    const { startsOn, endsOn } = whole.contract;
    const today = this.clock.today();
    const effectiveOn = today < startsOn ? startsOn : today > endsOn ? endsOn : today;
    return view(
      'contracts/budget.njk',
      { ...whole, budget: { ...budget, usedPercent: percentUsed(budget) } },
      form ? { errors: form.errors, values: form.values } : { values: { change: 'raise', effectiveOn } },
    );
  }

  private async orderForm(visit: Visit, id: string, number: string | undefined, form?: Form): Promise<View> {
    const whole = await this.register.read(visit.actor, id);
    const orders = await this.funding.orders(visit.actor, id);
    const asked = number ?? (form ? String(form.values.number) : undefined);
    const known = orders.find((order) => order.number === asked);
    const values = form?.values ?? typedOrder(known, whole.contract);
    return view('contracts/order.njk', { ...whole, known }, { values, ...(form && { errors: form.errors }) });
  }
}

function readBudgetChange(form: Form): ChangeBudget | undefined {
  const change = form.choice('change', CHANGES, 'contracts.budget.changeMissing');
  const amount = form.pounds('amount', { missing: 'contracts.budget.amountMissing' });
  const effectiveOn = form.day('effectiveOn', { missing: 'contracts.budget.dayMissing' });
  const reason = form.text('reason', { missing: 'contracts.budget.reasonMissing', max: 300 });
  if (amount === 0n) form.refuse('amount', 'contracts.budget.amountMissing');
  const amountMinor = `${change === 'lower' ? '-' : ''}${amount ?? 0n}`;
  return form.as(ChangeBudget, { amountMinor, effectiveOn, reason }, { ...PLACES, amountMinor: 'amount' });
}

function refuseBudget(visit: Visit, form: Form, error: DomainError): void {
  const { leftMinor, startsOn, endsOn } = error.details;
  if (error.code === 'budget.below_use')
    form.refuse('amount', 'contracts.budget.belowUse', { left: visit.t.money(minorOf(leftMinor)) });
  else if (error.code === 'contract.not_in_force')
    form.refuse('effectiveOn-day', 'contracts.budget.outside', {
      first: visit.t.day(String(startsOn)),
      last: visit.t.day(String(endsOn)),
    });
  else form.refused(error);
}

function readOrder(form: Form, fields: Fields): RaiseOrder | undefined {
  const number = fields.text('number').toUpperCase().replace(/\s+/g, '');
  if (form.text('number', { missing: 'contracts.order.numberMissing', max: 40 }) !== undefined)
    if (!/^[A-Z0-9][A-Z0-9/_.-]{0,29}$/.test(number)) form.refuse('number', 'contracts.order.numberWrong');
  const value = form.pounds('value', { missing: 'contracts.order.valueMissing' });
  const startsOn = form.day('startsOn', { missing: 'contracts.order.startsOnMissing' });
  const endsOn = form.day('endsOn', { missing: 'contracts.order.endsOnMissing' });
  return form.as(RaiseOrder, { number, valueMinor: String(value ?? 0n), startsOn, endsOn }, PLACES);
}

function refuseOrder(visit: Visit, form: Form, error: DomainError): void {
  const { usedMinor, findings } = error.details;
  if (error.code === 'purchase_order.below_used')
    form.refuse('value', 'contracts.order.belowUsed', { used: visit.t.money(minorOf(usedMinor)) });
  else if (error.code === 'purchase_order.of_other_contract') form.refused(error, 'number');
  else if (error.code === 'purchase_order.refused' && Array.isArray(findings))
    for (const { code, field } of findings as TermsFinding[])
      form.refuse(`${field}-day`, code === 'orders_overlap' ? 'contracts.order.overlap' : `contracts.finding.${code}`);
  else form.refused(error);
}

/** An amount of an error's details: a bigint, or its digits where the answer is that of an earlier command. */
function minorOf(detail: unknown): bigint {
  if (typeof detail === 'bigint') return detail;
  return typeof detail === 'string' ? BigInt(detail) : 0n;
}

/** An order as its form shows it: what it is now, or the days of the contract for a new one. */
function typedOrder(known: OrderOnContract | undefined, contract: { startsOn: string; endsOn: string }) {
  const { startsOn, endsOn } = known ?? contract;
  if (!known) return { startsOn, endsOn };
  const pounds = `${known.valueMinor / 100n}.${(known.valueMinor % 100n).toString().padStart(2, '0')}`;
  return { number: known.number, value: pounds, startsOn, endsOn };
}
