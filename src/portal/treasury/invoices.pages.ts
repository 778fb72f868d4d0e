import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  INVOICE_STATES,
  InvoiceAuthorityService,
  InvoicesService,
  OwnInvoiceNumber,
  providerStepOf,
} from '../../invoicing/index.js';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { PayoutsService } from '../../payouts/index.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/errors.js';
import { addressOf } from '../page/address.rules.js';
import { monthsUpTo } from '../delivery/months.rules.js';
import { download, seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { documentFacts } from './document-facts.rules.js';
import { DocumentAddress, InvoicesAddress } from './treasury.schemas.js';

type Id = z.infer<typeof IdParameter>;

const READS = { permit: { provider: 'any', commissioner: 'any' } } as const;
const DECIDES = { permit: { provider: ['coordinator', 'treasurer'] } } as const;
const PAGE_ROWS = 50;
const MONTHS = 24;

/** Invoices and grant notices, for those who are paid by them and those who pay them. */
@Controller('invoices')
export class InvoicePages {
  constructor(
    private readonly invoices: InvoicesService,
    private readonly authority: InvoiceAuthorityService,
    private readonly payouts: PayoutsService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  @Page(READS)
  @Get()
  async list(
    @CurrentVisit() visit: Visit,
    @Query({ schema: InvoicesAddress }) { state, contract, month, after }: InvoicesAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.invoices.list(visit.actor, {
      state,
      contractId: contract,
      period: month === undefined ? undefined : `${month}-01`,
      after,
      limit: PAGE_ROWS,
    });
    const payments = await this.payouts.ofInvoices(
      visit.actor,
      items.map(({ id }) => id),
    );
    const others = items.map((invoice) => (isProvider(visit) ? invoice.commissionerId : invoice.providerId));
    const names = await this.organisations.names(visit.actor, others);
    const contracts = await this.invoices.contracts(visit.actor);
    const address = { state, contract, month };
    return view(
      'treasury/invoices.njk',
      {
        items: items.map((invoice) => ({
          invoice,
          contractCode: contracts.find(({ id }) => id === invoice.contractId)?.code ?? '',
          month: this.invoices.documentOf(invoice).period.to,
          other: names.get(isProvider(visit) ? invoice.commissionerId : invoice.providerId) ?? '',
          payment: payments.get(invoice.id),
        })),
        contracts: contracts.map(({ id, code, title }) => ({ value: id, text: `${code}: ${title}` })),
        months: monthsUpTo(this.clock.today(), MONTHS).map((one) => ({ value: one, text: visit.t.month(`${one}-01`) })),
        states: INVOICE_STATES,
        isProvider: isProvider(visit),
        isFiltered: Object.values(address).some((value) => value !== undefined),
        first: after === undefined ? undefined : addressOf('/invoices', address),
        next: next === null ? undefined : addressOf('/invoices', { ...address, after: next }),
      },
      { values: address },
    );
  }

  @Page(READS)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id);
  }

  @Page(READS)
  @Get(':id/document.pdf')
  async document(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: DocumentAddress }) { keep }: DocumentAddress,
  ): Promise<PageAnswer> {
    const { name, bytes } = await this.invoices.pdf(visit.actor, id);
    return download(name, 'application/pdf', bytes, keep === undefined);
  }

  @Page({
    permit: { provider: ['coordinator', 'treasurer'], commissioner: ['contract_manager', 'approver', 'auditor'] },
    sensitive: 'export',
  })
  @Get(':id/schedule.csv')
  async schedule(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const { name, bytes } = await this.invoices.schedule(visit.actor, id);
    return download(name, 'text/csv; charset=utf-8', bytes);
  }

  @Action(DECIDES)
  @Post(':id/issue')
  async issue(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.authority.authorise(visit.command(), id);
      return seeOther(`/invoices/${id}`, 'treasury.invoice.letGo');
    } catch (error) {
      form.refused(error);
    }
    return this.page(visit, id, form);
  }

  @Action(DECIDES)
  @Post(':id/own-number')
  async giveOwnNumber(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const number = form.text('number', { missing: 'treasury.invoice.numberMissing', max: 30 });
    const issuedOn = form.day('issuedOn', { missing: 'treasury.invoice.issuedOnMissing' });
    const totalMinor = form.pounds('total', { missing: 'treasury.invoice.totalMissing' });
    const places = { number: 'number', issuedOn: 'issuedOn', totalMinor: 'total' };
    const own = form.as(OwnInvoiceNumber, { number, issuedOn, totalMinor: totalMinor?.toString() }, places);
    if (own) {
      try {
        await this.authority.giveOwnNumber(visit.command(), id, own);
        return seeOther(`/invoices/${id}`, 'treasury.invoice.numberGiven', { number: own.number });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        form.refused(error, FIELD_OF[error.code] ?? '');
      }
    }
    return this.page(visit, id, form);
  }

  private async page(visit: Visit, id: string, form?: Form): Promise<View> {
    const invoice = await this.invoices.find(visit.actor, id);
    const document = this.invoices.documentOf(invoice);
    const payment = (await this.payouts.ofInvoices(visit.actor, [id])).get(id);
    const step = isProvider(visit) && hasRole(visit, 'coordinator', 'treasurer') ? providerStepOf(invoice) : null;
    const data = {
      invoice,
      document,
      ...documentFacts(visit.t, document),
      payment,
      step,
      isProvider: isProvider(visit),
      hasFile: invoice.kind !== 'provider_invoice' || invoice.state === 'draft',
      hasSchedule: isProvider(visit)
        ? hasRole(visit, 'coordinator', 'treasurer')
        : hasRole(visit, 'contract_manager', 'approver', 'auditor'),
    };
    return view('treasury/invoice.njk', data, form && { errors: form.errors, values: form.values });
  }
}

/** Beside which field a refusal belongs. */
const FIELD_OF: Readonly<Record<string, string>> = {
  'invoice.number_taken': 'number',
  'invoice.dated_ahead': 'issuedOn',
  'invoice.total_differs': 'total',
};

function isProvider({ membership }: Visit): boolean {
  return membership?.kind === 'provider';
}
