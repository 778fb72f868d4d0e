import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MEMBER_CHANGES } from './0009-members.js';
import { asOwner, tenancy } from './tenancy.js';

/** Changes of where money goes: proposed by one person, confirmed by another, held, then applied. And who may do what. */
export class PayoutAccountChanges1764000000009 implements MigrationInterface {
  name = 'PayoutAccountChanges1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(MEMBER_CHANGES, TABLE, POLICIES, DESTINATION));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

// The details that were replaced stay here: a payout names its account, and this says where that led on the day.
const TABLE = `
create table payout_account_change (
  commissioner_id         uuid not null,
  id                      uuid not null,
  provider_id             uuid not null,
  payout_account_id       uuid not null,
  kind                    text not null check (kind in ('details', 'link')),
  state                   text not null check (state in ('proposed', 'confirmed', 'applied', 'cancelled')),
  account_name            text,
  sort_code               text check (sort_code ~ '^[0-9]{6}$'),
  account_number          text check (account_number ~ '^[0-9]{8}$'),
  salt                    bytea check (octet_length(salt) = 32),
  details_sha256          bytea check (octet_length(details_sha256) = 32),
  replaced_account_name   text,
  replaced_sort_code      text,
  replaced_account_number text,
  needs_commissioner      boolean not null, -- the provider has nobody else who could confirm
  event_id                uuid not null,
  proposed_by             uuid not null,
  proposed_at             timestamptz not null,
  confirmed_by            uuid,
  confirmed_side          text check (confirmed_side in ('provider', 'commissioner')),
  confirmed_at            timestamptz,
  applies_at              timestamptz,
  cancelled_by            uuid,
  cancelled_at            timestamptz,
  applied_at              timestamptz,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, payout_account_id, provider_id)
    references payout_account (commissioner_id, id, provider_id),
  constraint payout_account_change_four_eyes check (confirmed_by <> proposed_by),
  constraint payout_account_change_held check (applies_at >= confirmed_at + interval '48 hours'),
  check (num_nonnulls(account_name, sort_code, account_number, salt, details_sha256)
         = case kind when 'details' then 5 else 0 end),
  check (num_nonnulls(confirmed_by, confirmed_side, confirmed_at, applies_at) in (0, 4)),
  check (state not in ('confirmed', 'applied') or confirmed_at is not null),
  check ((state = 'applied') = (applied_at is not null)),
  check (applied_at >= applies_at),
  check (num_nonnulls(cancelled_by, cancelled_at) = case state when 'cancelled' then 2 else 0 end)
);
create unique index payout_account_change_one_open on payout_account_change (commissioner_id, payout_account_id)
  where state in ('proposed', 'confirmed');
create index payout_account_change_account on payout_account_change (commissioner_id, payout_account_id, id);
create index payout_account_change_provider on payout_account_change (provider_id, id);
create index payout_account_change_due on payout_account_change (applies_at) where state = 'confirmed';
`;

const DECISIONS = 'state, confirmed_by, confirmed_side, confirmed_at, applies_at, cancelled_by, cancelled_at';
const APPLYING = 'applied_at, replaced_account_name, replaced_sort_code, replaced_account_number';

// A provider proposes and decides; only the commissioner's side, where the worker stands, can apply.
const POLICIES = `${tenancy('payout_account_change', {
  commissioner: `select, update (${DECISIONS}, ${APPLYING})`,
  provider: `select, insert, update (${DECISIONS})`,
  relay: 'commissioner_id, id, state, applies_at',
})}
create policy proposed on payout_account_change as restrictive for insert to wp_provider
  with check (state = 'proposed' and confirmed_by is null);
`;

/** Bank details of an account become those of its last applied change, and nothing else. */
const DESTINATION = `
grant update (account_name, sort_code, account_number) on payout_account to wp_commissioner;
create function app.refuse_other_destination() returns trigger language plpgsql as $$
begin
  if (new.account_name, new.sort_code, new.account_number)
     is distinct from (select (c.account_name, c.sort_code, c.account_number) from payout_account_change c
                       where c.commissioner_id = new.commissioner_id and c.payout_account_id = new.id
                         and c.state = 'applied' and c.kind = 'details' order by c.applied_at desc limit 1) then
    raise exception 'payout_account.destination: bank details change by a change that was applied'
      using errcode = 'WP002';
  end if;
  return new;
end $$;
create trigger destination before update of account_name, sort_code, account_number on payout_account
  for each row when ((old.account_name, old.sort_code, old.account_number)
                     is distinct from (new.account_name, new.sort_code, new.account_number))
  execute function app.refuse_other_destination();
`;
