import type { IsoDate } from '../platform/clock.js';
import type {
  BlockTerms,
  Basis,
  EarningFact,
  MilestoneTerms,
  OutOfHours,
  RateCard,
  Tiers,
  WithMinimumAttendance,
  GroupSplitTerms,
} from './rate-card-terms.rules.js';

export type * from './rate-card-terms.rules.js';

const EARNED_BY: Readonly<Record<Basis, EarningFact>> = {
  session: 'session',
  hour: 'session',
  attendance: 'attendance',
  group_split: 'attendance',
  recognised: 'attendance',
  referral: 'referral',
  milestone: 'milestone',
  block: 'period',
};

export const BASES = Object.keys(EARNED_BY) as readonly Basis[];

/** The kind of fact that a charge on this basis cites. */
export function earningFactOf(basis: Basis): EarningFact {
  return EARNED_BY[basis];
}

/**
 * The card in force on a day: first and last day are included; of those that hold, the latest to take effect, and of those
 * that take effect together, the one agreed later. With `agreedBy` only cards agreed by that day are looked at, which
 * gives the price as it was agreed then.
 */
export function cardInForce<C extends Omit<RateCard, 'terms'>>(
  cards: readonly C[],
  on: IsoDate,
  agreedBy?: IsoDate,
): C | undefined {
  let best: C | undefined;
  for (const card of cards) {
    const holds = card.effectiveFrom <= on && (card.effectiveTo === undefined || on <= card.effectiveTo);
    if (!holds || (agreedBy !== undefined && card.agreedOn > agreedBy)) continue;
    if (!best || takesPrecedence(card, best)) best = card;
  }
  return best;
}

function takesPrecedence(a: Omit<RateCard, 'terms'>, b: Omit<RateCard, 'terms'>): boolean {
  if (a.effectiveFrom !== b.effectiveFrom) return a.effectiveFrom > b.effectiveFrom;
  if (a.agreedOn !== b.agreedOn) return a.agreedOn > b.agreedOn;
  return a.id > b.id;
}

/** Why a card cannot be published: what, where in its terms or dates, and in words. */
export interface Finding {
  readonly code: string;
  /** As in a JSON path: `tiers.steps.1.above`. */
  readonly field: string;
  readonly message: string;
}

/** What a card has to fit: the contract's dates, and the other published versions of its rate. */
export interface PublishSetting {
  readonly contractStartsOn: IsoDate;
  readonly contractEndsOn: IsoDate | undefined;
  readonly others: readonly RateCard[];
}

/** All that stands against publishing a card whose shape is right already; empty when nothing does. */
export function whyNotPublish(card: RateCard, setting: PublishSetting): Finding[] {
  const { terms } = card;
  return [
    ...dateFindings(card, setting),
    ...siblingFindings(card, setting.others),
    ...('tiers' in terms && terms.tiers ? tierFindings(terms.tiers) : []),
    ...('outOfHours' in terms && terms.outOfHours ? outOfHoursFindings(terms.outOfHours) : []),
    ...('minimumAttendance' in terms || 'belowMinimumBasisPoints' in terms ? minimumFindings(terms) : []),
    ...(terms.basis === 'group_split' ? splitFindings(terms) : []),
    ...(terms.basis === 'milestone' ? milestoneFindings(terms) : []),
    ...(terms.basis === 'block' ? blockFindings(terms) : []),
  ];
}

/**
 * All that stands against publishing a card today: as `whyNotPublish`, and that it is agreed already.
 *
 * @param contract its first and last day under the version that governs the card's first day
 */
export function whyNotPublishNow(
  card: RateCard,
  { startsOn, endsOn }: { readonly startsOn: IsoDate; readonly endsOn: IsoDate },
  others: readonly RateCard[],
  today: IsoDate,
): Finding[] {
  const findings = whyNotPublish(card, { contractStartsOn: startsOn, contractEndsOn: endsOn, others });
  if (card.agreedOn <= today) return findings;
  return [...findings, finding('not_agreed_yet', 'agreedOn', 'It cannot be agreed after today.')];
}

