import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCESS_LOG } from './0021-vault-access-log.js';
import { asOwner, tenancy } from './tenancy.js';

/**
 * What identifies a person who was referred leaves the tables that are kept: it stands encrypted under a key of that
 * person's own, so that destroying key and ciphertext makes the person unrecoverable. And who reads of whom is written down.
 *
 * This is the expanding half: `person.reference` is emptied by a job of this version, and `person_for` still serves the
 * processes of the version before. A later migration drops both.
 */
export class Vault1764000000021 implements MigrationInterface {
  name = 'Vault1764000000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(PERSON, VAULT, PERSON_REFERRED, POLICIES, ACCESS_LOG));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/**
 * A person is found by a blind index of the reference, or by the pseudonym of an NHS number. A twin is a second row of one
 * reference: the version before made it while this one ran beside it. Sealed events name both, so they are not merged.
 */
const PERSON = `
alter table person
  add column blind_index bytea check (octet_length(blind_index) = 32),
  add column commitment  bytea check (octet_length(commitment) = 32),
  add column twin        boolean not null default false,
  add column held_at     timestamptz,
  add column hold_reason text,
  add column erased_at   timestamptz,
  add constraint person_hold check ((held_at is null) = (hold_reason is null)),
  add constraint person_erased_is_bare check (erased_at is null or
    (reference is null and pseudonym is null and blind_index is null and commitment is null and held_at is null));
create unique index person_blind_index on person (commissioner_id, blind_index) where blind_index is not null and not twin;
create index person_twins on person (commissioner_id, blind_index) where twin;
create index person_unmoved on person (commissioner_id, id)
  where commitment is null and (reference is not null or pseudonym is not null);

alter table referral add column person_erased_at timestamptz;
create index referral_person on referral (commissioner_id, person_id);
`;

/** A key without a vault row is possible for a moment; a vault row without its key never. */
const VAULT = `
create table person_key (
  commissioner_id uuid not null,
  person_id       uuid not null,
  version         smallint not null check (version > 0),
  wrapped         bytea not null check (octet_length(wrapped) = 60), -- nonce, key and tag, under the instance's key
  primary key (commissioner_id, person_id),
  foreign key (commissioner_id, person_id) references person
);
create table person_vault (
  commissioner_id uuid not null,
  person_id       uuid not null,
  kind            text not null check (kind in ('identity')),
  version         smallint not null check (version > 0),
  sealed          bytea not null check (octet_length(sealed) between 29 and 4096),
  primary key (commissioner_id, person_id, kind),
  foreign key (commissioner_id, person_id) references person_key
);
`;

/**
 * As person_for, without a reference that anyone could read afterwards: the caller brings a new person ready made, id, key
 * and ciphertext, and gets back the one who is known already. The row is locked against an erasure until the referral
 * stands; a person who was erased meanwhile is found by nothing, and a new one is made.
 *
 * p_reference finds rows that were not moved to the vault yet. It is stored nowhere.
 */
const PERSON_REFERRED = `
create function person_referred(
  p_commissioner uuid, p_id uuid, p_reference text, p_blind_index bytea, p_pseudonym bytea, p_commitment bytea,
  p_version smallint, p_wrapped bytea, p_sealed bytea, out person_id uuid, out commitment bytea)
language plpgsql security definer set search_path = public, pg_temp as $$
declare org uuid := app.org();
begin
  if org is null or not (org = p_commissioner
      or exists (select from contract c where c.commissioner_id = p_commissioner and c.provider_id = org)
      or exists (select from organisation o where o.id = org and o.registered_by = p_commissioner)) then
    raise exception 'person_referred.no_tie' using errcode = 'WP003';
  end if;
  loop
    if p_pseudonym is not null then
      select p.id, p.commitment into person_id, commitment from person p
      where p.commissioner_id = p_commissioner and p.pseudonym = p_pseudonym for key share;
    elsif p_blind_index is not null then
      select p.id, p.commitment into person_id, commitment from person p
      where p.commissioner_id = p_commissioner and p.blind_index = p_blind_index and not p.twin for key share;
      if person_id is null then
        select p.id, p.commitment into person_id, commitment from person p
        where p.commissioner_id = p_commissioner and p.owner_org_id = org and p.reference = p_reference for key share;
      end if;
    end if;
    if person_id is not null then return; end if;
    insert into person (commissioner_id, id, owner_org_id, blind_index, pseudonym, commitment)
    values (p_commissioner, p_id, org, p_blind_index, p_pseudonym, p_commitment)
    on conflict do nothing returning id, person.commitment into person_id, commitment;
    if person_id is not null then
      if p_wrapped is not null then
        insert into person_key values (p_commissioner, p_id, p_version, p_wrapped);
        insert into person_vault values (p_commissioner, p_id, 'identity', p_version, p_sealed);
      end if;
      return;
    end if;
  end loop;
end $$;
revoke all on function person_referred from public;
grant execute on function person_referred to wp_commissioner, wp_provider, wp_referrer;
`;

/** The controller alone opens the vault, moves what is still outside of it, and destroys. */
const POLICIES = [
  'grant update (reference, pseudonym, blind_index, commitment, twin, held_at, hold_reason, erased_at)',
  '  on person to wp_commissioner;',
  'grant update (person_erased_at) on referral to wp_commissioner;',
  tenancy('person_key', { commissioner: 'select, insert, delete' }),
  tenancy('person_vault', { commissioner: 'select, insert, delete' }),
  'create policy owner on person_key   for insert to wp_owner with check (true);',
  'create policy owner on person_vault for insert to wp_owner with check (true);',
  // Whoever looks for due work sees whose persons are to be moved, and nothing that would tell who they are.
  `grant select (commissioner_id, id) on person to wp_relay;
   create policy relay on person for select to wp_relay
     using (commitment is null and (reference is not null or pseudonym is not null));`,
].join('\n');
