import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/**
 * Events that somebody is told of, by the time at which they were recorded, each with its key: the news of a commissioner is found
 * in the index alone, however much there is of others and of its own past.
 */
export class UntoldNews1764000000055 implements MigrationInterface {
  name = 'UntoldNews1764000000055';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = `(recorded_at, commissioner_id, id) where type in (${NEWS})`;
    await createIndexConcurrently(runner, { name: 'event_news', table: 'ledger.event', on });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** As migration 0013 has them. */
const NEWS = `'referral.made', 'claim.queried', 'claim.rejected', 'batch.submitted', 'payout.paid',
  'payout_account.change_proposed', 'payout_account.change_confirmed', 'payout_account.change_cancelled',
  'payout_account.change_applied'`;
