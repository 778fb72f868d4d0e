/** What each side may do with a table: the text of a GRANT. A side that is not named may do nothing. */
export interface Grants {
  /** Sees and writes rows whose `commissioner_id` is its own. */
  commissioner?: string;
  /** Sees and writes rows whose `provider_id` is its own. */
  provider?: string;
  /** Sees and writes rows whose `referrer_id` is its own. */
  referrer?: string;
  /** The columns that the relay may read to find due work: ids and states, nothing else. */
  relay?: string;
}

/**
 * Forces row-level security on a tenant table and gives each side one policy of one equality, so that the planner can
 * use the index that leads with that column.
 */
export function tenancy(table: string, grants: Grants): string {
  const sides = (['commissioner', 'provider', 'referrer'] as const).filter((side) => grants[side] !== undefined);
  const policies = sides.map(
    (side) => `
grant ${grants[side]} on ${table} to wp_${side};
create policy ${side} on ${table} to wp_${side}
  using (${side}_id = (select app.org())) with check (${side}_id = (select app.org()));`,
  );
  const relay =
    grants.relay === undefined
      ? ''
      : `
grant select (${grants.relay}) on ${table} to wp_relay;
create policy relay on ${table} for select to wp_relay using (true);`;
  return `
alter table ${table} enable row level security, force row level security;${policies.join('')}${relay}
`;
}

/** The body of a migration's `up`: every statement runs as the owner of the tables, who never signs in. */
export function asOwner(...statements: string[]): string {
  return `set role wp_owner;\n${statements.join('\n')}\nreset role;`;
}
