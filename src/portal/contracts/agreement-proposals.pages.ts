import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import { ContractRegister, ProposeAgreement, SelfBillingService, type ContractInForce } from '../../pricing/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';

type Id = z.infer<typeof IdParameter>;

const PROPOSES = { commissioner: ['contract_manager', 'finance'] } as const;
const PLACES = { startsOn: 'startsOn-day', endsOn: 'endsOn-day' };

/** Offering a provider to make its invoices for it; the provider's treasurer accepts. */
@Controller('contracts/:id/agreements')
export class AgreementProposalPages {
  constructor(
    private readonly register: ContractRegister,
    private readonly agreements: SelfBillingService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: PROPOSES })
  @Get('new')
  async ask(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.form(visit, id);
  }

  @Action({ permit: PROPOSES })
  @Post('new')
  async propose(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const { contract, providerName } = await this.register.read(visit.actor, id);
    const form = new Form(visit.t, fields);
    const startsOn = form.day('startsOn', { missing: 'contracts.agreements.startsOnMissing' });
    const endsOn = form.day('endsOn', { missing: 'contracts.agreements.endsOnMissing' });
    if (startsOn !== undefined && endsOn !== undefined && endsOn < startsOn)
      form.refuse('endsOn-day', 'contracts.finding.ends_before_start');
    const request = form.as(ProposeAgreement, { providerId: contract.providerId, startsOn, endsOn }, PLACES);
    if (!request) return this.form(visit, id, form);
    try {
      await this.agreements.propose(visit.command(), request);
      return seeOther(`/contracts/${id}`, 'contracts.agreements.done', { provider: providerName });
    } catch (error) {
      form.refused(error);
    }
    return this.form(visit, id, form);
  }

  private async form(visit: Visit, id: string, form?: Form): Promise<View> {
    const whole = await this.register.read(visit.actor, id);
    const values = form?.values ?? usualDays(whole.contract, this.clock.today());
    return view('contracts/agreement.njk', { ...whole }, { values, ...(form && { errors: form.errors }) });
  }
}

/** Twelve months are customary: from today, or from when the contract begins, and no longer than it. */
function usualDays({ startsOn, endsOn }: ContractInForce, today: string) {
  const first = today < startsOn ? startsOn : today;
  const year = `${Number(first.slice(0, 4)) + 1}${first.slice(4)}`;
  const last = new Date(Date.parse(year) - 86_400_000);
  const twelve = Number.isNaN(last.getTime()) ? endsOn : last.toISOString().slice(0, 10);
  return { startsOn: first, endsOn: twelve < endsOn ? twelve : endsOn };
}
