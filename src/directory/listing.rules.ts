import { findIdentifiers } from '../identifiers/index.js';
import type { IsoDate } from '../platform/clock.js';

/** Days as RFC 5545 section 3.3.10 writes them. */
export const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Day = (typeof DAYS)[number];

export const COSTS = ['free', 'charge'] as const;
export type Cost = (typeof COSTS)[number];

export const PLACES = ['accepting', 'waiting_list', 'full'] as const;
export type Places = (typeof PLACES)[number];

/** British Sign Language by ISO 639-3: the names that JavaScript knows leave it out (Unicode CLDR). */
export const BRITISH_SIGN_LANGUAGE = 'bfi';

/** Once a week; hours are those of a clock in the United Kingdom, `HH:MM`. */
export interface WeeklyTime {
  readonly day: Day;
  readonly opensAt: string;
  readonly closesAt: string;
  readonly note: string | null;
}

export interface Venue {
  readonly name: string;
  readonly address: readonly string[];
  readonly town: string;
  readonly county: string | null;
  readonly postcode: string;
}

/** What the entry of a service says. Staff write it and anybody may read it. */
export interface ListingContent {
  readonly name: string;
  readonly summary: string;
  readonly description: string | null;
  readonly eligibility: string | null;
  readonly minimumAge: number | null;
  readonly maximumAge: number | null;
  readonly cost: Cost;
  readonly costNote: string | null;
  /** ISO 639 codes. */
  readonly languages: readonly string[];
  readonly areas: readonly string[];
  readonly online: boolean;
  readonly venue: Venue | null;
  readonly schedule: readonly WeeklyTime[];
  readonly howToRefer: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly url: string | null;
  readonly accessibility: string | null;
  readonly places: Places;
}

/** The entry of a service in its commissioner's directory. */
export interface Listing extends ListingContent {
  readonly commissionerId: string;
  readonly serviceId: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly listed: boolean;
  /** The day on which the commissioner last checked it. */
  readonly assuredOn: IsoDate | null;
  readonly changedAt: Date;
}

export interface Unfit {
  readonly kind: 'nhs_number' | 'email';
  /** Where, such as `venue.address.0`. */
  readonly field: string;
}

/**
 * The first place of an entry that holds what must not become public: an NHS number anywhere, or an e-mail address outside
 * of the field that is for the organisation's. Full-width digits and the like are read as what they look like. A telephone
 * number has a field of its own, whose shape no NHS number has that is issued in England and Wales.
 */
export function findUnfit(content: ListingContent): Unfit | undefined {
  const { phone: _phone, ...texts } = content;
  for (const [field, text] of textsOf(texts)) {
    for (const { kind } of findIdentifiers(text.normalize('NFKC'))) {
      if (kind === 'nhs_number' || (kind === 'email' && field !== 'email')) return { kind, field };
    }
  }
  return undefined;
}

function textsOf(value: object, path = ''): [field: string, text: string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, string][] => {
    const field = path === '' ? key : `${path}.${key}`;
    if (typeof inner === 'string') return [[field, inner]];
    return typeof inner === 'object' && inner !== null ? textsOf(inner, field) : [];
  });
}

/** The first half of a postcode, `SW1A` of `SW1A 1AA`: the district, which is where people look. */
export function districtOf(postcode: string): string {
  return postcode.split(' ')[0] ?? postcode;
}
