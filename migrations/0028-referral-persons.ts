import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/** The referrals of a person, whose claims a cap by person counts together. */
export class ReferralPersons1764000000028 implements MigrationInterface {
  name = 'ReferralPersons1764000000028';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = '(commissioner_id, person_id)';
    await createIndexConcurrently(runner, { name: 'referral_person', table: 'public.referral', on });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
