import type pg from 'pg';

/** The tables in whose rows a text occurs: everything that is stored, as a superuser sees it. */
export async function occurrences(admin: pg.Client, text: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'ledger', 'bullmq')`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rows: hits } = await admin.query(
      `select 1 from ${name} t where to_jsonb(t)::text ilike '%' || $1 || '%'
         or encode(convert_to(to_jsonb(t)::text, 'UTF8'), 'escape') ilike '%' || encode($1::bytea, 'hex') || '%' limit 1`,
      [text],
    );
    if (hits.length > 0) found.push(name);
  }
  return found;
}
