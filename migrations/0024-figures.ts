import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** What an operator's dashboard asks every few seconds is read from small indexes, however much history there is. */
export class Figures1764000000024 implements MigrationInterface {
  name = 'Figures1764000000024';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(INDEXES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const INDEXES = `
create index payout_moving on payout (state, next_try_at) where state in ('requested', 'sent', 'unknown', 'failed');
create index webhook_event_parked on webhook_event (received_at) where state = 'parked';
`;
