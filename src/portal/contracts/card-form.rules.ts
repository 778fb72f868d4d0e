import type { Basis } from '../../pricing/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';
import { hoursField, percentField, present, rowsOf, slugOf } from './typed.rules.js';

const SUPPLEMENTS = ['none', 'fixed', 'percentage'] as const;
const MISSED_MAX = 1_000;
const COUNT_MAX = 1_000_000;
const SUPPLEMENT_MAX = 100_000;

/** The parts of a rate card that each basis has, as its form shows them. */
export interface CardParts {
  readonly tiers: boolean;
  readonly didNotAttend: boolean;
  readonly lateCancel: boolean;
  readonly supplements: boolean;
  readonly minimumAttendance: boolean;
  readonly caps: boolean;
}

const NOTHING: CardParts = {
  tiers: false,
  didNotAttend: false,
  lateCancel: false,
  supplements: false,
  minimumAttendance: false,
  caps: false,
};
const DELIVERED = { supplements: true, caps: true };

const PARTS: Readonly<Record<Basis, CardParts>> = {
  session: { ...NOTHING, ...DELIVERED, tiers: true, lateCancel: true, minimumAttendance: true },
  attendance: { ...NOTHING, ...DELIVERED, tiers: true, didNotAttend: true, lateCancel: true },
  group_split: { ...NOTHING, ...DELIVERED, minimumAttendance: true },
  hour: { ...NOTHING, ...DELIVERED, tiers: true, didNotAttend: true, lateCancel: true, minimumAttendance: true },
  referral: { ...NOTHING, tiers: true, caps: true },
  milestone: { ...NOTHING, caps: true },
  block: NOTHING,
  recognised: { ...NOTHING, caps: true },
};

export function partsOf(basis: Basis): CardParts {
  return PARTS[basis];
}

/** The terms of a card as the API takes them; parts that are to be mended are left out, and the form says so. */
export function readTerms(form: Form, fields: Fields, basis: Basis): Record<string, unknown> {
  const parts = PARTS[basis];
  return present({
    basis,
    ...readPrice(form, fields, basis),
    ...(parts.tiers && { tiers: readTiers(form, fields) }),
    ...(parts.didNotAttend && { didNotAttend: readMissed(form, fields, 'absent') }),
    ...(parts.lateCancel && { lateCancel: readLateCancel(form, fields) }),
    ...(parts.supplements && readSupplements(form, fields)),
    ...(parts.minimumAttendance && readMinimum(form, fields)),
    ...(parts.caps && readCaps(form, fields)),
  });
}

/** The milestones of the form, with the code that each gets by its name. */
export function readMilestones(form: Form, fields: Fields) {
  return rowsOf(fields, 'milestone', 'name').flatMap((row) => {
    const [name, price] = [`milestone-${row}-name`, `milestone-${row}-price`];
    if (!fields.has(name) && !fields.has(price)) return [];
    const text = form.text(name, { missing: 'contracts.card.milestoneNameMissing', max: 80 });
    const priceMinor = pence(form, price, 'contracts.card.milestonePriceMissing');
    const known = fields.text(`milestone-${row}-known`);
    return [{ row, code: known || slugOf(text ?? ''), name: text ?? '', priceMinor: priceMinor ?? '0' }];
  });
}

function readPrice(form: Form, fields: Fields, basis: Basis): Record<string, unknown> {
  switch (basis) {
    case 'milestone':
      return { milestones: readMilestoneTerms(form, fields) };
    case 'block':
      return { monthlyMinor: mainPrice(form), ...readBlock(form, fields) };
    case 'recognised':
      return { indicativeMinor: mainPrice(form) };
    case 'hour':
      return {
        priceMinor: mainPrice(form),
        minuteStep: form.whole('minuteStep', { missing: 'contracts.card.minuteStepMissing', min: 1, max: 60 }),
        minuteRounding: form.choice('minuteRounding', ['up', 'down', 'nearest'], 'contracts.card.roundingMissing'),
      };
    case 'group_split':
      return { priceMinor: mainPrice(form), ...readSplit(form, fields) };
    default:
      return { priceMinor: mainPrice(form) };
  }
}

function mainPrice(form: Form): string | undefined {
  return pence(form, 'price', 'contracts.card.priceMissing');
}

function pence(form: Form, name: string, missing?: string): string | undefined {
  return form.pounds(name, missing === undefined ? {} : { missing })?.toString();
}

function readMilestoneTerms(form: Form, fields: Fields) {
  const milestones = readMilestones(form, fields);
  if (milestones.length === 0) form.refuse('milestone-0-name', 'contracts.card.milestoneNameMissing');
  for (const { row, code, name } of milestones)
    if (name !== '' && !/^[a-z][a-z0-9_]{1,39}$/.test(code))
      form.refuse(`milestone-${row}-name`, 'contracts.card.milestoneNameWrong');
  return milestones.map(({ row: _row, ...milestone }) => milestone);
}

