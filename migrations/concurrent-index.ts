import type { QueryRunner } from 'typeorm';

/** An index on a table that people write to while it is made. */
export interface ConcurrentIndex {
  readonly name: string;
  /** With its schema: `public.claim`. */
  readonly table: string;
  /** What follows the name of the table: `(commissioner_id, id) where …`. */
  readonly on: string;
  readonly unique?: boolean;
}

const FOUND = `
select c.relowner::regrole::text as owner, n.nspname as schema,
  (select i.indisvalid from pg_index i join pg_class x on x.oid = i.indexrelid
   where i.indrelid = c.oid and x.relname = $2) as "isValid"
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`;

interface Found {
  readonly owner: string;
  readonly schema: string;
  /** Null where there is no such index on the table. */
  readonly isValid: boolean | null;
}

/**
 * Makes an index without keeping anybody from writing. For a migration of its own that says `transaction = false`: PostgreSQL
 * does this in no transaction. What an attempt that failed has left is invalid: it is dropped, and made again.
 *
 * It waits for every transaction that is older, and nobody waits for it meanwhile: it has no lock_timeout.
 *
 * @throws Error when the table is not there, or the index is not valid afterwards
 */
export async function createIndexConcurrently(runner: QueryRunner, index: ConcurrentIndex): Promise<void> {
  const { name, table, on, unique = false } = index;
  const { owner, schema, isValid } = await find(runner, index);
  if (isValid === true) return;
  await runner.query(`set role ${owner}`);
  await runner.query('set lock_timeout = 0');
  try {
    if (isValid === false) await runner.query(`drop index concurrently "${schema}"."${name}"`);
    await runner.query(`create ${unique ? 'unique ' : ''}index concurrently ${name} on ${table} ${on}`);
  } finally {
    await runner.query('reset lock_timeout');
    await runner.query('reset role');
  }
  const made = await find(runner, index);
  if (made.isValid !== true) throw new Error(`The index ${name} is not valid: migrate again.`);
}

async function find(runner: QueryRunner, { name, table }: ConcurrentIndex): Promise<Found> {
  const [found]: Found[] = await runner.query(FOUND, [table, name]);
  if (!found) throw new Error(`There is no table ${table} to make the index ${name} on.`);
  return found;
}
