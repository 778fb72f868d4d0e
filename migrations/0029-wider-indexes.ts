import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** The indexes whose first columns wider ones have now. */
export class WiderIndexes1764000000029 implements MigrationInterface {
  name = 'WiderIndexes1764000000029';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner('drop index session_day;', 'drop index attendance_referral;'));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
