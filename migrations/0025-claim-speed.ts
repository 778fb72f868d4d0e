import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** What claims by the million need: ties that are checked by the statement, tallies, and files that survive a crash. */
export class ClaimSpeed1764000000025 implements MigrationInterface {
  name = 'ClaimSpeed1764000000025';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      asOwner(WITHOUT_FOREIGN_KEYS, ...Object.entries(TIES).map(tied), CARD_OF_CLAIM, ...PARENTS.map(grows)),
    );
    await runner.query(
      asOwner(TALLY, TALLYING, tenancy('claim_tally', { commissioner: 'select', provider: 'select' })),
    );
    await runner.query(asOwner(FILES, tenancy('claim_file_chunk', { provider: 'select, insert, delete' })));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/**
 * What each row of a table names, and where it must be: under the same commissioner and provider. PostgreSQL checks a foreign
 * key row by row, ten of them for each claimed session: the largest part of what a row of a claim file cost. The parents here are
 * never deleted and never change their keys, so that half of a foreign key is left to check, and a statement checks it for
 * all of its rows at once.
 */
const TIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  session: { contract_id: 'contract', service_id: 'service' },
  attendance: { session_id: 'session', referral_id: 'referral' },
  claim_file_row: { claim_file_id: 'claim_file' },
  claim: {
    contract_id: 'contract',
    service_id: 'service',
    rate_card_id: 'rate_card',
    referral_id: 'referral',
    session_id: 'session',
    attendance_id: 'attendance',
    claim_file_id: 'claim_file',
  },
  claim_query: { claim_id: 'claim' },
};

const PARENTS = ['contract', 'service', 'rate_card', 'referral', 'session', 'attendance', 'claim_file', 'claim'];

/** Unique indexes that were there for foreign keys to name go with them. */
const WITHOUT_FOREIGN_KEYS = `
do $$ declare tie record; begin
  for tie in
    select c.conname, c.conrelid::regclass as child from pg_constraint c
    where c.contype = 'f' and c.confrelid = any ('{${PARENTS.join(',')}}'::regclass[])
      and c.conrelid = any ('{${Object.keys(TIES).join(',')}}'::regclass[])
  loop execute format('alter table %s drop constraint %I', tie.child, tie.conname); end loop;
  for tie in
    select c.conname, c.conrelid::regclass as child from pg_constraint c
    where c.contype = 'u' and c.conrelid = any ('{session,attendance,claim}'::regclass[])
      and pg_get_constraintdef(c.oid) = 'UNIQUE (commissioner_id, id, provider_id)'
  loop execute format('alter table %s drop constraint %I', tie.child, tie.conname); end loop;
end $$;`;

/** Refuses as a foreign key does: with its class of error, and the name of what was broken. */
function tied([table, ties]: [string, Readonly<Record<string, string>>]): string {
  const columns = Object.keys(ties);
  const kept = columns.filter((column) => column !== 'rate_card_id');
  const named = columns.map(
    (column) => `array_agg(distinct ${column}) filter (where ${column} is not null) as ${column}`,
  );
  const checks = Object.entries(ties).map(
    ([column, parent]) => `
    if (select count(*) from ${parent} p where p.commissioner_id = said.commissioner_id
        and p.provider_id = said.provider_id and p.id = any (said.${column})) < cardinality(said.${column}) then
      raise exception '% names something that is not there', '${table}.${column}' using errcode = 'foreign_key_violation',
        schema = 'public', table = '${table}', column = '${column}', constraint = '${table}_${column}_tied';
    end if;`,
  );
  return `
create function ${table}_is_tied() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare said record;
begin
  for said in select commissioner_id, provider_id, ${named.join(', ')} from added group by commissioner_id, provider_id
  loop${checks.join('')}
  end loop;
  return null;
end $$;
revoke all on function ${table}_is_tied from public;
create trigger is_tied after insert on ${table} referencing new table as added
  for each statement execute function ${table}_is_tied();
create trigger keeps_its_ties before update of ${kept.join(', ')} on ${table}
  for each row when (${differ(kept)}) execute function ledger.refuse_change();`;
}

/** A batch prices a claim by the card of its day, which may be another one than that of its submission. */
const CARD_OF_CLAIM = `
create function claim_has_card() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from rate_card r where r.commissioner_id = new.commissioner_id and r.provider_id = new.provider_id
                 and r.id = new.rate_card_id) then
    raise exception 'claim.rate_card_id names something that is not there' using errcode = 'foreign_key_violation',
      schema = 'public', table = 'claim', column = 'rate_card_id', constraint = 'claim_rate_card_id_tied';
  end if;
  return null;
end $$;
revoke all on function claim_has_card from public;
create trigger has_card after update of rate_card_id on claim for each row
  when (new.rate_card_id is distinct from old.rate_card_id) execute function claim_has_card();`;

const KEY = ['commissioner_id', 'id', 'provider_id'];

const differ = (columns: readonly string[]): string =>
  columns.map((column) => `old.${column} is distinct from new.${column}`).join(' or ');

