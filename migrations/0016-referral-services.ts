import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** What those who refer may know of services, and of how many referrals at once. */
export class ReferralServices1764000000016 implements MigrationInterface {
  name = 'ReferralServices1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(SERVICE_TO_REFER, REFERRED_SERVICES, PROGRESS));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/**
 * The code by which a service of a directory is referred to. For those whose service it is, and for a referrer while its
 * commissioner shows the service.
 */
const SERVICE_TO_REFER = `
create function service_to_refer(p_service uuid, p_day date)
returns table (commissioner_id uuid, provider_id uuid, code text)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.commissioner_id, s.provider_id, s.code from service s
  where s.id = p_service
    and (app.org() in (s.commissioner_id, s.provider_id)
         or (exists (select from organisation o
                     where o.id = app.org() and o.kind = 'referrer' and o.registered_by = s.commissioner_id)
             and s.id = any (listed_services(s.commissioner_id, p_day))))
$$;
revoke all on function service_to_refer from public;
grant execute on function service_to_refer to wp_commissioner, wp_provider, wp_referrer;
`;

/** Names of the services that an organisation has referred to: it keeps them when nobody else can see them any more. */
const REFERRED_SERVICES = `
create function referred_services() returns table (commissioner_id uuid, id uuid, code text, name text)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.commissioner_id, s.id, s.code, s.name from service s
  where exists (select from referral r where r.referrer_id = app.org()
                and r.commissioner_id = s.commissioner_id and r.service_id = s.id)
$$;
revoke all on function referred_services from public;
grant execute on function referred_services to wp_referrer;
`;

/** As referral_progress, of many at once: numbers, and nothing of what was paid. */
const PROGRESS = `
create function referrals_progress(p_referrals uuid[])
returns table (referral_id uuid, planned integer, attended integer, did_not_attend integer, cancelled integer,
               last_attended_on date)
language sql stable security definer set search_path = public, pg_temp as $$
  select r.id, r.sessions_planned, a.attended, a.did_not_attend, a.cancelled, a.last_attended_on
  from referral r,
       lateral (select count(*) filter (where a.outcome = 'attended')::int as attended,
                       count(*) filter (where a.outcome = 'did_not_attend')::int as did_not_attend,
                       count(*) filter (where a.outcome in ('cancelled', 'cancelled_late'))::int as cancelled,
                       max(s.held_on) filter (where a.outcome = 'attended') as last_attended_on
                from attendance a join session s on s.commissioner_id = a.commissioner_id and s.id = a.session_id
                where a.commissioner_id = r.commissioner_id and a.referral_id = r.id) a
  where r.id = any (p_referrals) and app.org() in (r.referrer_id, r.provider_id, r.commissioner_id)
$$;
revoke all on function referrals_progress from public;
grant execute on function referrals_progress to wp_commissioner, wp_provider, wp_referrer;
`;
