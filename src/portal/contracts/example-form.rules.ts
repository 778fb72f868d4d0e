import type { CardPreview, EarningFact, PreviewLine } from '../../pricing/index.js';
import type { Translate } from '../../words/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';
import { wordFlagIn, wordReasonIn } from '../wording/reason-words.rules.js';
import { hoursField } from './typed.rules.js';

export const EXAMPLE_DAYS = ['weekday', 'saturday', 'sunday', 'bank_holiday'] as const;
const ABSENCES = ['did_not_attend', 'cancelled_late', 'cancelled'] as const;
const NOON = '12:00';

/** What people start from: a session of six, five of whom came, for an hour and a half. */
export const USUAL_EXAMPLE = {
  exBooked: '6',
  exPresent: '5',
  exMinutes: '90',
  exDay: 'weekday',
  exStart: '10:00',
  exAbsence: 'did_not_attend',
  exEarlier: '0',
  exActivity: '40',
};

export type ExampleDay = (typeof EXAMPLE_DAYS)[number];

/** The example as the API takes it; what is not typed is as usual, so that a price shows while a form is half full. */
export function readExample(
  form: Form,
  fields: Fields,
  fact: EarningFact,
  instantOn: (day: ExampleDay, time: string) => Date,
): Record<string, unknown> & { readonly servedAt: string } {
  const day = EXAMPLE_DAYS.find((one) => one === fields.text('exDay')) ?? 'weekday';
  const at = (time: string) => instantOn(day, time).toISOString();
  const earlier = form.whole('exEarlier', { min: 0, max: 100_000 }) ?? 0;
  switch (fact) {
    case 'period':
      return { servedAt: at(NOON), activityUnits: form.whole('exActivity', { min: 0, max: 100_000 }) ?? 0 };
    case 'referral':
    case 'milestone':
      return { servedAt: at(NOON), earlier };
    default: {
      const booked = form.whole('exBooked', { min: 1, max: 100 }) ?? 1;
      const present = form.whole('exPresent', { min: 0, max: 100 }) ?? booked;
      if (present > booked) form.refuse('exPresent', 'contracts.preview.tooMany');
      return {
        servedAt: at(form.hour('exStart') ?? NOON),
        minutes: form.whole('exMinutes', { min: 1, max: 1_440 }) ?? 60,
        booked,
        present,
        absence: ABSENCES.find((one) => one === fields.text('exAbsence')) ?? 'did_not_attend',
        noticeMinutes: hoursField(form, fields, 'exNotice'),
        travelled: fields.has('exTravel'),
        earlier,
      };
    }
  }
}

/** A preview as its page says it. */
export interface PreviewWords {
  readonly isPaid: boolean;
  readonly total: string;
  /** The day of the example, or its month, as a sentence. */
  readonly when: string;
  readonly lines: readonly PreviewLineWords[];
  readonly vat: string | null;
  readonly now: string | null;
  readonly problems: readonly string[];
}

interface PreviewLineWords {
  readonly who: string;
  readonly each: string;
  readonly reasons: readonly string[];
  readonly flags: readonly string[];
}

export function previewWords(t: Translate, preview: CardPreview): PreviewWords {
  const { netMinor, indicativeMinor, vat, nowMinor } = preview;
  const isPaid = netMinor > 0n || indicativeMinor === 0n;
  const isMonth = preview.lines[0]?.unit === 'month';
  return {
    isPaid,
    total: t.money(isPaid ? netMinor : indicativeMinor),
    when: isMonth
      ? t('contracts.preview.in', { month: t.month(preview.servedOn) })
      : t('contracts.preview.on', { day: t.day(preview.servedOn) }),
    lines: preview.lines.map((line) => lineWords(t, line)),
    vat: vat && vat.rateBasisPoints > 0 ? t('contracts.preview.vat', { percent: vat.rateBasisPoints / 100 }) : null,
    now: nowMinor === null ? null : t('contracts.preview.now', { amount: t.money(nowMinor) }),
    problems: preview.findings.map(({ code }) => t(`contracts.finding.${code}`)),
  };
}

function lineWords(t: Translate, line: PreviewLine): PreviewLineWords {
  const { count, outcome, netMinor, indicativeMinor, unit, reasons, flags } = line;
  const amount = netMinor === 0n && indicativeMinor > 0n ? indicativeMinor : netMinor;
  return {
    who: outcome === null ? t(`states.unit.${unit}`) : t(`contracts.preview.who.${outcome}`, { count }),
    each: count > 1 ? t('contracts.preview.each', { amount: t.money(amount) }) : t.money(amount),
    reasons: reasons.map((reason) => wordReasonIn(t, reason)),
    flags: flags.map((flag) => wordFlagIn(t, flag)),
  };
}
