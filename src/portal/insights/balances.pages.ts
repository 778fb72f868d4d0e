import { Controller, Get, Query } from '@nestjs/common';
import { DashboardsService } from '../../insights/index.js';
import { Clock } from '../../platform/clock.js';
import { BalancesService, type AccountBalance } from '../../statements/index.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { contractChoices } from './choices.rules.js';
import { BalancesAddress } from './insights.schemas.js';

const BOOKS = ['money', 'budget'] as const;

/** A trial balance: what every account holds at the end of a day, and that both sides are equal. */
@Controller('statements/balances')
export class BalancePages {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly balances: BalancesService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: { commissioner: ['finance', 'auditor'] } })
  @Get()
  async show(
    @CurrentVisit() visit: Visit,
    @Query({ schema: BalancesAddress }) address: BalancesAddress,
  ): Promise<PageAnswer> {
    const { t, actor } = visit;
    const form = new Form(t, new Fields(address));
    const on = form.day('on') ?? this.clock.today();
    const contracts = await this.dashboards.choices(actor);
    const chosen = contracts.find(({ contractId }) => contractId === address.contract);
    const { items } = await this.balances.trialBalance(actor, { contract: chosen?.contractId, on });
    return view(
      'insights/balances.njk',
      {
        on,
        contracts: contractChoices(contracts),
        chosen,
        books: BOOKS.map((book) => bookOf(book, items)).filter(({ rows }) => rows.length > 0),
      },
      { errors: form.errors, values: address },
    );
  }
}

function bookOf(book: (typeof BOOKS)[number], items: readonly AccountBalance[]) {
  const rows = items.filter((item) => item.book === book);
  const sum = (of: 'debitsMinor' | 'creditsMinor') => rows.reduce((total, row) => total + row[of], 0n);
  const [debitsMinor, creditsMinor] = [sum('debitsMinor'), sum('creditsMinor')];
  return { book, rows, debitsMinor, creditsMinor, isEqual: debitsMinor === creditsMinor };
}
