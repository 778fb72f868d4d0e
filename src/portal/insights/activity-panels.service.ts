import { Injectable } from '@nestjs/common';
import type { Dashboard, OutcomesOfParty, ReferralFigures, UnfundedActivity } from '../../insights/index.js';
import type { Translate } from '../../words/index.js';
import { columns, emptyPanel, shortMoney, type Cell, type Panel } from './panel.rules.js';
import { PanelDrawing } from './panel-drawing.service.js';

/** What a dashboard shows of work: what became of referrals, and what nobody pays for. */
@Injectable()
export class ActivityPanels {
  constructor(private readonly drawing: PanelDrawing) {}

  of(t: Translate, { referrals, unfunded }: Dashboard): Panel[] {
    return [this.referralPanel(t, referrals), this.unfundedPanel(t, unfunded)];
  }

  private referralPanel(t: Translate, { total, byProvider, byReferrer }: ReferralFigures): Panel {
    const title = t('insights.referrals.title');
    if (total.madeCount === 0) return emptyPanel('referrals', title, t('insights.referrals.none'));
    const { madeCount, acceptedCount, attendedCount, completedCount } = total;
    const sentence = t('insights.referrals.sentence', {
      count: madeCount,
      attended: t.number(attendedCount),
      completed: t.number(completedCount),
    });
    const row = (name: string, one: Omit<OutcomesOfParty, 'organisationId' | 'code' | 'name'>): Cell[] => [
      name,
      one.madeCount,
      one.acceptedCount,
      one.declinedCount,
      one.attendedCount,
      one.completedCount,
      one.peopleCount,
    ];
    const named = ({ name, ...one }: OutcomesOfParty) => row(name ?? t('insights.referrals.own'), one);
    const table = {
      caption: title,
      head: columns(
        t,
        ['party', 'number'],
        ['made', 'number'],
        ['accepted', 'number'],
        ['declined', 'number'],
        ['attended', 'number'],
        ['completed', 'number'],
        ['people', 'number'],
      ),
      rows: [
        row(t('insights.referrals.all'), total),
        ...(byProvider.length > 1 ? byProvider.map(named) : []),
        ...(byReferrer.length > 1 ? byReferrer.map(named) : []),
      ],
    };
    return this.drawing.bars(
      { id: 'referrals', title, sentence, table, note: t('insights.referrals.note') },
      {
        labels: ['made', 'accepted', 'attended', 'completed'].map((one) => t(`insights.columns.${one}`)),
        series: [{ name: title, values: [madeCount, acceptedCount, attendedCount, completedCount].map(BigInt) }],
        textOf: (count) => t.number(count),
      },
    );
  }

  private unfundedPanel(t: Translate, activity: readonly UnfundedActivity[]): Panel {
    const title = t('insights.unfunded.title');
    if (activity.length === 0) return emptyPanel('unfunded', title, t('insights.unfunded.none'));
    const sum = (of: (one: UnfundedActivity) => bigint) => activity.reduce((total, one) => total + of(one), 0n);
    const values = [
      sum(({ indicativeMinor }) => indicativeMinor),
      sum(({ beyondBudgetMinor }) => beyondBudgetMinor),
      sum(({ beyondOrderMinor }) => beyondOrderMinor),
    ];
    const count = activity.reduce((total, { recognisedCount }) => total + recognisedCount, 0);
    const [indicativeMinor = 0n] = values;
    const sentence =
      count > 0
        ? t('insights.unfunded.sentence', { count, amount: t.money(indicativeMinor) })
        : t('insights.unfunded.beyond');
    const table = {
      caption: title,
      head: columns(
        t,
        ['contract', 'money'],
        ['recognisedCount', 'number'],
        ['recognised', 'money'],
        ['beyondBudget', 'money'],
        ['beyondOrder', 'money'],
      ),
      rows: activity.map((one): Cell[] => [
        `${one.code} ${one.title}`,
        one.recognisedCount,
        one.indicativeMinor,
        one.beyondBudgetMinor,
        one.beyondOrderMinor,
      ]),
    };
    return this.drawing.bars(
      { id: 'unfunded', title, sentence, table, note: t('insights.unfunded.note') },
      {
        labels: ['recognised', 'beyondBudget', 'beyondOrder'].map((one) => t(`insights.columns.${one}`)),
        series: [{ name: title, values }],
        textOf: (minor) => shortMoney(t, minor),
      },
    );
  }
}
