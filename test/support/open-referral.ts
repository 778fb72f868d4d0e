import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/**
 * The answers of the three endpoints that an Open Referral UK feed needs, as JSON Schema: transcribed from the UK profile of
 * HSDS 3.0 (github OpenReferralUK/uk-profile: schema/openapi.json, schema/compiled/service.json, service_list.json). Fields
 * marked HSDS are those of HSDS 3.0 that the profile leaves out and we add; there are no others.
 */
const text = { type: 'string', minLength: 1 } as const;
const uuid = { type: 'string', format: 'uuid' } as const;
const uri = { type: 'string', format: 'uri' } as const;
const email = { type: 'string', format: 'email' } as const;
const day = { type: 'string', format: 'date' } as const;
const number = { type: 'number' } as const;

const closed = (required: readonly string[], properties: Record<string, object>) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const listOf = (required: readonly string[], properties: Record<string, object>) => ({
  type: 'array',
  items: closed(required, properties),
});

const ORGANISATION = closed(['id', 'name', 'description'], {
  id: uuid,
  name: text,
  description: text,
  email,
  website: uri,
  logo: text,
  uri,
  parent_organization_id: uuid,
});

const ITEM = {
  id: uuid,
  organization_id: uuid,
  name: text,
  description: text,
  url: uri,
  email,
  status: { enum: ['active', 'inactive', 'defunct', 'temporarily closed'] },
  accreditations: text,
  minimum_age: number,
  maximum_age: number,
  assured_date: day,
  assurer_email: email,
  alert: text,
  last_modified: { type: 'string', format: 'date-time' },
  organization: ORGANISATION,
  // HSDS
  eligibility_description: text,
  application_process: text,
};

const SCHEDULES = listOf(['id'], {
  id: uuid,
  service_id: uuid,
  valid_from: day,
  valid_to: day,
  dtstart: day,
  freq: { enum: ['WEEKLY', 'MONTHLY'] },
  interval: number,
  byday: { type: 'string', pattern: '^(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*$' },
  description: text,
  opens_at: { type: 'string', pattern: String.raw`^\d{2}:\d{2}` },
  closes_at: { type: 'string', pattern: String.raw`^\d{2}:\d{2}` },
  schedule_link: uri,
  attending_type: text,
  notes: text,
});

const ADDRESSES = listOf(['id', 'address_1', 'city', 'state_province', 'postal_code', 'country', 'address_type'], {
  id: uuid,
  location_id: uuid,
  attention: text,
  address_1: text,
  city: text,
  region: text,
  state_province: text,
  postal_code: text,
  country: { type: 'string', pattern: '^[A-Z]{2}$' },
  address_type: { enum: ['physical', 'postal', 'virtual'] },
});

const LOCATION = closed(['id'], {
  id: uuid,
  name: text,
  description: text,
  latitude: number,
  longitude: number,
  external_identifier: text,
  external_identifier_type: text,
  addresses: ADDRESSES,
  accessibility: listOf(['id'], { id: uuid, location_id: uuid, description: text, details: text, url: uri }),
});

const SERVICE = closed(['id', 'organization_id', 'name', 'status', 'url'], {
  ...ITEM,
  schedules: SCHEDULES,
  service_areas: listOf(['id'], { id: uuid, service_id: uuid, name: text, uri: text, service_area: text }),
  service_at_locations: listOf(['id'], { id: uuid, service_id: uuid, location_id: uuid, location: LOCATION }),
  // name and code are HSDS
  languages: listOf(['id'], { id: uuid, service_id: uuid, phone_id: uuid, name: text, code: text }),
  cost_options: listOf(['id'], {
    id: uuid,
    service_id: uuid,
    valid_from: day,
    valid_to: day,
    option: text,
    amount: number,
    amount_description: text,
  }),
  // HSDS
  phones: listOf(['id', 'number'], { id: uuid, service_id: uuid, number: text }),
});

const PAGE = closed(
  ['total_items', 'total_pages', 'page_number', 'size', 'first_page', 'last_page', 'empty', 'contents'],
  {
    total_items: { type: 'integer' },
    total_pages: { type: 'integer' },
    page_number: { type: 'integer' },
    size: { type: 'integer' },
    first_page: { type: 'boolean' },
    last_page: { type: 'boolean' },
    empty: { type: 'boolean' },
    contents: { type: 'array', items: closed(['id', 'organization_id', 'name', 'status', 'url'], ITEM) },
  },
);

const API = closed(['version', 'profile', 'openapi_url'], { version: text, profile: uri, openapi_url: uri });

const ajv = new Ajv2020({ allErrors: true });
ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
ajv.addFormat('uri', (value: string) => URL.canParse(value));
ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
ajv.addFormat('date', /^\d{4}-\d{2}-\d{2}$/);
ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);

const CHECKS = { api: ajv.compile(API), services: ajv.compile(PAGE), service: ajv.compile(SERVICE) };

/** What is not as the profile has it in an answer; also values that are null or empty, which it wants left off. */
export function unlikeOpenReferral(endpoint: keyof typeof CHECKS, answer: unknown): string[] {
  const check: ValidateFunction = CHECKS[endpoint];
  const wrong = check(answer) ? [] : (check.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
  return [...wrong, ...emptyIn(answer).filter((path) => path !== '/contents')];
}

function emptyIn(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  if (Array.isArray(value) && value.length === 0) return [path];
  return Object.entries(value).flatMap(([key, inner]) => emptyIn(inner, `${path}/${key}`));
}
