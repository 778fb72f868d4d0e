import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/**
 * A session is recorded once: the same rule as before, with its key ahead of the contract. No other index begins like this, so
 * that sessions are found by their keys whatever is known of the table: on a new database, of which PostgreSQL has no statistics
 * yet, all sessions of the contract were read for each chunk of a claim file.
 */
export class SessionKeys1764000000038 implements MigrationInterface {
  name = 'SessionKeys1764000000038';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = '(commissioner_id, natural_key, contract_id)';
    await createIndexConcurrently(runner, { name: 'session_recorded_once', table: 'public.session', on, unique: true });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
