import { randomUUID } from 'node:crypto';
import type pg from 'pg';

interface Needed {
  name: string;
  type: string;
}

const NEEDED = `
select column_name as name, data_type as type from information_schema.columns
where table_schema = 'public' and table_name = $1 and is_nullable = 'NO' and column_default is null
  and is_identity = 'NO' and is_generated = 'NEVER'`;

let planted = 0;

/**
 * Puts a row into a table as a superuser, without what it refers to. A column that must not be empty and is not given gets
 * a value of its type, so that a test names only what it is about. Gives the row's id.
 */
export async function plantRow(admin: pg.Client, table: string, given: Record<string, unknown>): Promise<string> {
  const { rows } = await admin.query<Needed>(NEEDED, [table]);
  const filled: Record<string, unknown> = { ...given };
  for (const { name, type } of rows) if (!(name in filled)) filled[name] = valueOf(type);
  const names = Object.keys(filled);
  const places = names.map((_, index) => `$${index + 1}`);
  await admin.query('set session_replication_role = replica');
  try {
    await admin.query(
      `insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`,
      Object.values(filled),
    );
  } finally {
    await admin.query('set session_replication_role = origin');
  }
  return String(filled.id);
}

function valueOf(type: string): unknown {
  planted += 1;
  switch (type) {
    case 'uuid':
      return randomUUID();
    case 'bigint':
    case 'integer':
      return planted;
    case 'boolean':
      return false;
    case 'date':
      return '2026-10-01';
    case 'timestamp with time zone':
      return '2026-10-29T09:00:00Z';
    case 'bytea':
      return Buffer.alloc(32, planted);
    case 'jsonb':
      return '{}';
    case 'ARRAY':
      return [];
    default:
      return `X${planted}`;
  }
}
