import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** Notices by e-mail, what they have told of the journal, and the days on which claims that fall due were looked for. */
export class Notices1764000000013 implements MigrationInterface {
  name = 'Notices1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, POLICIES, JOURNAL));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

// No address is here: it is read from the member, or from the invitation, when a notice is sent.
const TABLES = `
create table notice (
  id               uuid primary key,
  organisation_id  uuid not null references organisation, -- the recipient's
  member_id        uuid,
  invitation_id    uuid references invitation,
  kind             text not null check (kind in ('referral_waiting', 'claim_due', 'query', 'rejection', 'remittance',
                                                 'batch_waiting', 'bank_details_changed', 'credential_added',
                                                 'credential_removed', 'invitation')),
  commissioner_id  uuid references organisation, -- whose words it is said in
  data             jsonb not null check (length(data::text) <= 1000), -- ids, codes, amounts and days
  sealed           bytea, -- the token of an invitation, until it is sent
  dedupe_key       text not null check (length(dedupe_key) between 3 and 200),
  created_at       timestamptz not null,
  next_try_at      timestamptz not null, -- while somebody tries, when that one counts as dead
  attempts         integer not null default 0 check (attempts >= 0),
  sent_at          timestamptz,
  sent_to          text check (sent_to in ('mailbox', 'outbox_page')),
  given_up_at      timestamptz,
  given_up_because text check (given_up_because in ('member_disabled', 'invitation_over', 'too_old', 'not_taken')),
  foreign key (organisation_id, member_id) references member (organisation_id, id),
  check ((member_id is null) = (kind = 'invitation')),
  check ((invitation_id is null) = (kind <> 'invitation')),
  check ((sent_at is null) = (sent_to is null)),
  check ((given_up_at is null) = (given_up_because is null)),
  check (sent_at is null or given_up_at is null),
  check (sealed is null or kind = 'invitation'),
  constraint notice_secret_wiped check (sealed is null or (given_up_at is null and sent_to is distinct from 'mailbox'))
);
create unique index notice_dedupe on notice (dedupe_key);
create index notice_waiting on notice (next_try_at) where sent_at is null and given_up_at is null;
create index notice_organisation on notice (organisation_id, id);

create table noticed_event (
  commissioner_id uuid not null,
  event_id        uuid not null,
  look_again_at   timestamptz, -- null: all is said of it; otherwise it waits for the next collection
  primary key (commissioner_id, event_id),
  foreign key (commissioner_id, event_id) references ledger.event
);

create table claim_reminder_day (
  commissioner_id uuid not null references organisation,
  day             date not null,
  primary key (commissioner_id, day)
);
`;

/** Notices go to people of every organisation: the part that knows people writes them, and nobody else sees them. */
const POLICIES = `
alter table notice enable row level security, force row level security;
grant select, insert,
  update (sealed, next_try_at, attempts, sent_at, sent_to, given_up_at, given_up_because) on notice to wp_auth;
create policy auth on notice to wp_auth using (true) with check (true);
grant select (id, organisation_id, next_try_at, sent_at, given_up_at) on notice to wp_relay;
create policy relay on notice for select to wp_relay using (true);

${tenancy('noticed_event', { commissioner: 'select', relay: 'commissioner_id, event_id, look_again_at' })}
grant select, insert, update (look_again_at) on noticed_event to wp_auth;
create policy auth on noticed_event to wp_auth using (true) with check (true);

${tenancy('claim_reminder_day', { relay: 'commissioner_id, day' })}
grant select, insert on claim_reminder_day to wp_auth;
create policy auth on claim_reminder_day to wp_auth using (true) with check (true);
`;

/** Types of events that somebody is told of. */
const NEWS = `'referral.made', 'claim.queried', 'claim.rejected', 'batch.submitted', 'payout.paid',
  'payout_account.change_proposed', 'payout_account.change_confirmed', 'payout_account.change_cancelled',
  'payout_account.change_applied'`;

/** The relay sees that something happened that somebody is told of, and neither what it was nor any other event. */
const JOURNAL = `
grant usage on schema ledger to wp_relay;
grant select (commissioner_id, id, type, recorded_at) on ledger.event to wp_relay;
create policy relay on ledger.event for select to wp_relay using (type in (${NEWS}));
create index event_noticed on ledger.event (recorded_at) where type in (${NEWS});
`;
