import type { RateCardTermsWire } from '../../pricing/index.js';

/** The fields of a card's form, filled in with a published card: to publish one that differs in little. */
export function typedCard(terms: RateCardTermsWire): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(flat(terms)).filter(([, value]) => value !== '' && value !== undefined),
  ) as Record<string, string | string[]>;
}

function flat(terms: RateCardTermsWire): Record<string, string | string[] | undefined> {
  switch (terms.basis) {
    case 'milestone':
      return { ...milestoneRows(terms.milestones), ...typedCaps(terms) };
    case 'block':
      return {
        price: pounds(terms.monthlyMinor),
        floorUnits: digits(terms.floor?.units),
        floorRule: terms.floor?.rule,
        ceilingUnits: digits(terms.ceiling?.units),
        ceilingRule: terms.ceiling?.rule,
        ceilingPrice: terms.ceiling?.rule === 'each_further_unit' ? pounds(terms.ceiling.unitPriceMinor) : undefined,
      };
    case 'recognised':
      return { price: pounds(terms.indicativeMinor), ...typedCaps(terms) };
    case 'referral':
      return { price: pounds(terms.priceMinor), ...typedTiers(terms.tiers), ...typedCaps(terms) };
    default:
      return typedDelivery(terms);
  }
}

type Delivery = Extract<RateCardTermsWire, { basis: 'session' | 'attendance' | 'group_split' | 'hour' }>;
type Supplement = NonNullable<Delivery['travel']>;
type TiersWire = NonNullable<Extract<RateCardTermsWire, { basis: 'session' }>['tiers']>;

function typedDelivery(terms: Delivery): Record<string, string | string[] | undefined> {
  const late = 'lateCancel' in terms ? terms.lateCancel : undefined;
  const absent = 'didNotAttend' in terms ? terms.didNotAttend : undefined;
  const minimum = 'minimumAttendance' in terms ? terms : undefined;
  return {
    price: pounds(terms.priceMinor),
    ...(terms.basis === 'hour' && { minuteStep: digits(terms.minuteStep), minuteRounding: terms.minuteRounding }),
    ...(terms.basis === 'group_split' && {
      splitBy: terms.splitBy,
      absentShare: percent(terms.absentShareBasisPoints),
      splitNotice: hours(terms.noticeMinutes),
    }),
    ...typedTiers('tiers' in terms ? terms.tiers : undefined),
    absentPercent: percent(absent?.basisPoints),
    absentMax: digits(absent?.maximumPerReferral),
    latePercent: percent(late?.basisPoints),
    lateMax: digits(late?.maximumPerReferral),
    lateNotice: hours(late?.noticeMinutes),
    minimumAttendance: digits(minimum?.minimumAttendance),
    belowMinimum: percent(minimum?.belowMinimumBasisPoints),
    minimumCharge: terms.minimumChargeMinor && pounds(terms.minimumChargeMinor),
    ...typedSupplement('hours', terms.outOfHours?.supplement),
    hoursFrom: terms.outOfHours?.from,
    hoursUntil: terms.outOfHours?.until,
    hoursDays: [
      ...(terms.outOfHours?.weekends ? ['weekends'] : []),
      ...(terms.outOfHours?.bankHolidays ? ['bankHolidays'] : []),
    ],
    ...typedSupplement('travel', terms.travel),
    ...typedCaps(terms),
  };
}

function milestoneRows(milestones: Extract<RateCardTermsWire, { basis: 'milestone' }>['milestones']) {
  return Object.fromEntries(
    milestones.flatMap(({ code, name, priceMinor }, row) => [
      [`milestone-${row}-name`, name],
      [`milestone-${row}-price`, pounds(priceMinor)],
      [`milestone-${row}-known`, code],
    ]),
  );
}

function typedTiers(tiers: TiersWire | undefined): Record<string, string> {
  if (!tiers) return {};
  const steps = tiers.steps.flatMap(({ above, priceMinor }, row) => [
    [`tier-${row}-above`, String(above)],
    [`tier-${row}-price`, pounds(priceMinor)],
  ]);
  return { tierMode: tiers.mode, tierPer: tiers.per, ...(Object.fromEntries(steps) as Record<string, string>) };
}

function typedSupplement(name: string, supplement: Supplement | undefined): Record<string, string> {
  if (!supplement) return {};
  const amount = supplement.kind === 'fixed' ? pounds(supplement.amountMinor) : (percent(supplement.basisPoints) ?? '');
  return { [`${name}Kind`]: supplement.kind, [`${name}Amount`]: amount };
}

function typedCaps(terms: Exclude<RateCardTermsWire, { basis: 'block' }>) {
  const { caps, countMissed } = terms;
  return {
    capReferral: digits(caps?.perReferral),
    capPerson: digits(caps?.perPersonPerMonth),
    capContract: digits(caps?.perContract),
    countMissed: countMissed ? '1' : undefined,
  };
}

function pounds(minor: string): string {
  const digitsOf = minor.padStart(3, '0');
  return `${digitsOf.slice(0, -2)}.${digitsOf.slice(-2)}`;
}

function percent(basisPoints: number | undefined): string | undefined {
  return basisPoints === undefined ? undefined : String(basisPoints / 100);
}

function hours(minutes: number | undefined): string | undefined {
  return minutes === undefined ? undefined : String(Math.round((minutes / 60) * 100) / 100);
}

function digits(count: number | undefined): string | undefined {
  return count === undefined ? undefined : String(count);
}
