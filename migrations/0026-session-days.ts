import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/** Sessions of a contract by day and reference: whether another one of the day has the same. */
export class SessionDays1764000000026 implements MigrationInterface {
  name = 'SessionDays1764000000026';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = '(commissioner_id, contract_id, held_on, reference)';
    await createIndexConcurrently(runner, { name: 'session_day_reference', table: 'public.session', on });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
