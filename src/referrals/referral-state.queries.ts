import {
  as,
  type BoundTable,
  eventsOf,
  latest,
  registerInvariant,
  registerStateTable,
  said,
  saidHash,
  since,
  type StateTable,
} from '../ledger/index.js';

/** What becomes of people, as a module above says it. */
const JOURNALLED = 'A person is erased, or under a legal hold, where the journal says so and nowhere else.';
const COMMITTED = 'The commitment to a person is the one that their referrals hold.';

const when = (type: string) => `type = 'referral.${type}'`;

/** A referral that a commissioner or a referrer makes needs nobody to confirm it: it is confirmed by whoever makes it. */
const CONFIRMED = `(type = 'referral.confirmed' or type = 'referral.made' and data->>'unconfirmed' = 'false')`;

const REFERRALS: StateTable = {
  table: 'referral',
  sentence: 'Every referral is what its events say: whose it is, and how it goes on.',
  key: ['id'],
  told: `
with erased as (
  select commissioner_id, subject_id as person_id, max(occurred_at) as erased_at from ledger.event
  where type = 'person.erased' group by 1, 2)
select f.*, x.erased_at from (
select commissioner_id, subject_id as id, ${latest('data', when('made'))} as data,
       ${latest('provider_id', when('made'))} as provider_id, ${latest('referrer_id', when('made'))} as referrer_id,
       ${latest('actor_org_id', when('made'))} as actor_org_id, ${latest('occurred_at', when('made'))} as made_at,
       ${latest('occurred_at', CONFIRMED)} as confirmed_at, ${latest('member_id', CONFIRMED)} as confirmed_by,
       split_part(${latest('type', `type <> 'referral.confirmed'`)}, '.', 2) as state,
       (${latest('data', when('accepted'))}->>'acceptedOn')::date as accepted_on,
       ${latest('data', when('declined'))}->>'reason' as decline_reason,
       ${latest('data', when('closed'))} as closed
from (${eventsOf('referral.made', 'referral.accepted', 'referral.declined', 'referral.closed', 'referral.confirmed')}) e
group by 1, 2) f
left join erased x on x.commissioner_id = f.commissioner_id and x.person_id = (f.data->>'personId')::uuid`,
  columns: {
    provider_id: as('t.provider_id'),
    referrer_id: as('t.referrer_id'),
    actor_org_id: as('t.actor_org_id'),
    contract_id: said('contractId', 'uuid'),
    service_id: said('serviceId', 'uuid'),
    person_id: said('personId', 'uuid'),
    source: said('source'),
    lawful_basis: since('lawfulBasisSha256', saidHash('lawfulBasisSha256')),
    sharing_agreement: since('sharingAgreementSha256', saidHash('sharingAgreementSha256')),
    state: as('t.state'),
    confirmed_at: as('t.confirmed_at'),
    confirmed_by: as('t.confirmed_by'),
    made_on: said('madeOn', 'date'),
    respond_by: since('respondBy', said('respondBy', 'date')),
    sessions_planned: since('sessionsPlanned', said('sessionsPlanned', 'int')),
    accepted_on: as('t.accepted_on'),
    decline_reason: as('t.decline_reason'),
    closed_on: as(`(t.closed->>'closedOn')::date`),
    close_reason: as(`t.closed->>'reason'`),
    created_at: as('t.made_at'),
    person_erased_at: as('t.erased_at'),
  },
  untold: {
    reference: 'a person may be known by it, so that no event holds it, nor a hash that could be guessed',
  },
};

const SEALED = 'the ciphertext holds it, and the commitment proves that';

const PERSONS: BoundTable = {
  table: 'person',
  bound: {
    commissioner_id: COMMITTED,
    id: COMMITTED,
    commitment: COMMITTED,
    erased_at: JOURNALLED,
    held_at: JOURNALLED,
  },
  untold: {
    owner_org_id: SEALED,
    reference: SEALED,
    pseudonym: SEALED,
    blind_index: SEALED,
    twin: 'which of two rows of one reference is found first',
    hold_reason: 'a code for people; that there is a hold is on record',
    created_at: 'when the row was written; the first referral says when the person was referred',
  },
};

/** Adds referrals, and whom they are of, to what is held to the journal. */
export function registerReferralState(): void {
  registerStateTable(REFERRALS);
  registerStateTable(PERSONS);
  registerInvariant({
    sentence: 'The commitment to a person is the one that their referrals hold.',
    sql: `
with t as materialized (${eventsOf('referral.made')})
select t.commissioner_id, t.subject_id as referral_id, p.id from t
left join person p on p.commissioner_id = t.commissioner_id and p.id = (t.data->>'personId')::uuid
where p.id is null or p.erased_at is null and t.data ? 'personCommitment'
  and encode(p.commitment, 'hex') is distinct from t.data->>'personCommitment'`,
  });
}
