import { as, eventsOf, latest, registerStateTable, sha256Of, type StateTable } from '../ledger/index.js';

const DESCRIBED = `type = 'service.described'`;

/** Of what a commissioner writes, and whatever it shows, the day is that of checking it. */
const ASSURED = `(type = 'service.listed' or ${DESCRIBED} and actor_org_id = commissioner_id)`;

/** What an entry says, as it was hashed when it was written. */
const CONTENT = `jsonb_build_object('name', s.name, 'summary', s.summary, 'description', s.description,
  'eligibility', s.eligibility, 'minimumAge', s.minimum_age, 'maximumAge', s.maximum_age, 'cost', s.cost,
  'costNote', s.cost_note, 'languages', s.languages, 'areas', s.areas, 'online', s.online,
  'venue', case when s.venue_name is not null then jsonb_build_object('name', s.venue_name, 'address', s.address,
    'town', s.town, 'county', s.county, 'postcode', s.postcode) end,
  'schedule', s.schedule, 'howToRefer', s.how_to_refer, 'email', s.email, 'phone', s.phone, 'url', s.url,
  'accessibility', s.accessibility, 'places', s.places)`;

const CONTENT_DIFFERS = `${sha256Of(`ledger.canonical_json(${CONTENT})`)} is distinct from t.content_sha256`;
const ofContent = () => CONTENT_DIFFERS;
/** Lies in the hash only where there is a venue. */
const ofVenue = (column: string) =>
  `case when s.venue_name is null then s.${column} is not null else ${CONTENT_DIFFERS} end`;

const LISTINGS: StateTable = {
  table: 'service_listing',
  sentence: 'Every entry of the directory is what was written last, and is shown or not as was decided.',
  key: ['service_id'],
  told: `
select commissioner_id, subject_id as service_id, ${latest('provider_id')} as provider_id,
       ${latest(`data->>'contentSha256'`, DESCRIBED)} as content_sha256,
       coalesce(${latest('type', `not ${DESCRIBED}`)} = 'service.listed', false) as shown,
       (${latest('occurred_at', ASSURED)} at time zone 'Europe/London')::date as assured_on,
       ${latest('occurred_at')} as changed_at, ${latest('member_id')} as changed_by
from (${eventsOf('service.described', 'service.listed', 'service.unlisted')}) e group by 1, 2`,
  columns: {
    provider_id: as('t.provider_id'),
    listed: as('t.shown'),
    name: ofContent,
    summary: ofContent,
    description: ofContent,
    eligibility: ofContent,
    minimum_age: ofContent,
    maximum_age: ofContent,
    cost: ofContent,
    cost_note: ofContent,
    languages: ofContent,
    areas: ofContent,
    online: ofContent,
    venue_name: ofContent,
    address: ofVenue,
    town: ofVenue,
    county: ofVenue,
    postcode: ofVenue,
    schedule: ofContent,
    how_to_refer: ofContent,
    email: ofContent,
    phone: ofContent,
    url: ofContent,
    accessibility: ofContent,
    places: ofContent,
    assured_on: as('t.assured_on'),
    changed_at: as('t.changed_at'),
    changed_by: as('t.changed_by'),
  },
  untold: { words: 'generated from the others, to search by' },
};

/** Adds the entries of the directory to what is held to the journal. */
export function registerListingState(): void {
  registerStateTable(LISTINGS);
}
