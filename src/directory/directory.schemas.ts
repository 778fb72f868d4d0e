import { z } from 'zod';
import { DAYS } from './listing.rules.js';
import { district, search } from './listings.schemas.js';

const commissionerCode = z
  .string()
  .regex(/^[A-Za-z0-9]{2,12}$/)
  .transform((code) => code.toUpperCase());

export const DirectoryParameter = z.strictObject({ commissionerCode });
export type DirectoryParameter = z.infer<typeof DirectoryParameter>;
export const EntryParameter = z.strictObject({ commissionerCode, id: z.uuid() });
export type EntryParameter = z.infer<typeof EntryParameter>;

const age = z.coerce.number().min(0).max(200).optional();
const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'must be a time such as "14:30"')
  .transform((given) => given.slice(0, 5))
  .optional();
const term = z.string().max(200).optional().describe('Services here have no terms of a taxonomy: none has this one.');

/** The parameters of `GET /services` in the UK profile, and three that other endpoints of HSDS 3.0 have. */
export const DirectoryQuery = z.strictObject({
  search: search.optional().describe('Full text search.'),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  per_page: z.coerce.number().int().min(1).max(100).default(50),
  taxonomy_term_id: term,
  taxonomy_id: term,
  minimum_age: age.describe('A minimum age of at least this.'),
  maximum_age: age.describe('A maximum age of at most this.'),
  start_time: time.describe('Begins no earlier.'),
  end_time: time.describe('Ends no later.'),
  day: z.enum(DAYS).optional().describe('As iCalendar writes it, such as MO.'),
  modified_after: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()])
    .transform((given) => new Date(given))
    .optional()
    .describe('Changed at this instant or later.'),
  organization_id: z.uuid().optional(),
  postcode: district.optional().describe('Held in this postcode district, for it, or online.'),
});
export type DirectoryQuery = z.infer<typeof DirectoryQuery>;

export const ApiDetails = z
  .object({ version: z.string(), profile: z.url(), openapi_url: z.url() })
  .meta({ id: 'OpenReferralApi' });

const organization = z.object({ id: z.uuid(), name: z.string(), description: z.string() });

const item = {
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  description: z.string(),
  url: z.url(),
  email: z.email().optional(),
  status: z.literal('active'),
  minimum_age: z.number().optional(),
  maximum_age: z.number().optional(),
  assured_date: z.iso.date().optional(),
  alert: z.string().optional(),
  last_modified: z.iso.datetime(),
  eligibility_description: z.string().optional(),
  application_process: z.string().optional(),
  organization,
};

export const ServiceItems = z
  .object({
    total_items: z.int(),
    total_pages: z.int(),
    page_number: z.int(),
    size: z.int(),
    first_page: z.boolean(),
    last_page: z.boolean(),
    empty: z.boolean(),
    contents: z.array(z.object(item)),
  })
  .meta({ id: 'OpenReferralServices' });

const part = { id: z.uuid(), service_id: z.uuid() };
const addresses = z.array(
  z.object({
    id: z.uuid(),
    location_id: z.uuid(),
    address_1: z.string(),
    city: z.string(),
    state_province: z.string(),
    postal_code: z.string(),
    country: z.literal('GB'),
    address_type: z.literal('physical'),
  }),
);
const location = z.object({
  id: z.uuid(),
  name: z.string(),
  addresses,
  accessibility: z.array(z.object({ id: z.uuid(), location_id: z.uuid(), description: z.string() })).optional(),
});

export const ServiceDocument = z
  .object({
    ...item,
    schedules: z
      .array(
        z.object({
          ...part,
          freq: z.literal('WEEKLY'),
          interval: z.literal(1),
          byday: z.enum(DAYS),
          opens_at: z.string(),
          closes_at: z.string(),
          attending_type: z.string().optional(),
          description: z.string().optional(),
        }),
      )
      .optional(),
    service_areas: z.array(z.object({ ...part, name: z.string() })).optional(),
    service_at_locations: z.array(z.object({ ...part, location_id: z.uuid(), location })).optional(),
    languages: z.array(z.object({ ...part, name: z.string(), code: z.string() })),
    cost_options: z.array(
      z.object({
        ...part,
        option: z.string(),
        amount: z.number().optional(),
        amount_description: z.string().optional(),
      }),
    ),
    phones: z.array(z.object({ ...part, number: z.string() })).optional(),
  })
  .meta({ id: 'OpenReferralService' });
