import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/**
 * What an event led to, but for the claims that a session led to: nobody looks for them by their event, and they are more than
 * all others together.
 */
export class Causes1764000000043 implements MigrationInterface {
  name = 'Causes1764000000043';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = `(commissioner_id, cause_id) where cause_id is not null and type <> 'claim.submitted'`;
    await createIndexConcurrently(runner, { name: 'event_led_to', table: 'ledger.event', on });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
