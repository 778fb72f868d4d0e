import { Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { OpenPayoutAccount, PayoutAccountsService, type AccountToOpen } from '../../payouts/index.js';
import type { Config } from '../../platform/config.js';
import { CONFIG } from '../../platform/platform.module.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { AccountViews } from './account-views.service.js';
import { sortCodeIn } from './account-words.rules.js';
import { BANK_PLACES, readBankDetails } from './bank-form.rules.js';
import { OpeningAddress } from './treasury.schemas.js';

type Id = z.infer<typeof IdParameter>;

const READS = { permit: { provider: 'any', commissioner: ['finance', 'contract_manager', 'auditor'] } } as const;
const PAYEES = { permit: { provider: ['treasurer', 'admin'] }, stepUp: true } as const;

/** Where a provider is paid. */
@Controller('payout-accounts')
export class PayoutAccountPages {
  constructor(
    private readonly accounts: PayoutAccountsService,
    private readonly views: AccountViews,
    private readonly organisations: OrganisationsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Page(READS)
  @Get()
  async list(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const isProvider = visit.membership?.kind === 'provider';
    const mayOpen = isProvider && hasRole(visit, 'treasurer', 'admin');
    const toOpen = isProvider ? await this.accounts.toOpen(visit.actor) : [];
    return view('treasury/accounts.njk', {
      ...(await this.views.list(visit)),
      toOpen: await this.named(visit, toOpen),
      isProvider,
      mayOpen,
    });
  }

  @Page(PAYEES)
  @Get('new')
  async askOpen(
    @CurrentVisit() visit: Visit,
    @Query({ schema: OpeningAddress }) address: OpeningAddress,
  ): Promise<PageAnswer> {
    const choices = await this.named(visit, await this.accounts.toOpen(visit.actor));
    const wanted = address.for ?? (choices.length === 1 ? choices[0]?.value : undefined);
    if (wanted === undefined) return view('treasury/account-choose.njk', { choices });
    return this.openForm(visit, wanted);
  }

  /** What was typed is read back before it is kept: nobody changes it alone afterwards. */
  @Action(PAYEES)
  @Post('check')
  async check(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const wanted = fields.text('for');
    const details = readBankDetails(form, fields);
    if (!details) return this.openForm(visit, wanted, form);
    const shown = { ...details, sortCode: sortCodeIn(details.sortCode) };
    return view('treasury/account-check.njk', { wanted, details: shown, payer: await this.payerOf(visit, wanted) });
  }

  @Action(PAYEES)
  @Post()
  async open(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const wanted = fields.text('for');
    const request = readOpening(form, fields, wanted);
    if (request) {
      try {
        const { account, onboarding } = await this.accounts.open(visit.command(), request);
        if (!onboarding) return seeOther(`/payout-accounts/${account.id}`, 'treasury.account.opened');
        return this.leavePage(account.id, onboarding);
      } catch (error) {
        form.refused(error);
      }
    }
    return this.openForm(visit, wanted, form);
  }

  @Page(READS)
  @Get(':id')
  async show(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.views.show(visit, id);
  }

  @Action({ permit: { provider: ['treasurer', 'admin'], commissioner: ['finance'] } })
  @Post(':id/refresh')
  async refresh(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      await this.accounts.refresh(visit.actor, id);
      return seeOther(`/payout-accounts/${id}`, 'treasury.account.askedAgain');
    } catch (error) {
      form.refused(error);
    }
    return this.views.show(visit, id, form);
  }

  /** The link is for one use within minutes, so that it is made when somebody wants to follow it. */
  @Action(PAYEES)
  @Post(':id/link')
  async link(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    try {
      return this.leavePage(id, await this.accounts.onboardingLink(visit.actor, id));
    } catch (error) {
      form.refused(error);
    }
    return this.views.show(visit, id, form);
  }

  /** Onwards by a link: the pages' policy lets no form lead elsewhere. */
  private leavePage(id: string, { url, expiresAt }: { url: string; expiresAt: Date }): View {
    return view('treasury/account-leave.njk', { id, url, expiresAt, sandbox: this.config.sandbox });
  }

  private async openForm(visit: Visit, wanted: string, form?: Form): Promise<View> {
    const rail = wanted.split(':')[1] === 'stripe' ? 'stripe' : 'outside';
    const payer = await this.payerOf(visit, wanted);
    const typed = form && { errors: form.errors, values: form.values };
    return view('treasury/account-open.njk', { wanted, rail, payer }, typed);
  }

  private async payerOf(visit: Visit, wanted: string): Promise<string> {
    const [commissionerId = ''] = wanted.split(':');
    return (await this.organisations.names(visit.actor, [commissionerId])).get(commissionerId) ?? '';
  }

  private async named(visit: Visit, toOpen: readonly AccountToOpen[]) {
    const names = await this.organisations.names(
      visit.actor,
      toOpen.map(({ commissionerId }) => commissionerId),
    );
    return toOpen.map(({ commissionerId, rail }) => ({
      value: `${commissionerId}:${rail}`,
      payer: names.get(commissionerId) ?? '',
      rail,
    }));
  }
}

function readOpening(form: Form, fields: Fields, wanted: string): OpenPayoutAccount | undefined {
  const [commissionerId, rail] = wanted.split(':');
  if (rail === 'stripe') {
    const contactEmail = form.text('contactEmail', { missing: 'treasury.account.emailMissing' });
    const request = form.ok ? OpenPayoutAccount.safeParse({ commissionerId, rail, contactEmail }) : undefined;
    if (request?.success === false) form.refuse('contactEmail', 'treasury.account.emailWrong');
    return request?.data;
  }
  const details = readBankDetails(form, fields);
  return details && form.as(OpenPayoutAccount, { commissionerId, rail: 'outside', ...details }, BANK_PLACES);
}
