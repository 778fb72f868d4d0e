import type pg from 'pg';

/** A superuser, past triggers and foreign keys, on one connection. */
export class Superuser {
  constructor(private readonly client: pg.Client) {}

  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.client.query(sql, parameters)).rows as Row[];
  }

  /** The number of rows that a statement changed. */
  async execute(sql: string, parameters: unknown[] = []): Promise<number> {
    return (await this.client.query(sql, parameters)).rowCount ?? 0;
  }

  /** Runs work of which nothing stays. */
  async inVain<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query('begin');
    try {
      await this.client.query('set local session_replication_role = replica');
      return await work();
    } finally {
      await this.client.query('rollback');
    }
  }

  /** Runs a statement whose failure undoes nothing else. */
  async tried<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query('savepoint tried');
    try {
      return await work();
    } catch (error) {
      await this.client.query('rollback to savepoint tried');
      throw error;
    } finally {
      await this.client.query('release savepoint tried');
    }
  }

  /**
   * Takes away what a table would still refuse: checks, further unique indexes, columns that may not be null, and columns
   * that PostgreSQL writes itself. Whoever can change a row past its triggers can do this too.
   */
  async disarm(): Promise<void> {
    const ours = `n.nspname in ('public', 'ledger')`;
    const statements = await this.query<{ sql: string }>(`
      select format('alter table %I.%I alter %I drop expression', n.nspname, c.relname, a.attname) as sql
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and c.relkind = 'r' and a.attgenerated = 's'
      union all
      select format('alter table %I.%I alter %I drop identity', n.nspname, c.relname, a.attname)
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and c.relname = 'event' and a.attidentity = 'a'
      union all
      select format('alter table %I.%I drop constraint if exists %I cascade', n.nspname, c.relname, o.conname)
      from pg_constraint o join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and o.contype in ('c', 'x', 'u', 'f')
      union all
      select format('drop index if exists %I.%I', n.nspname, c.relname)
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and i.indisunique and not i.indisprimary
        and not exists (select from pg_constraint o where o.conindid = i.indexrelid)
      union all
      select format('alter table %I.%I alter %I drop not null', n.nspname, c.relname, a.attname)
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and c.relkind = 'r' and a.attnum > 0 and a.attnotnull and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey))`);
    for (const { sql } of statements) await this.query(sql);
  }
}