function dateFindings(card: RateCard, { contractStartsOn, contractEndsOn }: PublishSetting): Finding[] {
  const findings: Finding[] = [];
  if (card.effectiveTo !== undefined && card.effectiveTo < card.effectiveFrom)
    findings.push(finding('ends_before_start', 'effectiveTo', 'The last day is before the first.'));
  if (card.effectiveFrom < contractStartsOn)
    findings.push(finding('before_contract', 'effectiveFrom', 'The card takes effect before the contract starts.'));
  if (contractEndsOn !== undefined && card.effectiveFrom > contractEndsOn)
    findings.push(finding('after_contract', 'effectiveFrom', 'The card takes effect after the contract has ended.'));
  return findings;
}

function siblingFindings(card: RateCard, others: readonly RateCard[]): Finding[] {
  const findings: Finding[] = [];
  const siblings = others.filter((other) => other.rateKey === card.rateKey && other.id !== card.id);
  if (siblings.some((other) => other.effectiveFrom === card.effectiveFrom && other.agreedOn === card.agreedOn))
    findings.push(
      finding(
        'same_dates',
        'agreedOn',
        'Another card of this rate has the same first day and was agreed on the same day.',
      ),
    );
  if (siblings.some((other) => hourly(other) !== hourly(card) && (hasTiers(other) || hasTiers(card))))
    findings.push(
      finding(
        'volume_differs',
        'tiers',
        'Volume is counted in hours on one card of this rate and in lines on another.',
      ),
    );
  return findings;
}

function tierFindings({ steps }: Tiers): Finding[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    return before && step.above <= before.above
      ? [finding('tiers_not_ascending', `tiers.steps.${index}.above`, 'Each step begins above the one before it.')]
      : [];
  });
}

function outOfHoursFindings({ from, until, weekends, bankHolidays }: OutOfHours): Finding[] {
  if ((from === undefined) !== (until === undefined))
    return [
      finding('half_a_working_day', 'outOfHours', 'The working day needs both its start and its end, or neither.'),
    ];
  if (from !== undefined && until !== undefined && from >= until)
    return [finding('working_day_is_empty', 'outOfHours.until', 'The working day ends before it starts.')];
  if (from === undefined && !weekends && !bankHolidays)
    return [finding('never_out_of_hours', 'outOfHours', 'The card has an out-of-hours supplement that is never due.')];
  return [];
}

function minimumFindings({ minimumAttendance, belowMinimumBasisPoints }: WithMinimumAttendance): Finding[] {
  return belowMinimumBasisPoints !== undefined && minimumAttendance === undefined
    ? [
        finding(
          'below_no_minimum',
          'belowMinimumBasisPoints',
          'There is a percentage below the minimum, but no minimum.',
        ),
      ]
    : [];
}

function splitFindings({ splitBy, absentShareBasisPoints, noticeMinutes }: GroupSplitTerms): Finding[] {
  if (splitBy === 'booked') return [];
  const message = 'Only people who are present share the price, so this has no effect.';
  return [
    ...(absentShareBasisPoints === undefined
      ? []
      : [finding('absent_do_not_share', 'absentShareBasisPoints', message)]),
    ...(noticeMinutes === undefined ? [] : [finding('absent_do_not_share', 'noticeMinutes', message)]),
  ];
}

function milestoneFindings({ milestones }: MilestoneTerms): Finding[] {
  return milestones.flatMap(({ code }, index) =>
    milestones.findIndex((other) => other.code === code) === index
      ? []
      : [finding('milestone_twice', `milestones.${index}.code`, `The milestone "${code}" is on the card already.`)],
  );
}

function blockFindings({ floor, ceiling }: BlockTerms): Finding[] {
  return floor && ceiling && ceiling.units < floor.units
    ? [finding('ceiling_below_floor', 'ceiling.units', 'The ceiling is below the floor.')]
    : [];
}

function hasTiers({ terms }: RateCard): boolean {
  return 'tiers' in terms && terms.tiers !== undefined;
}

function hourly({ terms }: RateCard): boolean {
  return terms.basis === 'hour';
}

function finding(code: string, field: string, message: string): Finding {
  return { code, field, message };
}