/** What others name stays, under the keys that they name it by. */
function grows(table: string): string {
  return `
create trigger stays before delete on ${table} for each row execute function ledger.refuse_change();
create trigger stays_all before truncate on ${table} for each statement execute function ledger.refuse_change();
create trigger keeps_its_key before update of ${KEY.join(', ')} on ${table}
  for each row when (${differ(KEY)}) execute function ledger.refuse_change();`;
}

/**
 * How many claims of a contract stand, and of what volume, by card, month and kind: what tiers and the cap of a whole contract
 * go by. It follows from the claims, and is kept beside them because nobody can count a million for each chunk of a file.
 */
const TALLY = `
create table claim_tally (
  commissioner_id uuid not null,
  contract_id     uuid not null,
  rate_card_id    uuid not null,
  month           date not null check (extract(day from month) = 1),
  line_kind       text not null check (line_kind in ('delivered', 'did_not_attend', 'cancelled_late')),
  provider_id     uuid not null,
  lines           bigint not null,
  units           bigint not null,
  primary key (commissioner_id, contract_id, rate_card_id, month, line_kind)
) with (fillfactor = 50);`;

const STANDS = (row: string) => `${row}.line_kind <> 'nil' and ${row}.state in ('submitted', 'queried')`;

const COUNTED = (rows: string) => `
  insert into claim_tally as t (commissioner_id, contract_id, rate_card_id, month, line_kind, provider_id, lines, units)
  ${rows}
  on conflict (commissioner_id, contract_id, rate_card_id, month, line_kind)
  do update set lines = t.lines + excluded.lines, units = t.units + excluded.units;`;

/** Inserted claims are counted by the statement; those that begin or cease to stand, or weigh something else, one by one. */
const TALLYING = `
create function tally_claims() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin${COUNTED(`
  select c.commissioner_id, c.contract_id, c.rate_card_id, date_trunc('month', c.served_on)::date, c.line_kind,
         c.provider_id, count(*), sum(c.units)
  from added c where ${STANDS('c')} group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5`)}
  return null;
end $$;
create function tally_change() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin${COUNTED(`
  select c.commissioner_id, c.contract_id, c.rate_card_id, date_trunc('month', c.served_on)::date, c.line_kind, c.provider_id,
         sum(c.lines), sum(c.lines * c.units)
  from (values (old.commissioner_id, old.contract_id, old.rate_card_id, old.served_on, old.line_kind, old.provider_id, old.units,
                case when ${STANDS('old')} then -1 else 0 end),
               (new.commissioner_id, new.contract_id, new.rate_card_id, new.served_on, new.line_kind, new.provider_id, new.units,
                case when ${STANDS('new')} then 1 else 0 end))
    as c (commissioner_id, contract_id, rate_card_id, served_on, line_kind, provider_id, units, lines)
  where c.lines <> 0 group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5`)}
  return null;
end $$;
revoke all on function tally_claims, tally_change from public;
create trigger tallied after insert on claim referencing new table as added
  for each statement execute function tally_claims();
create trigger tallied_again after update of state, line_kind, units, rate_card_id on claim for each row
  when ((old.state, old.line_kind, old.units, old.rate_card_id)
        is distinct from (new.state, new.line_kind, new.units, new.rate_card_id)) execute function tally_change();
create policy owner on claim_tally to wp_owner using (true) with check (true);
insert into claim_tally (commissioner_id, contract_id, rate_card_id, month, line_kind, provider_id, lines, units)
select c.commissioner_id, c.contract_id, c.rate_card_id, date_trunc('month', c.served_on)::date, c.line_kind,
       c.provider_id, count(*), sum(c.units)
from claim c where ${STANDS('c')} group by 1, 2, 3, 4, 5, 6;`;

/**
 * A file is put down in chunks while it arrives, and taken from there: a process that dies leaves what is to be taken to the
 * next. A chunk holds the template's columns of rows that were understood, and goes with the transaction that takes it.
 */
const FILES = `
alter table claim_file
  add column row_count    integer,           -- known once all of it has arrived
  add column chunk_count  integer not null default 0,
  add column chunks_taken integer not null default 0,
  add column progress_at  timestamptz,       -- by the database's clock: who is silent for long does not work on it any more
  add column key_id       uuid,              -- of who sent it, as the events of its rows name them
  drop constraint claim_file_state_check,
  add constraint claim_file_state_check check (state in ('receiving', 'received', 'refused', 'cancelled'));
create index claim_file_unfinished on claim_file (progress_at) where state = 'receiving';
grant update (row_count, chunk_count, chunks_taken, progress_at) on claim_file to wp_provider;
grant select (commissioner_id, id, state, progress_at) on claim_file to wp_relay;
create policy relay on claim_file for select to wp_relay using (true);
create policy owner on claim_file for select to wp_owner using (true);

create table claim_file_chunk (
  commissioner_id uuid not null,
  claim_file_id   uuid not null,
  chunk           integer not null check (chunk > 0),
  provider_id     uuid not null,
  body            text not null,
  primary key (commissioner_id, claim_file_id, chunk),
  foreign key (commissioner_id, claim_file_id, provider_id) references claim_file (commissioner_id, id, provider_id)
);
alter table claim_file_chunk alter body set storage external;`;
