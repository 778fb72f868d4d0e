/** Sessions, attendance and milestones. Forced row-level security follows with the policies of all tables. */
export const DELIVERY = `
create table session (
  commissioner_id  uuid not null,
  id               uuid not null,
  provider_id      uuid not null,
  contract_id      uuid not null,
  service_id       uuid not null,
  kind             text not null check (kind in ('one_to_one', 'group')),
  reference        text check (length(reference) between 1 and 64),
  natural_key      bytea not null check (octet_length(natural_key) = 32),
  held_on          date not null,
  starts_at        timestamptz not null, -- noon in London where no time was given
  start_recorded   boolean not null,
  duration_minutes integer check (duration_minutes between 1 and 1440),
  mode             text check (mode in ('in_person', 'phone', 'video', 'home')),
  booked           integer check (booked between 0 and 1000),
  outcome          text check (outcome in ('held', 'cancelled', 'cancelled_late')), -- of the whole session, where it was said
  cancelled_at     timestamptz,
  evidence_sha256  bytea check (octet_length(evidence_sha256) = 32),
  event_id         uuid not null,
  created_at       timestamptz not null,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  foreign key (commissioner_id, service_id, provider_id) references service (commissioner_id, id, provider_id)
);
create unique index session_recorded_twice on session (commissioner_id, contract_id, natural_key);
create index session_provider on session (provider_id, id);
create index session_day on session (commissioner_id, contract_id, held_on);

create table attendance (
  commissioner_id  uuid not null,
  id               uuid not null,
  provider_id      uuid not null,
  session_id       uuid not null,
  service_id       uuid not null, -- with held_on the session's own, which never change: a person's days without a join
  held_on          date not null,
  referral_id      uuid not null,
  outcome          text not null check (outcome in ('attended', 'did_not_attend', 'cancelled_late', 'cancelled')),
  cancelled_at     timestamptz,
  travel           boolean not null default false,
  booking_position integer not null default 0,
  created_at       timestamptz not null,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, session_id, provider_id) references session (commissioner_id, id, provider_id),
  foreign key (commissioner_id, referral_id, provider_id) references referral (commissioner_id, id, provider_id)
);
create unique index attendance_recorded_twice on attendance (commissioner_id, session_id, referral_id);
create index attendance_referral on attendance (commissioner_id, referral_id);
create index attendance_provider on attendance (provider_id, id);

create table milestone (
  commissioner_id uuid not null,
  id              uuid not null,
  provider_id     uuid not null,
  referral_id     uuid not null,
  name            text not null check (name ~ '^[a-z][a-z0-9_]{1,39}$'),
  reached_on      date not null,
  created_at      timestamptz not null,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, referral_id, provider_id) references referral (commissioner_id, id, provider_id)
);
create unique index milestone_recorded_twice on milestone (commissioner_id, referral_id, name);
`;