function readSplit(form: Form, fields: Fields) {
  const splitBy = form.choice('splitBy', ['booked', 'present'], 'contracts.card.splitByMissing');
  if (splitBy !== 'booked') return { splitBy };
  return {
    splitBy,
    ...present({
      absentShareBasisPoints: percentField(form, fields, 'absentShare'),
      noticeMinutes: hoursField(form, fields, 'splitNotice'),
    }),
  };
}

function readBlock(form: Form, fields: Fields) {
  const floor = bound(form, fields, 'floor', ['flag', 'in_proportion']);
  const ceiling = bound(form, fields, 'ceiling', ['flag', 'in_proportion', 'each_further_unit']);
  if (ceiling?.rule !== 'each_further_unit') return present({ floor, ceiling });
  const unitPriceMinor = pence(form, 'ceilingPrice', 'contracts.card.ceilingPriceMissing');
  return present({ floor, ceiling: { ...ceiling, unitPriceMinor } });
}

function bound<R extends string>(form: Form, fields: Fields, name: 'floor' | 'ceiling', rules: readonly R[]) {
  const units = form.whole(`${name}Units`, { min: 1, max: COUNT_MAX });
  if (!fields.has(`${name}Units`)) return undefined;
  return { units, rule: form.choice(`${name}Rule`, rules, 'contracts.card.boundRuleMissing') };
}

function readTiers(form: Form, fields: Fields) {
  const rows = rowsOf(fields, 'tier', 'above').filter(
    (row) => fields.has(`tier-${row}-above`) || fields.has(`tier-${row}-price`),
  );
  if (rows.length === 0) return undefined;
  const steps = rows.map((row) => ({
    above: form.whole(`tier-${row}-above`, { missing: 'contracts.card.tierAboveMissing', min: 1, max: COUNT_MAX }),
    priceMinor: pence(form, `tier-${row}-price`, 'contracts.card.tierPriceMissing'),
  }));
  return {
    mode: form.choice('tierMode', ['marginal', 'whole_volume'], 'contracts.card.tierModeMissing'),
    per: form.choice('tierPer', ['contract', 'month'], 'contracts.card.tierPerMissing'),
    steps: steps.toSorted((a, b) => (a.above ?? 0) - (b.above ?? 0)),
  };
}

function readMissed(form: Form, fields: Fields, name: 'absent' | 'late') {
  const basisPoints = percentField(form, fields, `${name}Percent`);
  const maximumPerReferral = form.whole(`${name}Max`, { min: 1, max: MISSED_MAX });
  if (fields.has(`${name}Percent`)) return present({ basisPoints, maximumPerReferral });
  if (fields.has(`${name}Max`)) form.refuse(`${name}Percent`, 'contracts.card.missedPercentMissing');
  return undefined;
}

function readLateCancel(form: Form, fields: Fields) {
  const missed = readMissed(form, fields, 'late');
  const needed = missed ? 'contracts.card.lateNoticeMissing' : undefined;
  const noticeMinutes = hoursField(form, fields, 'lateNotice', needed);
  if (missed) return { ...missed, noticeMinutes };
  if (noticeMinutes !== undefined) form.refuse('latePercent', 'contracts.card.missedPercentMissing');
  return undefined;
}

function readSupplements(form: Form, fields: Fields) {
  const supplement = readSupplement(form, fields, 'hours');
  const outOfHours = supplement && {
    supplement,
    ...present({ from: form.hour('hoursFrom'), until: form.hour('hoursUntil') }),
    weekends: fields.all('hoursDays').includes('weekends'),
    bankHolidays: fields.all('hoursDays').includes('bankHolidays'),
  };
  return {
    minimumChargeMinor: pence(form, 'minimumCharge'),
    outOfHours,
    travel: readSupplement(form, fields, 'travel'),
  };
}

function readSupplement(form: Form, fields: Fields, name: 'hours' | 'travel') {
  const kind = SUPPLEMENTS.find((one) => one === fields.text(`${name}Kind`)) ?? 'none';
  if (kind === 'fixed') return { kind, amountMinor: pence(form, `${name}Amount`, 'contracts.card.supplementMissing') };
  if (kind === 'none') return undefined;
  const missing = 'contracts.card.supplementMissing';
  return { kind, basisPoints: percentField(form, fields, `${name}Amount`, { missing, max: SUPPLEMENT_MAX }) };
}

function readMinimum(form: Form, fields: Fields) {
  const minimumAttendance = form.whole('minimumAttendance', { min: 1, max: MISSED_MAX });
  const belowMinimumBasisPoints = percentField(form, fields, 'belowMinimum');
  return { minimumAttendance, belowMinimumBasisPoints };
}

function readCaps(form: Form, fields: Fields) {
  const caps = present({
    perReferral: form.whole('capReferral', { min: 1, max: COUNT_MAX }),
    perPersonPerMonth: form.whole('capPerson', { min: 1, max: COUNT_MAX }),
    perContract: form.whole('capContract', { min: 1, max: COUNT_MAX }),
  });
  const isCounted = fields.has('countMissed');
  return {
    caps: Object.keys(caps).length === 0 ? undefined : caps,
    countMissed: isCounted ? true : undefined,
  };
}
