import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Posting finds its accounts and balances by their keys, whatever is known of the tables: on a new database, of which nothing
 * is known yet, it read all balances of the commissioner, and it was planned anew for each call. What it does is unchanged.
 */
export class PostingPlans1764000000036 implements MigrationInterface {
  name = 'PostingPlans1764000000036';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      set role wp_owner; ${BENT_LINES} grant create on schema ledger to wp_ledger;
      set role wp_ledger; ${POST_TRANSFERS}
      set role wp_owner; revoke create on schema ledger from wp_ledger; reset role;`);
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** One plan for any number of lines, by keys: a plan for each call costs more than posting a single transfer. */
const PLANNED_ONCE =
  'set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off';

const BENT_LINES = `
create or replace function ledger.refuse_bent_lines(p_commissioner uuid, lines ledger.transfer_in[])
returns void language plpgsql ${PLANNED_ONCE} as $$
begin
  if exists (
    select from (select distinct event_id from unnest(lines)) t
    left join lateral (
      select x.xid from ledger.event x where x.commissioner_id = p_commissioner and x.id = t.event_id limit 1) e on true
    where e.xid is distinct from pg_current_xact_id())
  then raise exception 'ledger.late_transfer' using errcode = 'WP004'; end if;
  if exists (
    select from unnest(lines) t
    left join lateral (
      select x.* from ledger.transfer x where x.commissioner_id = p_commissioner and x.id = t.reverses_id limit 1) r on true
    where t.reverses_id is not null and (r.reverses_id is not null or
      (r.debit_account_id, r.credit_account_id, r.amount_minor, r.claim_id)
        is distinct from (t.credit, t.debit, t.amount_minor, t.claim_id)))
  then raise exception 'ledger.bent_reversal' using errcode = 'WP003', constraint = 'reversal_mirrors'; end if;
end $$;`;

const POST_TRANSFERS = `
create or replace function ledger.post_transfers(p_commissioner uuid, p_accounts jsonb, p_transfers jsonb, p_fact boolean)
returns void language plpgsql security definer ${PLANNED_ONCE} as $$
declare
  lines ledger.transfer_in[] :=
    (select array_agg(t) from jsonb_populate_recordset(null::ledger.transfer_in, p_transfers) t);
  touched uuid[] := (
    select array_agg(s.id order by s.id)
    from (select t.debit as id from unnest(lines) t union select t.credit from unnest(lines) t) s);
begin
  if p_commissioner is distinct from app.org() then
    raise exception 'ledger.wrong_book' using errcode = 'WP002';
  end if;
  if exists (
    select from unnest(touched) t (id)
    left join lateral (
      select a.id from ledger.account a where a.commissioner_id = p_commissioner and a.id = t.id limit 1) a on true
    where a.id is null)
  then perform ledger.open_accounts(p_commissioner, p_accounts); end if;
  perform ledger.refuse_bent_lines(p_commissioner, lines);
  perform 1 from unnest(touched) with ordinality t (id, place),        -- 1. locks, in one order for everybody
    lateral (select from ledger.balance x where x.commissioner_id = p_commissioner and x.account_id = t.id for update) b
    order by t.place;
  -- 2. what is reversed twice is told apart from what is short, whoever is first
  insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book,
                               currency, provider_id, effective_on, claim_id, reverses_id)
  select p_commissioner, t.id, t.event_id, t.debit, t.credit, t.amount_minor, d.book, d.currency,
         coalesce(d.provider_id, c.provider_id), t.effective_on, t.claim_id, t.reverses_id
  from unnest(lines) t
  left join lateral (
    select a.* from ledger.account a where a.commissioner_id = p_commissioner and a.id = t.debit limit 1) d on true
  left join lateral (
    select a.* from ledger.account a where a.commissioner_id = p_commissioner and a.id = t.credit limit 1) c on true;
  with delta as materialized (                                         -- 3. one update for each account
    select account_id, sum(dr)::bigint dr, sum(cr)::bigint cr from (
      select debit account_id, amount_minor dr, 0 cr from unnest(lines)
      union all select credit, 0, amount_minor from unnest(lines)) s group by account_id),
  next as materialized (
    select d.account_id, d.dr, d.cr,
      case b.normal when 'D' then b.debits_minor - b.credits_minor else b.credits_minor - b.debits_minor end as was,
      case b.normal when 'D' then d.dr - d.cr else d.cr - d.dr end as change
    from delta d, lateral (
      select x.* from ledger.balance x where x.commissioner_id = p_commissioner and x.account_id = d.account_id limit 1) b)
  update ledger.balance b set
    debits_minor = b.debits_minor + n.dr, credits_minor = b.credits_minor + n.cr,
    breached_by = case
      when n.was + n.change >= 0 then null                             -- whole, or healed
      when n.change >= 0 then b.breached_by                            -- a step up is never refused
      when p_fact then coalesce(b.breached_by, (                       -- else null while below: balance_floor refuses
        select t.event_id from unnest(lines) t
        where b.account_id = case b.normal when 'D' then t.credit else t.debit end limit 1)) end
  from next n where b.commissioner_id = p_commissioner and b.account_id = any (touched) and b.account_id = n.account_id;
end $$;`;
