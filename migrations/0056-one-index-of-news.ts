import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** The index of news by time alone: `event_news` begins with it. */
export class OneIndexOfNews1764000000056 implements MigrationInterface {
  name = 'OneIndexOfNews1764000000056';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner('drop index ledger.event_noticed;'));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
