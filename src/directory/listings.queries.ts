import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import type { Cost, Day, Listing, ListingContent, Places } from './listing.rules.js';

/** What is looked for; null is everything. */
export interface ListingFilter {
  readonly search?: string | undefined;
  readonly commissionerId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly listed?: boolean | undefined;
  readonly serviceId?: string | undefined;
  /** For somebody of this age. */
  readonly age?: number | undefined;
  readonly places?: Places | undefined;
  readonly cost?: Cost | undefined;
  /** A postcode district. */
  readonly district?: string | undefined;
  readonly modifiedAfter?: Date | undefined;
  /** A lowest age that is at least this. */
  readonly minimumAge?: number | undefined;
  /** A highest age that is at most this. */
  readonly maximumAge?: number | undefined;
  readonly day?: Day | undefined;
  /** `HH:MM`: a time of the week that begins no earlier. */
  readonly opensFrom?: string | undefined;
  /** `HH:MM`: a time of the week that ends no later. */
  readonly closesBy?: string | undefined;
}

const COLUMNS = `
l.commissioner_id as "commissionerId", l.service_id as "serviceId", l.provider_id as "providerId",
o.name as "providerName", l.listed, to_char(l.assured_on, 'YYYY-MM-DD') as "assuredOn", l.changed_at as "changedAt",
l.name, l.summary, l.description, l.eligibility, l.minimum_age as "minimumAge", l.maximum_age as "maximumAge", l.cost,
l.cost_note as "costNote", l.languages, l.areas, l.online,
case when l.venue_name is null then null else jsonb_build_object('name', l.venue_name, 'address', l.address,
  'town', l.town, 'county', l.county, 'postcode', l.postcode) end as venue,
l.schedule, l.how_to_refer as "howToRefer", l.email, l.phone, l.url, l.accessibility, l.places`;

/** $1 the filter as JSON. The language of the directory is English, whose words are found by their stems. */
const MATCHING = `
from service_listing l
join organisation o on o.id = l.provider_id
cross join jsonb_to_record($1::jsonb) as f("search" text, "pattern" text, "commissionerId" uuid, "providerId" uuid,
  "listed" boolean, "serviceId" uuid, "age" int, "places" text, "cost" text, "district" text, "modifiedAfter" timestamptz,
  "minimumAge" int, "maximumAge" int, "day" text, "opensFrom" text, "closesBy" text)
where (f."search" is null or l.words @@ websearch_to_tsquery('english', f."search") or l.name ilike f."pattern")
  and (f."commissionerId" is null or l.commissioner_id = f."commissionerId")
  and (f."providerId" is null or l.provider_id = f."providerId")
  and (f."listed" is null or l.listed = f."listed")
  and (f."serviceId" is null or l.service_id = f."serviceId")
  and (f."age" is null or f."age" between coalesce(l.minimum_age, 0) and coalesce(l.maximum_age, 200))
  and (f."places" is null or l.places = f."places")
  and (f."cost" is null or l.cost = f."cost")
  and (f."district" is null or l.online or split_part(l.postcode, ' ', 1) = f."district" or f."district" = any (l.areas))
  and (f."modifiedAfter" is null or l.changed_at >= f."modifiedAfter")
  and (f."minimumAge" is null or l.minimum_age >= f."minimumAge")
  and (f."maximumAge" is null or l.maximum_age <= f."maximumAge")
  and (coalesce(f."day", f."opensFrom", f."closesBy") is null or exists (
    select from jsonb_to_recordset(l.schedule) as t("day" text, "opensAt" text, "closesAt" text)
    where (f."day" is null or t."day" = f."day") and (f."opensFrom" is null or t."opensAt" >= f."opensFrom")
      and (f."closesBy" is null or t."closesAt" <= f."closesBy")))`;

function parameterOf(filter: ListingFilter): string {
  const { search } = filter;
  const pattern = search === undefined ? undefined : `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`;
  return JSON.stringify({ ...filter, search: search === '' ? undefined : search, pattern });
}

/** The day on which listings are looked at: those of others are seen only by a transaction that names one. */
export async function lookOn(reader: Reader, day: IsoDate): Promise<void> {
  await reader.query(`select set_config('app.day', $1, true)`, [day]);
}

