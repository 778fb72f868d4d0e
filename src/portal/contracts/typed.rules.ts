import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';

const HUNDRED_PERCENT = 10_000;
const MINUTES_OF_HOUR = 60;

/** A code as people type it: `walk group` is `WALK-GROUP`. */
export function tidyCode(text: string): string {
  return text.toUpperCase().replace(/[\s_]+/g, '-');
}

/** A name as a code of the program: `Follow-up, 12 weeks` is `follow_up_12_weeks`. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '');
  return slug.slice(0, 40).replace(/_+$/, '');
}

/** A percentage as people write it, `50`, `12.5 %`, in hundredths of a per cent. Undefined when it was left empty. */
export function percentField(
  form: Form,
  fields: Fields,
  name: string,
  { missing, max = HUNDRED_PERCENT }: { missing?: string; max?: number } = {},
): number | undefined {
  const text = fields.text(name).replace(/\s|%/g, '');
  if (text === '') {
    if (missing !== undefined) form.refuse(name, missing);
    return undefined;
  }
  const points = basisPointsOf(text);
  if (points === undefined || points > max) {
    form.refuse(name, 'contracts.notPercent', { max: max / 100 });
    return undefined;
  }
  return points;
}

/** `12.5` as 1 250. */
export function basisPointsOf(text: string): number | undefined {
  const match = /^(\d{1,4})(?:[.,](\d{1,2}))?$/.exec(text);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : undefined;
}

/** Hours as people write them, `24`, `1.5`, in minutes. */
export function hoursField(form: Form, fields: Fields, name: string, missing?: string): number | undefined {
  const text = fields.text(name).replace(/\s/g, '');
  if (text === '') {
    if (missing !== undefined) form.refuse(name, missing);
    return undefined;
  }
  const points = basisPointsOf(text);
  const minutes = points === undefined ? 0 : (points * MINUTES_OF_HOUR) / 100;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 720 * MINUTES_OF_HOUR) return minutes;
  form.refuse(name, 'contracts.notHours');
  return undefined;
}

/** The numbers of the rows of a list, of which each has a field `prefix-N-part`; one row at least. */
export function rowsOf(fields: Fields, prefix: string, part: string): number[] {
  const pattern = new RegExp(`^${prefix}-(\\d{1,3})-${part}$`);
  const sent = fields.names().flatMap((name) => {
    const [, index] = pattern.exec(name) ?? [];
    return index === undefined ? [] : Number(index);
  });
  const rows = [...new Set(sent)].toSorted((a, b) => a - b);
  if (fields.has('_add')) return [...rows, (rows.at(-1) ?? -1) + 1];
  const kept = rows.filter((row) => String(row) !== fields.text('_remove'));
  return kept.length === 0 ? [0] : kept;
}

/** What is there of the properties: without those that are undefined. */
export function present<T extends object>(properties: T): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T;
}
