import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './concurrent-index.js';

/** What a person attended by day: whether there was more than one session of a service. */
export class AttendanceDays1764000000027 implements MigrationInterface {
  name = 'AttendanceDays1764000000027';
  transaction = false as const;

  async up(runner: QueryRunner): Promise<void> {
    const on = '(commissioner_id, referral_id, held_on)';
    await createIndexConcurrently(runner, { name: 'attendance_referral_day', table: 'public.attendance', on });
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
