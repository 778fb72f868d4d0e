import { parsePostcode } from '../../identifiers/index.js';
import type { Listing, WriteListing } from '../../directory/index.js';
import type { Fields } from '../page/fields.rules.js';
import type { Form } from '../page/form.js';

type Day = WriteListing['schedule'][number]['day'];

/** The lists that the form chooses from. */
export interface ListingChoices {
  readonly days: readonly Day[];
  readonly costs: readonly WriteListing['cost'][];
  readonly places: readonly WriteListing['places'][];
}

/** Languages that services are held in most; `bfi` is British Sign Language. */
export const OFFERED_LANGUAGES = [
  'en',
  'cy',
  'bfi',
  'ar',
  'bn',
  'fa',
  'gu',
  'pa',
  'pl',
  'pt',
  'ro',
  'so',
  'ur',
] as const;

const AREAS_MAX = 20;
const LINES_MAX = 3;
const TIMES_MAX = 28;
const PHONE = /^(\+44|0)[\d ]{5,21}$/;

/** What the entry is to say, as the API takes it; undefined while there is something to mend. */
export function readListing(form: Form, fields: Fields, choices: ListingChoices): WriteListing | undefined {
  const name = form.text('name', { missing: 'listings.form.nameMissing', max: 120 });
  const summary = form.text('summary', { missing: 'listings.form.summaryMissing', max: 300 });
  const places = form.choice('places', choices.places, 'listings.form.placesMissing');
  const description = form.text('description', { max: 4000 }) ?? null;
  const eligibility = form.text('eligibility', { max: 1000 }) ?? null;
  const ages = readAges(form);
  const venue = readVenue(form, fields);
  const schedule = readSchedule(form, fields, choices.days);
  const areas = readLines(form, fields, 'areas', AREAS_MAX);
  const cost = form.choice('cost', choices.costs, 'listings.form.costMissing');
  const costNote = form.text('costNote', { max: 300 }) ?? null;
  const languages = fields.all('languages');
  if (languages.length === 0) form.refuse('languages', 'listings.form.languagesMissing');
  const howToRefer = form.text('howToRefer', { max: 1000 }) ?? null;
  const contact = readContact(form);
  const accessibility = form.text('accessibility', { max: 1000 }) ?? null;
  if (!form.ok || name === undefined || summary === undefined || places === undefined || cost === undefined) {
    return undefined;
  }
  const texts = { name, summary, description, eligibility, costNote, howToRefer, accessibility };
  const lists = { languages: [...languages], areas, schedule };
  return { ...texts, ...ages, ...contact, ...lists, cost, places, venue, online: fields.has('online') };
}

function readAges(form: Form) {
  const minimumAge = form.whole('minimumAge', { min: 0, max: 120 }) ?? null;
  const maximumAge = form.whole('maximumAge', { min: 0, max: 120 }) ?? null;
  if (minimumAge !== null && maximumAge !== null && minimumAge > maximumAge) {
    form.refuse('maximumAge', 'listings.form.agesCrossed');
  }
  return { minimumAge, maximumAge };
}

/** Nothing where no box of it is filled. */
function readVenue(form: Form, fields: Fields): WriteListing['venue'] {
  if (!['venueName', 'address', 'town', 'county', 'postal'].some((field) => fields.has(field))) return null;
  const name = form.text('venueName', { missing: 'listings.form.venueMissing', max: 120 }) ?? '';
  const address = readLines(form, fields, 'address', LINES_MAX);
  if (address.length === 0) form.refuse('address', 'listings.form.addressMissing');
  const town = form.text('town', { missing: 'listings.form.townMissing', max: 100 }) ?? '';
  const county = form.text('county', { max: 100 }) ?? null;
  const postcode = parsePostcode(fields.text('postal'));
  if (!postcode.ok) form.refuse('postal', 'listings.form.postcodeMissing');
  return { name, address, town, county, postcode: postcode.ok ? postcode.value : '' };
}

