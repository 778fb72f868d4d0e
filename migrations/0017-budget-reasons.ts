import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** Why a budget was changed, in the words of whoever decided it. */
export class BudgetReasons1764000000017 implements MigrationInterface {
  name = 'BudgetReasons1764000000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      asOwner('alter table budget_change add column reason text check (length(reason) between 2 and 300);'),
    );
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}
