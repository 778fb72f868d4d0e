import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, OrganisationsService } from '../../organisations/index.js';
import { SelfBillingService } from '../../pricing/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';

type Id = z.infer<typeof IdParameter>;

/** Agreements by which a commissioner makes a provider's invoices for it. */
@Controller('agreements')
export class AgreementPages {
  constructor(
    private readonly agreements: SelfBillingService,
    private readonly organisations: OrganisationsService,
  ) {}

  @Page({ permit: { provider: 'any' } })
  @Get()
  async list(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    return this.page(visit);
  }

  @Action({ permit: { provider: ['treasurer', 'admin'] } })
  @Post(':id/accept')
  async accept(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    if (!fields.has('agree')) form.refuse(`agree-${id}`, 'treasury.agreement.agreeMissing');
    if (form.ok) {
      try {
        await this.agreements.accept(visit.command(), id);
        return seeOther('/agreements', 'treasury.agreement.accepted');
      } catch (error) {
        form.refused(error);
      }
    }
    return this.page(visit, form);
  }

  private async page(visit: Visit, form?: Form): Promise<View> {
    const all = await this.agreements.list(visit.actor, undefined);
    const names = await this.organisations.names(
      visit.actor,
      all.map(({ commissionerId }) => commissionerId),
    );
    const data = {
      waiting: all.filter(({ acceptedAt }) => acceptedAt === null),
      accepted: all.filter(({ acceptedAt }) => acceptedAt !== null).toReversed(),
      names: Object.fromEntries(names),
      mayAccept: hasRole(visit, 'treasurer', 'admin'),
    };
    return view('treasury/agreements.njk', data, form && { errors: form.errors });
  }
}
