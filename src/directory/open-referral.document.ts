import { BRITISH_SIGN_LANGUAGE, type Listing, type Places, type WeeklyTime } from './listing.rules.js';

/**
 * Entries as Open Referral UK has them: the UK profile of the Human Services Data Specification 3.0 (github
 * OpenReferralUK/uk-profile, schema/openapi.json, schema/compiled/service.json and service_list.json). What has no value is
 * left off (openreferraluk.org/developers/compliance, 1.2). Fields beside the profile are those of HSDS 3.0 itself:
 * `eligibility_description`, `application_process`, `phones`, and `name` and `code` of a language.
 */

export const PROFILE = {
  version: 'HSDS-UK-3.0',
  profile: 'https://github.com/OpenReferralUK/uk-profile/blob/main/docs/index.md',
  openapi_url: 'https://docs.openreferraluk.org/en/latest/openapi30.json',
} as const;

/** What the documents need beside the entry. */
export interface Surroundings {
  readonly commissionerName: string;
  /** Where the entry itself is, for a service without a page of its own: the profile requires a `url`. */
  readonly entryUrl: (serviceId: string) => string;
  /** The id of a part of a service, the same each time. */
  readonly partId: (serviceId: string, part: string) => string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a service that are one to one, and its organisation: an item of `GET /services`. */
export function serviceItem(listing: Listing, around: Surroundings): Fields {
  const { serviceId, providerId, summary, description } = listing;
  return filled({
    id: serviceId,
    organization_id: providerId,
    name: listing.name,
    description: description === null ? summary : `${summary}\n\n${description}`,
    url: listing.url ?? around.entryUrl(serviceId),
    email: listing.email,
    status: 'active',
    minimum_age: listing.minimumAge,
    maximum_age: listing.maximumAge,
    assured_date: listing.assuredOn,
    alert: ALERTS[listing.places],
    last_modified: listing.changedAt.toISOString(),
    eligibility_description: listing.eligibility,
    application_process: listing.howToRefer,
    organization: {
      id: providerId,
      name: listing.providerName,
      description: `Provides services for ${around.commissionerName}.`,
    },
  });
}

/** A service with all that belongs to it: `GET /services/{id}`. */
export function serviceDocument(listing: Listing, around: Surroundings): Fields {
  const service_id = listing.serviceId;
  const id = (part: string) => around.partId(service_id, part);
  return filled({
    ...serviceItem(listing, around),
    schedules: listing.schedule.map((time) => scheduleOf(time, listing, id)),
    service_areas: listing.areas.map((name) => ({ id: id(`area/${name}`), service_id, name })),
    service_at_locations: locationsOf(listing, id),
    languages: listing.languages.map((code) => ({
      id: id(`language/${code}`),
      service_id,
      name: code === BRITISH_SIGN_LANGUAGE ? 'British Sign Language' : LANGUAGE_NAMES.of(code),
      code,
    })),
    cost_options: [costOf(listing, id)],
    phones: listing.phone === null ? [] : [{ id: id('phone'), service_id, number: listing.phone }],
  });
}

export interface NumberedPage {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  readonly total: number;
}

/** The `Page` of the profile around its items. A page beyond the last is empty and is the last. */
export function pageDocument({ page, perPage, total }: NumberedPage, contents: readonly Fields[]): Fields {
  const pages = Math.ceil(total / perPage);
  return {
    total_items: total,
    total_pages: pages,
    page_number: page,
    size: contents.length,
    first_page: page === 1,
    last_page: page >= pages,
    empty: contents.length === 0,
    contents,
  };
}

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language' });

const ALERTS: Record<Places, string | null> = {
  accepting: null,
  waiting_list: 'There is a waiting list.',
  full: 'There are no places at the moment.',
};

/** Hours stay those of a wall clock in the United Kingdom: an offset would be wrong for half of each year. */
function scheduleOf(time: WeeklyTime, listing: Listing, id: (part: string) => string): Fields {
  return filled({
    id: id(`schedule/${time.day}/${time.opensAt}/${time.closesAt}`),
    service_id: listing.serviceId,
    freq: 'WEEKLY',
    interval: 1,
    byday: time.day,
    opens_at: time.opensAt,
    closes_at: time.closesAt,
    attending_type: attendingOf(listing),
    description: time.note,
  });
}

function attendingOf({ venue, online }: Listing): string | null {
  if (venue !== null) return online ? 'In person or online' : 'In person';
  return online ? 'Online' : null;
}

/** The profile wants a `state_province` of an address, which few in the United Kingdom have: the town stands in. */
function locationsOf({ serviceId, venue, accessibility }: Listing, id: (part: string) => string): Fields[] {
  if (venue === null) return [];
  const location_id = id('location');
  const address = {
    id: id('address'),
    location_id,
    address_1: venue.address.join(', '),
    city: venue.town,
    state_province: venue.county ?? venue.town,
    postal_code: venue.postcode,
    country: 'GB',
    address_type: 'physical',
  };
  const access = accessibility === null ? [] : [{ id: id('accessibility'), location_id, description: accessibility }];
  const location = filled({ id: location_id, name: venue.name, addresses: [address], accessibility: access });
  return [{ id: id('service_at_location'), service_id: serviceId, location_id, location }];
}

/** What those pay who take part; what the commissioner pays is nobody's business here. */
function costOf({ serviceId, cost, costNote }: Listing, id: (part: string) => string): Fields {
  const shared = { id: id('cost'), service_id: serviceId };
  if (cost === 'free') return filled({ ...shared, option: 'Free', amount: 0, amount_description: costNote });
  return filled({ ...shared, option: 'Charge', amount_description: costNote });
}

function filled(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  );
}
