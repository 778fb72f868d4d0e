import { Controller, Get } from '@nestjs/common';
import { MoneyOwedService } from '../../insights/index.js';
import { OrganisationsService } from '../../organisations/index.js';
import { PayoutAccountsService } from '../../payouts/index.js';
import { Clock } from '../../platform/clock.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';

/** What a provider is owed and when, and why then. */
@Controller('money')
export class MoneyPages {
  constructor(
    private readonly owed: MoneyOwedService,
    private readonly accounts: PayoutAccountsService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: { provider: 'any' } })
  @Get()
  async show(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    const money = await this.owed.of(visit.actor, this.clock.today());
    const obstacles = await this.accounts.obstacles(visit.actor);
    const payers = [...money.invoices, ...money.coming, ...money.paid, ...obstacles].map(
      ({ commissionerId }) => commissionerId,
    );
    return view('treasury/money.njk', {
      money,
      obstacles,
      names: Object.fromEntries(await this.organisations.names(visit.actor, payers)),
    });
  }
}
