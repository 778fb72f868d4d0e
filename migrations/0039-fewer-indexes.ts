import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** Indexes whose work others do: each is written to for every row of a claim file. */
export class FewerIndexes1764000000039 implements MigrationInterface {
  name = 'FewerIndexes1764000000039';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner('drop index session_recorded_twice;'));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
