import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** The index over every event's cause: `event_led_to` has all that is looked for in it, and claims cost it nothing. */
export class FewerCauses1764000000044 implements MigrationInterface {
  name = 'FewerCauses1764000000044';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner('drop index ledger.event_cause;'));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
