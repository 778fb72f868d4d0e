import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * PostgreSQL samples 30,000 rows of a table each time it has grown by a tenth, and sorts what stands in each column. Of documents
 * and hashes nobody asks that, and of events a quarter of the rows say as much: they are looked up by their keys.
 */
export class SeldomAskedStatistics1764000000060 implements MigrationInterface {
  name = 'SeldomAskedStatistics1764000000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      asOwner(
        ...UNASKED.map(([table, column]) => `alter table ${table} alter column ${column} set statistics 0;`),
        ...EVENT_COLUMNS.map((column) => `alter table ledger.event alter column ${column} set statistics 25;`),
      ),
    );
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const UNASKED = [
  ['ledger.event', 'body'],
  ['ledger.event', 'leaf_hash'],
  ['claim', 'pricing'],
  ['session', 'taken_rows'],
] as const;

const EVENT_COLUMNS = [
  'commissioner_id',
  'id',
  'seq',
  'xid',
  'type',
  'subject_id',
  'actor_org_id',
  'provider_id',
  'referrer_id',
  'cause_id',
  'occurred_at',
  'recorded_at',
];
