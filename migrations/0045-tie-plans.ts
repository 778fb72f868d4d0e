import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * What the rows of a statement name is looked up by keys under one plan, and so is the tally that they are counted in. Where
 * a statement names one contract, as each lot of single claims does, looking it up was planned anew each time, which took
 * longer than the looking. What is checked is unchanged.
 */
export class TiePlans1764000000045 implements MigrationInterface {
  name = 'TiePlans1764000000045';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(...FUNCTIONS.map(plannedOnce)));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const FUNCTIONS = [
  'session_is_tied',
  'attendance_is_tied',
  'claim_file_row_is_tied',
  'claim_is_tied',
  'claim_query_is_tied',
  'tally_claims',
];

/** By keys, whatever is known of the tables. */
function plannedOnce(name: string): string {
  return `alter function ${name}() set plan_cache_mode = force_generic_plan set enable_seqscan = off;`;
}
