import { Injectable } from '@nestjs/common';
import type { BudgetBurn, Dashboard, DaysToPaid, LineChart, StageOfMoney } from '../../insights/index.js';
import type { Translate } from '../../words/index.js';
import { columns, emptyPanel, percent, shortMoney, type Cell, type Panel } from './panel.rules.js';
import { PanelDrawing, type Drawing } from './panel-drawing.service.js';

/** Bars that a drawing has room for; the table has all. */
const BARS_MAX = 20;

/** What a dashboard shows of money: by stage, how long it takes, and what is left of budgets. */
@Injectable()
export class MoneyPanels {
  constructor(private readonly drawing: PanelDrawing) {}

  of(t: Translate, { money, daysToPaid, budgets }: Dashboard): Panel[] {
    return [this.moneyPanel(t, money), this.daysPanel(t, daysToPaid), this.budgetPanel(t, budgets)];
  }

  private moneyPanel(t: Translate, stages: readonly StageOfMoney[]): Panel {
    const title = t('insights.money.title');
    if (stages.every(({ inMinor, closingMinor }) => inMinor === 0n && closingMinor === 0n)) {
      return emptyPanel('money', title, t('insights.money.none'));
    }
    const came = (stage: StageOfMoney['stage']) => t.money(stages.find((one) => one.stage === stage)?.inMinor ?? 0n);
    const labels = stages.map(({ stage }) => t(`insights.stages.${stage}`));
    const sentence = t('insights.money.sentence', {
      claimed: came('claimed'),
      approved: came('approved'),
      paid: came('paid'),
    });
    const table = {
      caption: title,
      head: columns(
        t,
        ['stage', 'money'],
        ['opening', 'money'],
        ['came', 'money'],
        ['went', 'money'],
        ['closing', 'money'],
      ),
      rows: stages.map(({ openingMinor, inMinor, outMinor, closingMinor }, index): Cell[] => [
        labels[index] ?? '',
        openingMinor,
        inMinor,
        outMinor,
        closingMinor,
      ]),
    };
    return this.drawing.bars(
      { id: 'money', title, sentence, table, note: t('insights.money.note') },
      {
        labels,
        series: [{ name: t('insights.columns.came'), values: stages.map(({ inMinor }) => inMinor) }],
        textOf: (minor) => shortMoney(t, minor),
      },
    );
  }

  private daysPanel(t: Translate, months: readonly DaysToPaid[]): Panel {
    const title = t('insights.days.title');
    if (months.length === 0) return emptyPanel('days', title, t('insights.days.none'));
    const paid = months.flatMap(({ month, medianDays }) => (medianDays === null ? [] : [{ month, medianDays }]));
    const last = paid.at(-1);
    const sentence = last
      ? t('insights.days.sentence', { month: t.month(last.month), count: last.medianDays })
      : t('insights.days.nonePaid');
    const table = {
      caption: title,
      head: columns(
        t,
        ['month', 'number'],
        ['claims', 'number'],
        ['paid', 'number'],
        ['half', 'number'],
        ['most', 'number'],
      ),
      rows: months.map(({ month, claimCount, paidCount, medianDays, p90Days }): Cell[] => [
        t.month(month),
        claimCount,
        paidCount,
        medianDays,
        p90Days,
      ]),
    };
    const panel = { id: 'days', title, sentence, table, note: t('insights.days.note') };
    if (paid.length === 0) return { ...panel, svg: null, narrow: null };
    return this.drawing.bars(panel, {
      labels: paid.map(({ month }) => t.month(month)),
      series: [{ name: t('insights.columns.half'), values: paid.map(({ medianDays }) => BigInt(medianDays)) }],
      textOf: (days) => t('insights.daysLong', { count: Number(days) }),
    });
  }

  private budgetPanel(t: Translate, budgets: readonly BudgetBurn[]): Panel {
    const title = t('insights.budget.title');
    const known = budgets.filter(({ authorisedMinor }) => authorisedMinor > 0n);
    const [first] = known.toSorted((a, b) => (b.usedBasisPoints ?? 0) - (a.usedBasisPoints ?? 0));
    if (!first) return emptyPanel('budget', title, t('insights.budget.none'));
    const used = { used: percent(first.usedBasisPoints), gone: percent(first.goneBasisPoints), code: first.code };
    const sentence = t(known.length === 1 ? 'insights.budget.one' : 'insights.budget.most', used);
    const table = {
      caption: title,
      head: columns(
        t,
        ['contract', 'money'],
        ['budget', 'money'],
        ['spent', 'money'],
        ['setAside', 'money'],
        ['left', 'money'],
        ['used', 'number'],
        ['gone', 'number'],
      ),
      rows: known.map((one): Cell[] => [
        `${one.code} ${one.title}`,
        one.authorisedMinor,
        one.spentMinor,
        one.committedMinor,
        one.leftMinor,
        `${percent(one.usedBasisPoints)}%`,
        `${percent(one.goneBasisPoints)}%`,
      ]),
    };
    const panel = { id: 'budget', title, sentence, table, note: null };
    if (known.length === 1) return this.drawing.lines(panel, burnLines(t, first));
    const drawn = known.slice(0, BARS_MAX);
    return this.drawing.bars(panel, {
      labels: drawn.map(({ code, title: name }) => `${code} ${name}`),
      series: [
        { name: t('accounts.spent.name'), values: drawn.map(({ spentMinor }) => spentMinor) },
        { name: t('accounts.committed.name'), values: drawn.map(({ committedMinor }) => committedMinor) },
        { name: t('accounts.budget.name'), values: drawn.map(({ leftMinor }) => leftMinor) },
      ],
      textOf: (minor) => shortMoney(t, minor),
    });
  }
}

/** What was spent by the end of each month, against what an even pace would spend. */
function burnLines(t: Translate, { spentByMonth, startsOn, endsOn, authorisedMinor }: BudgetBurn): Drawing<LineChart> {
  const start = monthsOf(startsOn);
  const end = monthsOf(endsOn) - start + 1;
  return {
    lines: [
      {
        name: t('accounts.spent.name'),
        points: [
          { at: 0, value: 0n },
          ...spentByMonth.map(({ month, spentMinor }) => ({ at: monthsOf(month) - start + 1, value: spentMinor })),
        ],
      },
      {
        name: t('insights.budget.even'),
        points: [
          { at: 0, value: 0n },
          { at: end, value: authorisedMinor },
        ],
        isReference: true,
      },
    ],
    from: 0,
    to: end,
    marks: [
      { at: 0, text: t.day(startsOn) },
      { at: end, text: t.day(endsOn) },
    ],
    textOf: (minor) => shortMoney(t, minor),
  };
}

function monthsOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}
