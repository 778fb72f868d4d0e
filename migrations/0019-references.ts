import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** Finds things by what people call them, whoever looks: the policies then leave what is theirs. */
export class References1764000000019 implements MigrationInterface {
  name = 'References1764000000019';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(BY_REFERENCE, BY_DAY));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** Batches and payments have an index by commissioner and reference, and there are few of them. */
const BY_REFERENCE = `
create index referral_reference on referral (reference);
create index session_reference on session (reference) where reference is not null;
create index claim_your_reference on claim (your_reference) where your_reference is not null;
create index invoice_number on invoice (number) where number is not null;
create index invoice_own_number on invoice (own_number) where own_number is not null;
`;

/** Events are recorded in about the order of their days, so that a few pages of index tell where a day begins. */
const BY_DAY = `
create index event_recorded on ledger.event using brin (recorded_at) with (pages_per_range = 32);
`;
