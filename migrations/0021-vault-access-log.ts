/** Only added to, but for what is older than two years by the database's own clock. */
const TABLE = `
create table access_log (
  commissioner_id uuid not null,
  seq             bigint not null generated always as identity (cache 1),
  provider_id     uuid, -- the reader's own organisation, where it is no commissioner
  referrer_id     uuid,
  actor_org_id    uuid not null,
  actor_kind      text not null check (actor_kind in ('person', 'service', 'system')),
  member_id       uuid,
  key_id          uuid,
  read_at         timestamptz not null,
  kind            text not null check (kind in ('referrals', 'sessions', 'claims', 'trace', 'journal', 'person', 'export')),
  route           text not null check (length(route) between 1 and 200),
  correlation_id  text not null check (length(correlation_id) <= 64),
  referral_ids    uuid[] not null,
  person_ids      uuid[] not null,
  primary key (commissioner_id, seq)
);
create index access_log_provider on access_log (provider_id, seq) where provider_id is not null;
create index access_log_subject on access_log using gin (person_ids, referral_ids);
create index access_log_age on access_log using brin (read_at) with (pages_per_range = 32);

create function access_log_refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' and old.read_at < now() - interval '24 months' then return old; end if;
  raise exception 'access_log.append_only: %', tg_op using errcode = 'WP001';
end $$;
create trigger append_only before update or delete on access_log
  for each row execute function access_log_refuse_change();
create trigger append_only_all before truncate on access_log
  for each statement execute function access_log_refuse_change();

alter table access_log enable row level security, force row level security;
grant select on access_log to wp_commissioner, wp_provider;
create policy commissioner on access_log for select to wp_commissioner using (commissioner_id = (select app.org()));
create policy provider on access_log for select to wp_provider using (provider_id = (select app.org()));
grant select (commissioner_id, seq, read_at), delete on access_log to wp_relay;
create policy expire on access_log to wp_relay using (read_at < now() - interval '24 months');
create policy owner on access_log for insert to wp_owner with check (true);
create policy owner on claim for select to wp_owner using (true);
`;

/**
 * Writes one row for each commissioner whose persons an answer is about. p_ids are all ids that the answer names: those
 * of referrals, claims and persons that the reader may see count, whatever else is among them. With p_whole the answer is
 * a file or a stream whose ids are not at hand: then the row stands for all that the reader may see.
 */
const WRITE = `
create function access_log_write(
  p_kind text, p_route text, p_actor_kind text, p_member uuid, p_key uuid, p_at timestamptz, p_correlation text,
  p_ids uuid[], p_whole boolean)
returns integer language sql security definer set search_path = public, pg_temp as $$
  with reader as (select o.id, o.kind from organisation o where o.id = app.org()),
  named (commissioner_id, referral_id, person_id) as (
    select r.commissioner_id, r.id, r.person_id from referral r, reader
    where reader.kind = 'commissioner' and r.commissioner_id = app.org() and r.id = any (p_ids)
    union select r.commissioner_id, r.id, r.person_id from referral r, reader
    where reader.kind = 'provider' and r.provider_id = app.org() and r.id = any (p_ids)
    union select r.commissioner_id, r.id, r.person_id from referral r, reader
    where reader.kind = 'referrer' and r.referrer_id = app.org() and r.id = any (p_ids)
    union select c.commissioner_id, c.referral_id, c.person_id from claim c, reader
    where reader.kind = 'commissioner' and c.commissioner_id = app.org() and c.id = any (p_ids)
    union select c.commissioner_id, c.referral_id, c.person_id from claim c, reader
    where reader.kind = 'provider' and c.provider_id = app.org() and c.id = any (p_ids)
    union select p.commissioner_id, null, p.id from person p, reader
    where reader.kind = 'commissioner' and p.commissioner_id = app.org() and p.id = any (p_ids)
    union select app.org(), null, null from reader where p_whole and reader.kind = 'commissioner'
    union select c.commissioner_id, null, null from contract c, reader
    where p_whole and reader.kind = 'provider' and c.provider_id = app.org()),
  written as (
    insert into access_log (commissioner_id, provider_id, referrer_id, actor_org_id, actor_kind, member_id, key_id, read_at,
                            kind, route, correlation_id, referral_ids, person_ids)
    select n.commissioner_id, case reader.kind when 'provider' then reader.id end,
           case reader.kind when 'referrer' then reader.id end, reader.id, p_actor_kind, p_member, p_key, p_at, p_kind,
           p_route, p_correlation,
           coalesce(array_agg(distinct n.referral_id) filter (where n.referral_id is not null), '{}'),
           coalesce(array_agg(distinct n.person_id) filter (where n.person_id is not null), '{}')
    from named n, reader
    where p_whole or n.referral_id is not null or n.person_id is not null
    group by n.commissioner_id, reader.id, reader.kind
    returning 1)
  select count(*)::int from written
$$;
revoke all on function access_log_write from public;
grant execute on function access_log_write to wp_commissioner, wp_provider, wp_referrer;
`;

export const ACCESS_LOG = `${TABLE}${WRITE}`;
