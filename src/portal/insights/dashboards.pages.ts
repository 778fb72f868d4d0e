import { Controller, Get, Query } from '@nestjs/common';
import { DashboardsService, type ContractChoice } from '../../insights/index.js';
import { Clock } from '../../platform/clock.js';
import { csvText, type CsvColumn } from '../../platform/csv-writer.js';
import { addressOf } from '../page/address.rules.js';
import { download, view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { ActivityPanels } from './activity-panels.service.js';
import { contractChoices, providerChoices } from './choices.rules.js';
import { InsightsAddress } from './insights.schemas.js';
import { MoneyPanels } from './money-panels.service.js';
import { figuresOf, shownTable, type Figure, type Panel } from './panel.rules.js';
import { rangeInWords, rangeOf, rangesForFigures, type Range } from './ranges.rules.js';

const READERS = {
  commissioner: ['contract_manager', 'approver', 'finance', 'auditor'],
  provider: ['coordinator', 'treasurer', 'auditor'],
} as const;

/** What happened to money and referrals, as pictures with words and figures. */
@Controller('insights')
export class DashboardPages {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly money: MoneyPanels,
    private readonly activity: ActivityPanels,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: READERS })
  @Get()
  async show(
    @CurrentVisit() visit: Visit,
    @Query({ schema: InsightsAddress }) address: InsightsAddress,
  ): Promise<PageAnswer> {
    const { t, actor } = visit;
    const { range, chosen, contracts, panels } = await this.panelsOf(visit, address);
    const shown = { range: range.value, provider: chosen.providerId, contract: chosen.contractId };
    const own = { ...shown, range: address.range === undefined ? undefined : range.value };
    return view(
      'insights/dashboards.njk',
      {
        panels: panels.map((panel) => ({ ...panel, table: panel.table && shownTable(t, panel.table) })),
        period: rangeInWords(t, range),
        from: range.from,
        to: range.to,
        ranges: rangesForFigures(this.clock.today()).map((one) => ({ value: one.value, text: rangeInWords(t, one) })),
        providers: actor.side === 'commissioner' ? providerChoices(contracts) : [],
        contracts: contractChoices(contracts),
        hasContracts: contracts.length > 0,
        tags: tagsOf(contracts, own),
        file: addressOf('/insights/figures', shown),
        mayReport: actor.side === 'commissioner' && hasRole(visit, 'finance', 'contract_manager', 'auditor'),
      },
      { values: shown },
    );
  }

  /** The same figures for a spreadsheet. */
  @Page({ permit: READERS })
  @Get('figures')
  async figures(
    @CurrentVisit() visit: Visit,
    @Query({ schema: InsightsAddress }) address: InsightsAddress,
  ): Promise<PageAnswer> {
    const { range, panels } = await this.panelsOf(visit, address);
    const column = (name: string) => visit.t(`insights.file.${name}`);
    const columns: CsvColumn<Figure>[] = [
      { header: column('panel'), text: ({ panel }) => panel },
      { header: column('row'), text: ({ row }) => row },
      { header: column('measure'), text: ({ measure }) => measure },
      { header: column('pounds'), pounds: ({ minor }) => minor },
      { header: column('count'), integer: ({ count }) => count },
      { header: column('text'), text: ({ text }) => text },
    ];
    const name = `insights-${range.from}-to-${range.to}.csv`;
    return download(name, 'text/csv; charset=utf-8', csvText(columns, figuresOf(panels)));
  }

  private async panelsOf({ t, actor }: Visit, address: InsightsAddress) {
    const today = this.clock.today();
    const [usual] = rangesForFigures(today) as [Range, ...Range[]];
    const range = rangeOf(address.range ?? '', today) ?? usual;
    const contracts = await this.dashboards.choices(actor);
    // A contract says whose it is.
    const chosen = {
      contractId: address.contract,
      providerId: address.contract === undefined && actor.side === 'commissioner' ? address.provider : undefined,
    };
    const { from, to } = range;
    const dashboard = await this.dashboards.of(actor, { from, to, ...chosen }, today);
    const panels: Panel[] = [...this.money.of(t, dashboard), ...this.activity.of(t, dashboard)];
    return { range, chosen, contracts, panels };
  }
}

/** What is applied, each with the address without it. */
function tagsOf(contracts: readonly ContractChoice[], shown: InsightsAddress) {
  const { provider, contract } = shown;
  const ofContract = contracts.find(({ contractId }) => contractId === contract);
  const ofProvider = contracts.find(({ providerId }) => providerId === provider);
  const without = (name: 'provider' | 'contract') => addressOf('/insights', { ...shown, [name]: undefined });
  return [
    ...(ofProvider ? [{ text: ofProvider.providerName, href: without('provider'), label: '' }] : []),
    ...(ofContract ? [{ text: ofContract.code, href: without('contract'), label: '' }] : []),
  ];
}