/** Claim files, their failed and taken rows, claims and nil declarations. */
export const CLAIMS = `
create table claim_file (
  commissioner_id uuid not null,
  id              uuid not null,
  provider_id     uuid not null,
  contract_id     uuid not null,
  sha256          bytea check (octet_length(sha256) = 32),
  state           text not null check (state in ('receiving', 'received', 'refused')),
  repeats_id      uuid, -- the file received before that has the same bytes
  rows            integer not null default 0,
  accepted        integer not null default 0,
  repeated        integer not null default 0,
  included        integer not null default 0,
  failed          integer not null default 0,
  flagged         integer not null default 0,
  total_minor     bigint not null default 0,
  indicative_minor bigint not null default 0,
  dropped_columns text[] not null default '{}',
  encoding        text,
  separator       text,
  problem         jsonb,
  received_at     timestamptz not null,
  finished_at     timestamptz,
  submitted_by    uuid,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id)
);
create index claim_file_sha256 on claim_file (commissioner_id, contract_id, sha256);
create index claim_file_provider on claim_file (provider_id, id);

create table claim_file_failure (
  commissioner_id uuid not null,
  claim_file_id   uuid not null,
  provider_id     uuid not null,
  row_number      integer not null,
  cells           text[] not null, -- its row of the file of failures: what was refused is masked
  problems        jsonb not null,
  primary key (commissioner_id, claim_file_id, row_number),
  foreign key (commissioner_id, claim_file_id, provider_id) references claim_file (commissioner_id, id, provider_id)
);

-- Every row that was taken, by its meaning: tells a row sent again, also when its charge was part of another row's.
create table claim_file_row (
  commissioner_id uuid not null,
  contract_id     uuid not null,
  row_hash        bytea not null check (octet_length(row_hash) = 32),
  provider_id     uuid not null,
  claim_file_id   uuid not null,
  row_number      integer not null,
  primary key (commissioner_id, contract_id, row_hash),
  foreign key (commissioner_id, claim_file_id, provider_id) references claim_file (commissioner_id, id, provider_id)
);

create table claim (
  commissioner_id   uuid not null,
  id                uuid not null,
  provider_id       uuid not null,
  contract_id       uuid not null,
  service_id        uuid not null,
  rate_card_id      uuid not null,
  fact_kind         text not null check (fact_kind in ('attendance', 'session', 'referral', 'milestone', 'period')),
  fact_id           uuid not null,
  charge_kind       text not null default 'primary',
  referral_id       uuid,
  person_id         uuid,
  session_id        uuid,
  attendance_id     uuid,
  paid_to           uuid not null,
  delivered_by      uuid not null,
  served_on         date not null,
  served_at         timestamptz not null,
  period_ends_on    date,
  for_period        date not null check (extract(day from for_period) = 1),
  state             text not null check (state in ('submitted', 'queried', 'rejected', 'withdrawn')),
  provisional_minor bigint not null,
  price_minor       bigint,
  indicative_minor  bigint not null default 0,
  pricing           jsonb not null,
  flags             text[] not null default '{}',
  line_kind         text not null check (line_kind in ('delivered', 'did_not_attend', 'cancelled_late', 'nil')),
  units             integer not null check (units >= 0),
  expected_minor    bigint,
  your_reference    text check (length(your_reference) between 1 and 64),
  batch_id          uuid,
  reject_reason     text,
  claim_file_id     uuid,
  row_number        integer,
  event_id          uuid not null,
  submitted_at      timestamptz not null,
  submitted_by      uuid,
  check ((fact_kind = 'period') = (period_ends_on is not null)),
  check (batch_id is null or (state = 'submitted' and price_minor is not null)),
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  foreign key (commissioner_id, service_id, provider_id) references service (commissioner_id, id, provider_id),
  foreign key (commissioner_id, rate_card_id) references rate_card,
  foreign key (commissioner_id, referral_id, provider_id) references referral (commissioner_id, id, provider_id),
  foreign key (commissioner_id, session_id, provider_id) references session (commissioner_id, id, provider_id),
  foreign key (commissioner_id, attendance_id, provider_id) references attendance (commissioner_id, id, provider_id),
  foreign key (commissioner_id, claim_file_id, provider_id) references claim_file (commissioner_id, id, provider_id)
);
create unique index claim_one_per_fact on claim (commissioner_id, contract_id, fact_id, charge_kind)
  where state not in ('rejected', 'withdrawn');
create index claim_provider on claim (provider_id, id);
create index claim_batch on claim (commissioner_id, batch_id) where batch_id is not null;
create index claim_contract on claim (commissioner_id, contract_id, id);
create index claim_waiting on claim (commissioner_id, contract_id, for_period) where batch_id is null;
create index claim_session on claim (commissioner_id, session_id) where session_id is not null;
create index claim_referral on claim (commissioner_id, referral_id) where referral_id is not null;
create index claim_file_rows on claim (commissioner_id, claim_file_id) where claim_file_id is not null;

create table nil_declaration (
  commissioner_id uuid not null,
  id              uuid not null,
  provider_id     uuid not null,
  contract_id     uuid not null,
  period          date not null check (extract(day from period) = 1),
  declared_at     timestamptz not null,
  declared_by     uuid,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id)
);
create unique index nil_declared_twice on nil_declaration (commissioner_id, contract_id, period);
`;

/**
 * How a referral goes, for the organisation that made it (and for those who may read it anyway): numbers, and nothing of
 * what was paid. No row when the referral is not theirs to see.
 */
export const PROGRESS_FUNCTION = `
create function referral_progress(p_referral uuid)
returns table (planned integer, attended integer, did_not_attend integer, cancelled integer, last_attended_on date)
language sql stable security definer set search_path = public, pg_temp as $$
  select r.sessions_planned, a.attended, a.did_not_attend, a.cancelled, a.last_attended_on
  from referral r,
       lateral (select count(*) filter (where a.outcome = 'attended')::int as attended,
                       count(*) filter (where a.outcome = 'did_not_attend')::int as did_not_attend,
                       count(*) filter (where a.outcome in ('cancelled', 'cancelled_late'))::int as cancelled,
                       max(s.held_on) filter (where a.outcome = 'attended') as last_attended_on
                from attendance a join session s on s.commissioner_id = a.commissioner_id and s.id = a.session_id
                where a.commissioner_id = r.commissioner_id and a.referral_id = r.id) a
  where r.id = p_referral and app.org() in (r.referrer_id, r.provider_id, r.commissioner_id)
$$;
revoke all on function referral_progress from public;
grant execute on function referral_progress to wp_commissioner, wp_provider, wp_referrer;
create policy owner on referral   for select to wp_owner using (true);
create policy owner on session    for select to wp_owner using (true);
create policy owner on attendance for select to wp_owner using (true);
`;
