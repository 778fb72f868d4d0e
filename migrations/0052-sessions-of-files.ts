import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/** The sessions of a file: what was taken of it is bound by the event of its end. */
export class SessionsOfFiles1764000000052 implements MigrationInterface {
  name = 'SessionsOfFiles1764000000052';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = '(commissioner_id, claim_file_id) where claim_file_id is not null';
    await createIndexConcurrently(runner, { name: 'session_file', table: 'public.session', on });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