/** One page by service id: `limit` rows after `after`. */
export function readListings(
  reader: Reader,
  filter: ListingFilter,
  page: { after?: string | undefined; limit: number },
): Promise<Listing[]> {
  return reader.query<Listing>(
    `select ${COLUMNS} ${MATCHING} and ($2::uuid is null or l.service_id > $2) order by l.service_id limit $3`,
    [parameterOf(filter), page.after ?? null, page.limit],
  );
}

/** One page by name, and how many there are in all. */
export async function readNumbered(
  reader: Reader,
  filter: ListingFilter,
  page: { offset: number; limit: number },
): Promise<{ total: number; listings: Listing[] }> {
  const parameter = parameterOf(filter);
  const [row] = await reader.query<{ total: number }>(`select count(*)::int as total ${MATCHING}`, [parameter]);
  const listings = await reader.query<Listing>(
    `select ${COLUMNS} ${MATCHING} order by l.name, l.service_id limit $2 offset $3`,
    [parameter, page.limit, page.offset],
  );
  return { total: row?.total ?? 0, listings };
}

/** Which of these commissioners' services anybody can see on a day. */
export async function readShown(
  reader: Reader,
  commissionerIds: readonly string[],
  day: IsoDate,
): Promise<ReadonlySet<string>> {
  const rows = await reader.query<{ id: string }>(
    'select unnest(listed_services(c.id, $2)) as id from unnest($1::uuid[]) as c(id)',
    [[...new Set(commissionerIds)], day],
  );
  return new Set(rows.map(({ id }) => id));
}

export interface ServiceOwners {
  readonly commissionerId: string;
  readonly providerId: string;
}

/** Whose a service is, if the side of this transaction may see it. */
export async function findOwners(reader: Reader, serviceId: string): Promise<ServiceOwners | undefined> {
  const [row] = await reader.query<ServiceOwners>(
    'select commissioner_id as "commissionerId", provider_id as "providerId" from service where id = $1',
    [serviceId],
  );
  return row;
}

const WRITTEN = [
  'name',
  'summary',
  'description',
  'eligibility',
  'minimum_age',
  'maximum_age',
  'cost',
  'cost_note',
  'languages',
  'areas',
  'online',
  'venue_name',
  'address',
  'town',
  'county',
  'postcode',
  'schedule',
  'how_to_refer',
  'email',
  'phone',
  'url',
  'accessibility',
  'places',
] as const;

/** Writes all that an entry says, whether or not there is one. */
export async function writeListing(
  tx: Tx,
  key: ServiceOwners & { serviceId: string },
  content: ListingContent,
  made: { at: Date; by: string | null },
): Promise<void> {
  const columns = [...WRITTEN, 'changed_at', 'changed_by'];
  await tx.execute(
    `insert into service_listing (commissioner_id, service_id, provider_id, ${columns.join(', ')})
     select $1, $2, $3, ${WRITTEN.map((name) => `r.${name}`).join(', ')}, $5, $6
     from jsonb_populate_record(null::service_listing, $4::jsonb) r
     on conflict (commissioner_id, service_id) do update set
       ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    [key.commissionerId, key.serviceId, key.providerId, JSON.stringify(rowOf(content)), made.at, made.by],
  );
}

function rowOf(content: ListingContent): Record<(typeof WRITTEN)[number], unknown> {
  const { venue } = content;
  return {
    name: content.name,
    summary: content.summary,
    description: content.description,
    eligibility: content.eligibility,
    minimum_age: content.minimumAge,
    maximum_age: content.maximumAge,
    cost: content.cost,
    cost_note: content.costNote,
    languages: content.languages,
    areas: content.areas,
    online: content.online,
    venue_name: venue?.name ?? null,
    address: venue?.address ?? null,
    town: venue?.town ?? null,
    county: venue?.county ?? null,
    postcode: venue?.postcode ?? null,
    schedule: content.schedule,
    how_to_refer: content.howToRefer,
    email: content.email,
    phone: content.phone,
    url: content.url,
    accessibility: content.accessibility,
    places: content.places,
  };
}
