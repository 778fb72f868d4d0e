import type { ContractCard, RateCardTerms } from '../../pricing/index.js';
import type { Translate } from '../../words/index.js';
import type { Fact } from './term-words.rules.js';

type OutOfHours = NonNullable<Extract<RateCardTerms, { outOfHours?: unknown }>['outOfHours']>;
type Supplement = OutOfHours['supplement'];
type Tiers = NonNullable<Extract<RateCardTerms, { tiers?: unknown }>['tiers']>;
type Missed = NonNullable<Extract<RateCardTerms, { didNotAttend?: unknown }>['didNotAttend']>;

/** The price of a card in one line: "£32.00 for each person who attends". */
export function cardPrice(t: Translate, terms: RateCardTerms): string {
  switch (terms.basis) {
    case 'milestone':
      return terms.milestones.map(({ name, priceMinor }) => `${name}: ${t.money(priceMinor)}`).join(' · ');
    case 'block':
      return t('contracts.price.block', { amount: t.money(terms.monthlyMinor) });
    case 'recognised':
      return t('contracts.price.recognised', { amount: t.money(terms.indicativeMinor) });
    default:
      return t(`contracts.price.${terms.basis}`, { amount: t.money(terms.priceMinor) });
  }
}

/** What a card is called: the main charge, or a further one by its code. */
export function chargeName(t: Translate, chargeKind: string): string {
  return chargeKind === 'primary' ? t('states.charge_kind.primary') : chargeKind.replaceAll('_', ' ');
}

/** The days of a card: "from 1 April 2026", "1 April 2026 to 31 March 2027". */
export function cardDays(
  t: Translate,
  { effectiveFrom, effectiveTo }: Pick<ContractCard, 'effectiveFrom' | 'effectiveTo'>,
) {
  return effectiveTo === undefined
    ? t('contracts.card.from', { first: t.day(effectiveFrom) })
    : t('contracts.terms.from', { first: t.day(effectiveFrom), last: t.day(effectiveTo) });
}

/** All that a card says, in plain words: its price first, then what changes it. */
export function cardFacts(t: Translate, terms: RateCardTerms): Fact[] {
  return [
    { key: t('contracts.card.basis'), value: t(`states.basis.${terms.basis}`) },
    { key: t('contracts.card.price'), value: cardPrice(t, terms) },
    ...specialFacts(t, terms),
    ...('tiers' in terms && terms.tiers ? tierFacts(t, terms.tiers, terms.basis === 'hour') : []),
    ...('didNotAttend' in terms && terms.didNotAttend
      ? [{ key: t('contracts.card.didNotAttend'), value: missed(t, terms.didNotAttend) }]
      : []),
    ...('lateCancel' in terms && terms.lateCancel
      ? [
          {
            key: t('contracts.card.lateCancel'),
            value: missed(t, terms.lateCancel),
            note: t('contracts.card.lateNotice', { hours: hours(terms.lateCancel.noticeMinutes) }),
          },
        ]
      : []),
    ...supplementFacts(t, terms),
    ...capFacts(t, terms),
  ];
}

function specialFacts(t: Translate, terms: RateCardTerms): Fact[] {
  if (terms.basis === 'group_split') return splitFacts(t, terms);
  if (terms.basis === 'hour') {
    const rounding = t(`states.minute_rounding.${terms.minuteRounding}`);
    const value = t('contracts.card.roundingValue', { count: terms.minuteStep, rounding });
    return [{ key: t('contracts.card.rounding'), value }];
  }
  if (terms.basis !== 'block') return [];
  const { floor, ceiling } = terms;
  const rule = (name: string) => t(`states.block_rule.${name}`);
  const further = ceiling?.rule === 'each_further_unit' ? { note: t.money(ceiling.unitPriceMinor) } : {};
  return [
    ...(floor ? [{ key: t('contracts.card.floor', { count: floor.units }), value: rule(floor.rule) }] : []),
    ...(ceiling
      ? [{ key: t('contracts.card.ceiling', { count: ceiling.units }), value: rule(ceiling.rule), ...further }]
      : []),
  ];
}

