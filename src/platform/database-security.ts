/** Asks for rows: of a connection, or under a scope. */
export type Ask = <Row>(sql: string, parameters?: unknown[]) => Promise<Row[]>;

/** A table that anybody who reaches it may read and write: no policy, or one that its owner need not keep. */
const NAKED = `
select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname in ('public', 'ledger', 'app')
  and n.nspname || '.' || c.relname <> all ($1)
  and not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid))
order by 1`;

/** The chart of accounts is the same for every commissioner; the list of migrations is no data of anybody. */
const OPEN_TO_ALL = ['ledger.chart', 'public.migrations'];

const SIDES = ['commissioner', 'provider', 'referrer', 'intake', 'sealer', 'relay', 'auth', 'queue'];

/** Roles that are missing, that stand above row-level security, and sides that the login cannot take. */
const ROLES = `
select w.role, case
  when r.oid is null then 'is missing'
  when r.rolsuper or r.rolbypassrls then 'stands above row-level security'
  when r.rolcreaterole or r.rolcreatedb then 'may make roles or databases'
  when w.role = 'wp_app' and (not r.rolcanlogin or r.rolinherit) then 'must be a login that inherits nothing'
  when w.role like any ($2) and not exists (select from pg_auth_members m join pg_roles a on a.oid = m.member
    where m.roleid = r.oid and a.rolname = 'wp_app') then 'cannot be taken by wp_app'
  when w.role not in ('wp_owner', 'wp_ledger') and exists (select from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'ledger', 'app') where c.relowner = r.oid)
    then 'owns a table' end as wrong
from unnest($1::text[]) as w(role) left join pg_roles r on r.rolname = w.role`;

export interface WrongRole {
  readonly role: string;
  readonly wrong: string;
}

/** Tables of which row-level security does not decide who sees what. */
export async function findNakedTables(ask: Ask): Promise<string[]> {
  return (await ask<{ name: string }>(NAKED, [OPEN_TO_ALL])).map(({ name }) => name);
}

/** Roles that cannot do, or can do more than, what the product stands on. */
export async function findWrongRoles(ask: Ask): Promise<WrongRole[]> {
  const sides = SIDES.map((side) => `wp_${side}`);
  const found = await ask<{ role: string; wrong: string | null }>(ROLES, [
    ['wp_owner', 'wp_ledger', 'wp_app', ...sides],
    sides,
  ]);
  return found.flatMap(({ role, wrong }) => (wrong === null ? [] : [{ role, wrong }]));
}
