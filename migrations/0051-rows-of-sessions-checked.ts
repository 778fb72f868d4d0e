import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** That the rows of a session are whole. By itself, so that nobody waits while the sessions are gone through. */
export class RowsOfSessionsChecked1764000000051 implements MigrationInterface {
  name = 'RowsOfSessionsChecked1764000000051';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner('alter table session validate constraint session_taken_rows_check;'));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
