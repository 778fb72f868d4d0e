import { z } from 'zod';
import { parsePostcode } from '../identifiers/index.js';
import { identifier } from '../platform/identifier.schemas.js';
import { PageQuery } from '../platform/page.js';
import { BRITISH_SIGN_LANGUAGE, COSTS, DAYS, districtOf, PLACES } from './listing.rules.js';

/** Control characters but for line breaks, and those that turn the direction of a text around: nobody sees them. */
const UNSEEN = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u;

const seen = (text: z.ZodString) =>
  text.refine((value) => !UNSEEN.test(value), 'holds a character that nobody can see');
const line = (min: number, max: number) =>
  seen(z.string().trim().min(min).max(max)).refine((value) => !value.includes('\n'), 'must be one line');
const text = (max: number) => seen(z.string().trim().min(1).max(max)).nullable().default(null);

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
const language = z
  .string()
  .regex(/^[a-z]{2,3}$/, { error: 'must be an ISO 639 code such as "en" or "cy"', abort: true }) // Intl throws at others
  .refine(
    (code) => code === BRITISH_SIGN_LANGUAGE || LANGUAGE_NAMES.of(code) !== undefined,
    'is no code of a language',
  );

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "14:30"');
const age = z.int().min(0).max(120).nullable().default(null);

const Weekly = z
  .strictObject({
    day: z.enum(DAYS).describe('As iCalendar writes it.'),
    opensAt: time.describe('By a clock in the United Kingdom.'),
    closesAt: time,
    note: line(1, 100).nullable().default(null),
  })
  .refine(({ opensAt, closesAt }) => opensAt < closesAt, 'must close after it opens');

const Venue = z.strictObject({
  name: line(1, 120),
  address: z.array(line(1, 100)).min(1).max(3),
  town: line(1, 100),
  county: line(1, 100).nullable().default(null),
  postcode: identifier(parsePostcode, 'UK postcode.'),
});

const content = {
  name: line(2, 120).describe('What people know it by.'),
  summary: line(1, 300).describe('One or two sentences.'),
  description: text(4000),
  eligibility: text(1000).describe('Who it is for.'),
  minimumAge: age,
  maximumAge: age,
  cost: z.enum(COSTS).describe('What those pay who take part.'),
  costNote: line(1, 300).nullable().default(null),
  languages: z.array(language).min(1).max(20).default(['en']).describe('ISO 639 codes.'),
  areas: z.array(line(1, 100)).max(20).default([]).describe('Places or postcode districts that it is for.'),
  online: z.boolean().default(false),
  venue: Venue.nullable().default(null),
  schedule: z.array(Weekly).max(28).default([]),
  howToRefer: text(1000),
  email: z.email().max(200).nullable().default(null).describe("The organisation's, not a person's: it is public."),
  phone: z
    .string()
    .regex(/^(\+44|0)[\d ]{5,21}$/, 'must be a telephone number such as "020 7946 0000"')
    .nullable()
    .default(null),
  url: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .nullable()
    .default(null),
  accessibility: text(1000),
  places: z.enum(PLACES),
};

export const WriteListing = z
  .strictObject(content)
  .refine(
    ({ minimumAge, maximumAge }) => minimumAge === null || maximumAge === null || minimumAge <= maximumAge,
    'minimumAge cannot be above maximumAge',
  )
  .meta({ id: 'WriteListing', description: 'All that the entry says: what is left off is left off there.' });
export type WriteListing = z.infer<typeof WriteListing>;

const { schedule: _schedule, venue: _venue, ...plain } = content;

export const ListingView = z
  .object({
    commissionerId: z.uuid(),
    serviceId: z.uuid(),
    providerId: z.uuid(),
    providerName: z.string(),
    listed: z.boolean().describe('Whether the commissioner shows it.'),
    shown: z.boolean().describe('Whether anybody can see it today: listed, and with a rate card in force.'),
    assuredOn: z.iso.date().nullable().describe('The day on which the commissioner last checked it.'),
    changedAt: z.iso.datetime(),
    ...plain,
    venue: z
      .object({
        name: z.string(),
        address: z.array(z.string()),
        town: z.string(),
        county: z.string().nullable(),
        postcode: z.string(),
      })
      .nullable(),
    schedule: z.array(
      z.object({ day: z.enum(DAYS), opensAt: z.string(), closesAt: z.string(), note: z.string().nullable() }),
    ),
  })
  .meta({ id: 'Listing' });

/** A postcode or the first half of one, as its district. */
export const district = z
  .string()
  .max(10)
  .transform((given, context) => {
    const whole = parsePostcode(given);
    if (whole.ok) return districtOf(whole.value);
    const half = given.trim().toUpperCase();
    if (/^[A-Z]{1,2}\d[A-Z\d]?$/.test(half)) return half;
    context.addIssue({ code: 'custom', message: 'must be a postcode or its first half' });
    return z.NEVER;
  });

export const search = z.string().trim().max(100);

export const ListingQuery = z.strictObject({
  ...PageQuery.shape,
  search: search.optional().describe('Words of the name, the summary, the description and who it is for.'),
  commissionerId: z.uuid().optional(),
  providerId: z.uuid().optional(),
  listed: z
    .enum(['true', 'false'])
    .transform((given) => given === 'true')
    .optional(),
  age: z.coerce.number().int().min(0).max(120).optional().describe('For somebody of this age.'),
  day: z.enum(DAYS).optional(),
  postcode: district.optional().describe('Held in this postcode district, for it, or online.'),
  places: z.enum(PLACES).optional(),
});
export type ListingQuery = z.infer<typeof ListingQuery>;

export const ListingList = z
  .object({ items: z.array(ListingView), next: z.uuid().nullable() })
  .meta({ id: 'ListingList' });
