import {
  as,
  eventsOf,
  latest,
  mine,
  registerStateTable,
  said,
  saidHash,
  sha256Of,
  type StateTable,
} from '../ledger/index.js';

/** The commissioner in whose journal an organisation `o` is remembered. */
const HOME = `case o.kind when 'commissioner' then o.id else o.registered_by end`;

/** What an organisation is called and known by, as its registration binds it. */
const ENTRY = `jsonb_build_object('name', s.name, 'legalForm', s.legal_form, 'odsCode', s.ods_code,
  'charityNumber', s.charity_number, 'companyNumber', s.company_number, 'gln', s.gln, 'address', s.address,
  'postcode', s.postcode)`;

const ENTRY_DIFFERS = `${sha256Of(`ledger.canonical_json(${ENTRY})`)} is distinct from t.data->>'entrySha256'`;
const ofEntry = () => ENTRY_DIFFERS;

const ORGANISATIONS: StateTable = {
  table: 'organisation',
  sentence: 'Every organisation is what its registration says.',
  key: ['id'],
  rows: `select ${HOME} as commissioner_id, o.* from organisation o where ${mine(HOME)}`,
  told: `select t.*, subject_id as id from (${eventsOf('organisation.registered')}) t where ${mine('commissioner_id')}`,
  columns: {
    kind: said('kind'),
    code: said('code'),
    registered_by: as(`case t.data->>'kind' when 'commissioner' then null else t.commissioner_id end`),
    created_at: as('t.occurred_at'),
    name: ofEntry,
    legal_form: ofEntry,
    ods_code: ofEntry,
    charity_number: ofEntry,
    company_number: ofEntry,
    gln: ofEntry,
    address: ofEntry,
    postcode: ofEntry,
  },
};

const VAT_REGISTRATIONS: StateTable = {
  table: 'vat_registration',
  sentence: 'Every VAT registration is what was recorded of it, to its last day.',
  key: ['organisation_id', 'starts_on'],
  rows: `select ${HOME} as commissioner_id, v.* from vat_registration v left join organisation o on o.id = v.organisation_id
         where app.org() is null or app.org() in (o.id, ${HOME})`,
  told: `
select commissioner_id, subject_id as organisation_id, (data->>'startsOn')::date as starts_on,
       ${latest('data', `type = 'vat_registration.recorded'`)} as data,
       ${latest('occurred_at', `type = 'vat_registration.recorded'`)} as recorded_at,
       (${latest('data')}->>'endsOn')::date as ends_on
from (${eventsOf('vat_registration.recorded', 'vat_registration.ended')}) e group by 1, 2, 3`,
  columns: {
    vat_number: saidHash('vatNumberSha256'),
    ends_on: as('t.ends_on'),
    created_at: as('t.recorded_at'),
  },
};

const ROLES = `type in ('member.joined', 'member.roles_changed')`;
const LIMIT = `type in ('member.joined', 'member.limit_changed')`;
const ADMITTED = `type in ('member.joined', 'member.disabled', 'member.enabled')`;

/** Each organisation sees its own people alone, so that each checks its own. */
const MEMBERS: StateTable = {
  table: 'member',
  sentence: 'Every member has the roles, the limit and the access that the journal gives them.',
  key: ['id'],
  rows: `select ${HOME} as commissioner_id, m.* from member m join organisation o on o.id = m.organisation_id`,
  told: `
select * from (
  select commissioner_id, subject_id as id,
         (${latest('data', `type = 'member.joined'`)}->>'organisationId')::uuid as organisation_id,
         ${latest('occurred_at', `type = 'member.joined'`)} as joined_at,
         ${latest('data', ROLES)}->'roles' as roles, ${latest('data', LIMIT)}->>'approvalLimitMinor' as limit_minor,
         ${latest(`case type when 'member.disabled' then occurred_at end`, ADMITTED)} as disabled_at
  from (${eventsOf('member.joined', 'member.roles_changed', 'member.limit_changed', 'member.disabled', 'member.enabled')}) e
  group by 1, 2) m
where ${mine('organisation_id')}`,
  columns: {
    organisation_id: as('t.organisation_id'),
    roles: (column) => `to_jsonb(s.${column}) is distinct from t.roles`,
    approval_limit_minor: as('t.limit_minor::bigint'),
    created_at: as('t.joined_at'),
    disabled_at: as('t.disabled_at'),
  },
  untold: {
    display_name: 'personal data, which no event holds',
    email: 'personal data, which no event holds',
    login_id: 'how a person signs in is the security log’s to say',
  },
};

/** Adds the tables of organisations and people to those that are held to the journal. */
export function registerOrganisationState(): void {
  for (const state of [ORGANISATIONS, VAT_REGISTRATIONS, MEMBERS]) registerStateTable(state);
}
