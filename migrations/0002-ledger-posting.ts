/** The functions of the ledger: to post, and to read a balance. */
export const POSTING = `
set role wp_owner;
create type ledger.account_in as (kind text, provider_id uuid, contract_id uuid);
create type ledger.transfer_in as (id uuid, event_id uuid, debit uuid, credit uuid, amount_minor bigint,
                                   effective_on date, claim_id uuid, reverses_id uuid);

create function ledger.open_accounts(p_commissioner uuid, p_accounts jsonb)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  with opened as (
    insert into ledger.account (commissioner_id, kind, book, normal, strict, keyed, provider_id, contract_id)
    select p_commissioner, c.kind, c.book, c.normal, c.strict, c.keyed, a.provider_id, a.contract_id
    from jsonb_populate_recordset(null::ledger.account_in, p_accounts) a join ledger.chart c using (kind)
    order by c.kind, a.provider_id, a.contract_id
    on conflict do nothing
    returning id, normal, strict, provider_id)
  insert into ledger.balance (commissioner_id, account_id, normal, provider_id)
  select p_commissioner, id, normal, provider_id from opened where strict
$$;

-- Transfers come with their event, whose hashed body binds them, and never later. A reversal is full, of a transfer that
-- stands, and is not reversed itself: to correct, reverse and post again.
create function ledger.refuse_bent_lines(p_commissioner uuid, lines ledger.transfer_in[])
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from (select distinct event_id from unnest(lines)) t
    left join ledger.event e on e.commissioner_id = p_commissioner and e.id = t.event_id
    where e.xid is distinct from pg_current_xact_id())
  then raise exception 'ledger.late_transfer' using errcode = 'WP004'; end if;
  if exists (
    select from unnest(lines) t
    left join ledger.transfer r on r.commissioner_id = p_commissioner and r.id = t.reverses_id
    where t.reverses_id is not null and (r.reverses_id is not null or
      (r.debit_account_id, r.credit_account_id, r.amount_minor, r.claim_id)
        is distinct from (t.credit, t.debit, t.amount_minor, t.claim_id)))
  then raise exception 'ledger.bent_reversal' using errcode = 'WP003', constraint = 'reversal_mirrors'; end if;
end $$;

-- p_fact: something that has happened outside and cannot be refused. A decision is refused at the floor.
create function ledger.post_transfers(p_commissioner uuid, p_accounts jsonb, p_transfers jsonb, p_fact boolean)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  lines ledger.transfer_in[] :=
    (select array_agg(t) from jsonb_populate_recordset(null::ledger.transfer_in, p_transfers) t);
begin
  if p_commissioner is distinct from app.org() then
    raise exception 'ledger.wrong_book' using errcode = 'WP002';
  end if;
  perform ledger.open_accounts(p_commissioner, p_accounts);
  perform ledger.refuse_bent_lines(p_commissioner, lines);
  perform 1 from ledger.balance                                        -- 1. locks, in one order for everybody
    where commissioner_id = p_commissioner
      and account_id in (select unnest(array[t.debit, t.credit]) from unnest(lines) t)
    order by account_id for update;
  -- 2. what is reversed twice is told apart from what is short, whoever is first
  insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book,
                               currency, provider_id, effective_on, claim_id, reverses_id)
  select p_commissioner, t.id, t.event_id, t.debit, t.credit, t.amount_minor, d.book, d.currency,
         coalesce(d.provider_id, c.provider_id), t.effective_on, t.claim_id, t.reverses_id
  from unnest(lines) t
  left join ledger.account d on d.commissioner_id = p_commissioner and d.id = t.debit
  left join ledger.account c on c.commissioner_id = p_commissioner and c.id = t.credit;
  with delta as materialized (                                         -- 3. one update for each account
    select account_id, sum(dr)::bigint dr, sum(cr)::bigint cr from (
      select debit account_id, amount_minor dr, 0 cr from unnest(lines)
      union all select credit, 0, amount_minor from unnest(lines)) s group by account_id),
  next as (
    select b.account_id, d.dr, d.cr,
      case b.normal when 'D' then b.debits_minor - b.credits_minor else b.credits_minor - b.debits_minor end as was,
      case b.normal when 'D' then d.dr - d.cr else d.cr - d.dr end as change
    from ledger.balance b join delta d using (account_id) where b.commissioner_id = p_commissioner)
  update ledger.balance b set
    debits_minor = b.debits_minor + n.dr, credits_minor = b.credits_minor + n.cr,
    breached_by = case
      when n.was + n.change >= 0 then null                             -- whole, or healed
      when n.change >= 0 then b.breached_by                            -- a step up is never refused
      when p_fact then coalesce(b.breached_by, (                       -- else null while below: balance_floor refuses
        select t.event_id from unnest(lines) t
        where b.account_id = case b.normal when 'D' then t.credit else t.debit end limit 1)) end
  from next n where b.commissioner_id = p_commissioner and b.account_id = n.account_id;
end $$;

-- What an account holds, on its normal side: effective by a day and booked in a snapshot; null is no limit. A balance
-- row is used where there is one and no limit, so that a strict account costs one look-up.
create function ledger.balance_minor(a ledger.account, p_effective_on date, p_booked_in pg_snapshot)
returns bigint language sql stable set search_path = pg_catalog, pg_temp as $$
  select (case when a.strict and p_effective_on is null and p_booked_in is null
    then (select b.debits_minor - b.credits_minor from ledger.balance b
          where b.commissioner_id = a.commissioner_id and b.account_id = a.id)
    else (select coalesce(sum(t.amount_minor), 0) from ledger.transfer t
          where t.commissioner_id = a.commissioner_id and t.debit_account_id = a.id
            and (p_effective_on is null or t.effective_on <= p_effective_on)
            and (p_booked_in is null or pg_visible_in_snapshot(t.xid, p_booked_in)))
       - (select coalesce(sum(t.amount_minor), 0) from ledger.transfer t
          where t.commissioner_id = a.commissioner_id and t.credit_account_id = a.id
            and (p_effective_on is null or t.effective_on <= p_effective_on)
            and (p_booked_in is null or pg_visible_in_snapshot(t.xid, p_booked_in)))
  end * case a.normal when 'D' then 1 else -1 end)::bigint
$$;

-- Both obey the policies of whoever asks: the commissioner, or the provider of the contract.
create function ledger.contract_budget(p_commissioner uuid, p_contract uuid)
returns table (authorised_minor bigint, budget_minor bigint, committed_minor bigint, spent_minor bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(sum(m.minor) filter (where a.kind = 'authorised'), 0)::bigint,
         coalesce(sum(m.minor) filter (where a.kind = 'budget'), 0)::bigint,
         coalesce(sum(m.minor) filter (where a.kind = 'committed'), 0)::bigint,
         coalesce(sum(m.minor) filter (where a.kind = 'spent'), 0)::bigint
  from ledger.account a, lateral (select ledger.balance_minor(a, null, null) as minor) m
  where a.commissioner_id = p_commissioner and a.contract_id = p_contract and a.book = 'budget'
$$;
reset role;
`;

/** Posting is the one way to write transfers, and runs as a role that can do nothing else. */
export const RIGHTS = `
revoke all on function ledger.post_transfers, ledger.open_accounts, ledger.refuse_bent_lines, ledger.balance_minor,
  ledger.contract_budget from public;
grant create on schema ledger to wp_ledger;
alter function ledger.post_transfers owner to wp_ledger;
revoke create on schema ledger from wp_ledger;
grant execute on function ledger.open_accounts, ledger.refuse_bent_lines to wp_ledger;
grant execute on function ledger.post_transfers to wp_commissioner;
grant execute on function ledger.balance_minor, ledger.contract_budget to wp_commissioner, wp_provider;
`;
