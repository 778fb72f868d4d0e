import { multiply, type Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { PeriodLine } from './price-line.rules.js';
import type { Flag, Reason } from './price-reasons.rules.js';
import type { BlockTerms } from './rate-card-terms.rules.js';

export interface BlockPrice {
  readonly amountMinor: Minor;
  readonly reasons: Reason[];
  readonly flags: Flag[];
}

/**
 * The amount of a month, or of a part of one by its calendar days. Floor and ceiling are reduced by the same days, exactly:
 * 15 days of a month of 30 with a floor of 25 are below it with 12 units, not with 13. In proportion means activity over
 * the bound, of the monthly amount. Further units are whole units above the ceiling.
 */
export function priceBlock(terms: BlockTerms, line: PeriodLine): BlockPrice {
  const { days, daysInMonth } = partOfMonth(line.firstDay, line.lastDay);
  const { monthlyMinor, floor, ceiling } = terms;
  const { activityUnits } = line;
  const part = { numerator: BigInt(days), denominator: BigInt(daysInMonth) };
  const partMinor = multiply(monthlyMinor, part, 'half_up');
  const month: Reason = {
    code: 'block_month',
    days,
    daysInMonth,
    monthlyMinor: monthlyMinor.toString(),
    amountMinor: partMinor.toString(),
  };
  const plain: BlockPrice = { amountMinor: partMinor, reasons: [month], flags: [] };
  const inProportion = (bound: 'floor' | 'ceiling', units: number): BlockPrice => {
    const ratio = { numerator: BigInt(activityUnits), denominator: BigInt(units) };
    const amountMinor = multiply(monthlyMinor, ratio, 'half_up');
    const amount = amountMinor.toString();
    const reason: Reason = { code: 'block_in_proportion', bound, activityUnits, units, amountMinor: amount };
    return { amountMinor, reasons: [month, reason], flags: [] };
  };

  if (floor && activityUnits * daysInMonth < floor.units * days) {
    if (floor.rule === 'in_proportion') return inProportion('floor', floor.units);
    return { ...plain, flags: [{ code: 'block_below_floor', activityUnits, units: floor.units }] };
  }
  if (ceiling && activityUnits * daysInMonth > ceiling.units * days) {
    if (ceiling.rule === 'each_further_unit') {
      const furtherUnits = activityUnits - Math.ceil((ceiling.units * days) / daysInMonth);
      return withFurtherUnits(plain, furtherUnits, ceiling.unitPriceMinor);
    }
    if (ceiling.rule === 'in_proportion') return inProportion('ceiling', ceiling.units);
    return { ...plain, flags: [{ code: 'block_above_ceiling', activityUnits, units: ceiling.units }] };
  }
  return plain;
}

function withFurtherUnits(plain: BlockPrice, furtherUnits: number, unitPriceMinor: Minor): BlockPrice {
  if (furtherUnits === 0) return plain;
  const amountMinor = unitPriceMinor * BigInt(furtherUnits);
  const reason: Reason = {
    code: 'block_further_units',
    furtherUnits,
    unitMinor: unitPriceMinor.toString(),
    amountMinor: amountMinor.toString(),
  };
  return { ...plain, amountMinor: plain.amountMinor + amountMinor, reasons: [...plain.reasons, reason] };
}

/** Both days are included. Throws RangeError unless they are in order and in one calendar month. */
export function partOfMonth(firstDay: IsoDate, lastDay: IsoDate): { days: number; daysInMonth: number } {
  if (firstDay.slice(0, 7) !== lastDay.slice(0, 7) || lastDay < firstDay)
    throw new RangeError('a period of a block lies in one calendar month');
  const [year = 0, month = 0] = firstDay.split('-').map(Number);
  const days = Number(lastDay.slice(8)) - Number(firstDay.slice(8)) + 1;
  return { days, daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate() };
}
