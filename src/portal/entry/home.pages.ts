import { Controller, Get } from '@nestjs/common';
import { TasksService } from '../../insights/index.js';
import { Clock } from '../../platform/clock.js';
import { ContractRegister } from '../../pricing/index.js';
import { seeOther, view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { linksOf } from './home-links.rules.js';
import { cardOf } from './task-cards.js';

/** Where everybody begins: what needs doing, the most urgent first. */
@Controller()
export class HomePages {
  constructor(
    private readonly tasks: TasksService,
    private readonly register: ContractRegister,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Page({ permit: 'signed-in' })
  async home(@CurrentVisit() visit: Visit): Promise<PageAnswer> {
    if (visit.membership === null) return seeOther(visit.session?.operator ? '/operations' : '/organisations/choose');
    const tasks = await this.tasks.of(visit.actor, this.clock.today());
    const contractIds = tasks.flatMap(({ contractId }) => contractId ?? []);
    const codes = await this.register.codes(visit.actor, contractIds);
    const items = tasks.map((task) => cardOf(visit.t, task, codes));
    return view('entry/home.njk', { items, links: linksOf(visit), today: this.clock.today() });
  }
}