function readLines(form: Form, fields: Fields, name: string, most: number): string[] {
  const lines = fields
    .text(name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length > most) form.refuse(name, 'listings.form.tooManyLines', { most });
  if (lines.some((line) => line.length > 100)) form.refuse(name, 'listings.form.lineTooLong');
  return lines;
}

/** Numbers of the rows of the week that the form has: one at least. */
export function timeRows(fields: Fields): number[] {
  const sent = fields.names().flatMap((name) => {
    const [, index] = /^time-(\d{1,3})-from$/.exec(name) ?? [];
    return index === undefined ? [] : Number(index);
  });
  const rows = [...new Set(sent)].toSorted((a, b) => a - b);
  if (fields.has('_add')) return [...rows, (rows.at(-1) ?? -1) + 1];
  const kept = rows.filter((row) => String(row) !== fields.text('_remove'));
  return kept.length === 0 ? [0] : kept;
}

function readSchedule(form: Form, fields: Fields, days: readonly Day[]): WriteListing['schedule'] {
  const filled = timeRows(fields).filter((row) =>
    ['day', 'from', 'to', 'note'].some((part) => fields.has(`time-${row}-${part}`)),
  );
  if (filled.length > TIMES_MAX) form.refuse('', 'listings.form.tooManyTimes', { most: TIMES_MAX });
  return filled.flatMap((row) => {
    const day = form.choice(`time-${row}-day`, days, 'listings.form.dayMissing');
    const opensAt = form.hour(`time-${row}-from`, { missing: 'listings.form.fromMissing' });
    const closesAt = form.hour(`time-${row}-to`, { missing: 'listings.form.toMissing' });
    const note = form.text(`time-${row}-note`, { max: 100 }) ?? null;
    if (opensAt !== undefined && closesAt !== undefined && opensAt >= closesAt) {
      form.refuse(`time-${row}-to`, 'listings.form.timesCrossed');
    }
    return day !== undefined && opensAt !== undefined && closesAt !== undefined
      ? [{ day, opensAt, closesAt, note }]
      : [];
  });
}

function readContact(form: Form) {
  const email = form.text('email', { max: 200 }) ?? null;
  if (email !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) form.refuse('email', 'listings.form.emailWrong');
  const phone =
    form
      .text('phone', { max: 24 })
      ?.replace(/[\s()-]+/g, ' ')
      .trim() ?? null;
  if (phone !== null && !PHONE.test(phone)) form.refuse('phone', 'listings.form.phoneWrong');
  const typed = form.text('url', { max: 300 });
  const url = typed === undefined ? null : /^https?:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (url !== null && !URL.canParse(url)) form.refuse('url', 'listings.form.urlWrong');
  return { email, phone, url };
}

/** An entry as the fields of the form show it. */
export function fieldsOf(listing: Listing): Record<string, string | readonly string[]> {
  const { venue, schedule } = listing;
  const texts = {
    name: listing.name,
    summary: listing.summary,
    description: listing.description,
    eligibility: listing.eligibility,
    minimumAge: listing.minimumAge,
    maximumAge: listing.maximumAge,
    cost: listing.cost,
    costNote: listing.costNote,
    areas: listing.areas.join('\n'),
    online: listing.online ? '1' : null,
    venueName: venue?.name,
    address: venue?.address.join('\n'),
    town: venue?.town,
    county: venue?.county,
    postal: venue?.postcode,
    howToRefer: listing.howToRefer,
    email: listing.email,
    phone: listing.phone,
    url: listing.url,
    accessibility: listing.accessibility,
    places: listing.places,
  };
  const times = schedule.flatMap(({ day, opensAt, closesAt, note }, row) => [
    [`time-${row}-day`, day] as const,
    [`time-${row}-from`, opensAt] as const,
    [`time-${row}-to`, closesAt] as const,
    [`time-${row}-note`, note ?? ''] as const,
  ]);
  const filled = Object.entries(texts).flatMap(([name, value]) =>
    value == null ? [] : [[name, String(value)] as const],
  );
  return { ...Object.fromEntries([...filled, ...times]), languages: listing.languages };
}