function splitFacts(t: Translate, terms: Extract<RateCardTerms, { basis: 'group_split' }>): Fact[] {
  const facts: Fact[] = [{ key: t('contracts.card.splitBy'), value: t(`states.split_by.${terms.splitBy}`) }];
  if (terms.splitBy === 'present') return facts;
  const share = percent(t, terms.absentShareBasisPoints ?? 10_000);
  facts.push({ key: t('contracts.card.absentShare'), value: t('contracts.card.ofShare', { percent: share }) });
  if (terms.noticeMinutes !== undefined)
    facts.push({
      key: t('contracts.card.splitNotice'),
      value: t('contracts.card.splitNoticeValue', { hours: hours(terms.noticeMinutes) }),
    });
  return facts;
}

function tierFacts(t: Translate, { mode, per, steps }: Tiers, isHourly: boolean): Fact[] {
  const scope = `${t(`states.tier_per.${per}`)} · ${t(`states.tier_mode.${mode}`)}`;
  return steps.map(({ above, priceMinor }) => ({
    key: t(isHourly ? 'contracts.card.tierHours' : 'contracts.card.tier', { count: above }),
    value: t.money(priceMinor),
    note: scope,
  }));
}

function missed(t: Translate, { basisPoints, maximumPerReferral }: Missed): string {
  const share = t('contracts.card.ofPrice', { percent: percent(t, basisPoints) });
  if (maximumPerReferral === undefined) return share;
  return t('contracts.card.atMost', { share, count: maximumPerReferral });
}

function supplementFacts(t: Translate, terms: RateCardTerms): Fact[] {
  const facts: Fact[] = [];
  if ('minimumChargeMinor' in terms && terms.minimumChargeMinor !== undefined)
    facts.push({ key: t('contracts.card.minimumCharge'), value: t.money(terms.minimumChargeMinor) });
  if ('minimumAttendance' in terms && terms.minimumAttendance !== undefined)
    facts.push({
      key: t('contracts.card.minimumAttendance', { count: terms.minimumAttendance }),
      value: t('contracts.card.ofPrice', { percent: percent(t, terms.belowMinimumBasisPoints ?? 0) }),
    });
  if ('outOfHours' in terms && terms.outOfHours)
    facts.push({
      key: t('contracts.card.outOfHours'),
      value: supplement(t, terms.outOfHours.supplement),
      note: whenOf(t, terms.outOfHours),
    });
  if ('travel' in terms && terms.travel)
    facts.push({ key: t('contracts.card.travel'), value: supplement(t, terms.travel) });
  return facts;
}

function capFacts(t: Translate, terms: RateCardTerms): Fact[] {
  if (terms.basis === 'block' || !terms.caps) return [];
  const { perReferral, perPersonPerMonth, perContract } = terms.caps;
  const caps = [
    [t('contracts.card.capReferral'), perReferral],
    [t('contracts.card.capPerson'), perPersonPerMonth],
    [t('contracts.card.capContract'), perContract],
  ] as const;
  return caps.flatMap(([key, limit]) =>
    limit === undefined
      ? []
      : {
          key,
          value: t('contracts.card.capValue', { count: limit }),
          ...(terms.countMissed && { note: t('contracts.card.countMissed') }),
        },
  );
}

function whenOf(t: Translate, { from, until, weekends, bankHolidays }: OutOfHours): string {
  return [
    ...(from !== undefined && until !== undefined ? [t('contracts.card.outside', { from, until })] : []),
    ...(weekends ? [t('contracts.card.weekends')] : []),
    ...(bankHolidays ? [t('contracts.card.bankHolidays')] : []),
  ].join(' · ');
}

function supplement(t: Translate, terms: Supplement): string {
  return terms.kind === 'fixed'
    ? t.money(terms.amountMinor)
    : t('contracts.card.ofPrice', { percent: percent(t, terms.basisPoints) });
}

function percent(t: Translate, points: number): string {
  return t('reasons.percent', { percent: points / 100 });
}

/** Hours without needless noughts: `90` minutes are `1.5`. */
function hours(minutes: number): string {
  return String(Math.round((minutes / 60) * 100) / 100);
}
