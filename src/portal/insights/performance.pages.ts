import { Controller, Get, Query } from '@nestjs/common';
import {
  PaymentPerformanceService,
  type CountAndValue,
  type MonthOfPayments,
  type PaymentFigures,
} from '../../insights/index.js';
import { Clock } from '../../platform/clock.js';
import type { Translate } from '../../words/index.js';
import { OpenPages } from '../audit/open-pages.service.js';
import { view, type PageAnswer } from '../page/answer.rules.js';
import { CurrentVisit, Page } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { ReportAddress } from './insights.schemas.js';
import { PanelDrawing } from './panel-drawing.service.js';
import { columns, emptyPanel, percent, shownTable, type Cell, type Panel } from './panel.rules.js';
import { rangeInWords, rangeOf, rangesForReports, type Range } from './ranges.rules.js';

/** How promptly a public body pays: for the notices that the law asks of it, and for whoever wants to pay sooner. */
@Controller('insights/payment-performance')
export class PerformancePages {
  constructor(
    private readonly performance: PaymentPerformanceService,
    private readonly drawing: PanelDrawing,
    private readonly open: OpenPages,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: { commissioner: ['finance', 'contract_manager', 'auditor'] } })
  @Get()
  async show(
    @CurrentVisit() visit: Visit,
    @Query({ schema: ReportAddress }) address: ReportAddress,
  ): Promise<PageAnswer> {
    const { t, actor } = visit;
    const today = this.clock.today();
    const ranges = rangesForReports(today);
    const [usual] = ranges as [Range, ...Range[]];
    const range = rangeOf(address.range ?? '', today) ?? usual;
    const { total, months, late, large } = await this.performance.of(actor, range, today);
    const panel = this.panelOf(t, total, months);
    return view(
      'insights/performance.njk',
      {
        period: rangeInWords(t, range),
        from: range.from,
        to: range.to,
        isOver: range.to < today,
        ranges: ranges.map((one) => ({ value: one.value, text: rangeInWords(t, one) })),
        total,
        share: total.within30BasisPoints && {
          ofCount: tenths(total.within30BasisPoints.ofCount),
          ofValue: tenths(total.within30BasisPoints.ofValue),
        },
        panel: { ...panel, table: panel.table && shownTable(t, panel.table) },
        late: late.map((one) => ({ ...one, href: this.pageOf(visit, '/invoices/:id', one.invoiceId) })),
        large: large.map((one) => ({ ...one, href: this.pageOf(visit, '/payouts/:id', one.payoutId) })),
      },
      { values: { range: range.value } },
    );
  }

  private panelOf(t: Translate, total: PaymentFigures, months: readonly MonthOfPayments[]): Panel {
    const title = t('insights.performance.byMonth');
    if (total.received.count === 0) return emptyPanel('performance', title, t('insights.performance.none'));
    const share = total.within30BasisPoints;
    const sentence =
      share === null
        ? t('insights.performance.noneDue', { count: total.received.count })
        : t('insights.performance.sentence', { share: tenths(share.ofCount), value: tenths(share.ofValue) });
    const table = {
      caption: title,
      head: columns(
        t,
        ['received', 'number'],
        ['invoices', 'number'],
        ['within30', 'number'],
        ['to60', 'number'],
        ['over60', 'number'],
        ['overdue', 'number'],
        ['open', 'number'],
        ['share', 'number'],
        ['average', 'number'],
      ),
      rows: [...months.map((one) => rowOf(t.month(one.month), one)), rowOf(t('insights.performance.total'), total)],
    };
    const panel = { id: 'performance', title, sentence, table, note: t('insights.performance.note') };
    const judged = months.flatMap(({ month, within30BasisPoints }) =>
      within30BasisPoints === null ? [] : [{ month, share: within30BasisPoints.ofCount }],
    );
    if (judged.length === 0) return { ...panel, svg: null, narrow: null };
    return this.drawing.bars(panel, {
      labels: judged.map(({ month }) => t.month(month)),
      series: [{ name: t('insights.columns.share'), values: judged.map((one) => BigInt(percent(one.share))) }],
      textOf: (value) => `${value}%`,
    });
  }

  private pageOf(visit: Visit, pattern: string, id: string): string | null {
    return this.open.may(visit, pattern) ? pattern.replace(':id', id) : null;
  }
}

function rowOf(name: string, figures: PaymentFigures): Cell[] {
  const { received, within30Days, days31To60, after60Days, overdue, open, within30BasisPoints, averageDays } = figures;
  const count = (of: CountAndValue) => of.count;
  return [
    name,
    ...[received, within30Days, days31To60, after60Days, overdue, open].map(count),
    within30BasisPoints === null ? null : `${tenths(within30BasisPoints.ofCount)}%`,
    averageDays === null ? null : averageDays.toFixed(1),
  ];
}

/** Hundredths of a per cent to one decimal, rounded down. */
function tenths(basisPoints: number): string {
  return (Math.floor(basisPoints / 10) / 10).toFixed(1);
}
