import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * What people write freely is bound to its event by a salted commitment, so that it can go: the salt stands beside the text,
 * and both go together. A question, an answer and a reason may be missing from now on, where they were erased.
 */
export class TextSalts1764000000037 implements MigrationInterface {
  name = 'TextSalts1764000000037';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(SALTS, MAY_BE_GONE, GRANTS));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** Why an advance was declined was thrown away; a commitment to what nobody has would show nothing. */
const SALTS = `
alter table claim         add column reject_reason_salt bytea check (octet_length(reject_reason_salt) = 32);
alter table claim_query   add column question_salt bytea check (octet_length(question_salt) = 32),
                          add column answer_salt bytea check (octet_length(answer_salt) = 32);
alter table batch         add column reject_reason_salt bytea check (octet_length(reject_reason_salt) = 32),
                          add column flags_reason_salt bytea check (octet_length(flags_reason_salt) = 32);
alter table budget_change add column reason_salt bytea check (octet_length(reason_salt) = 32);
alter table advance       add column reason_salt bytea check (octet_length(reason_salt) = 32),
                          add column decline_reason text check (length(decline_reason) between 2 and 300),
                          add column decline_reason_salt bytea check (octet_length(decline_reason_salt) = 32);
`;

/** The first unnamed check of a query said that it has an answer when it was answered. */
const MAY_BE_GONE = `
alter table claim_query alter column question drop not null,
                        drop constraint claim_query_check,
                        add constraint claim_query_answered check (answer is null or answered_at is not null) not valid;
alter table advance alter column reason drop not null;
`;

/** Only the commissioner, which is the controller, can make a text go. */
const GRANTS = `
grant update (reject_reason_salt) on claim to wp_commissioner;
grant update (question, question_salt, answer, answer_salt) on claim_query to wp_commissioner;
grant update (answer_salt) on claim_query to wp_provider;
grant update (reject_reason_salt, flags_reason_salt) on batch to wp_commissioner;
grant update (reason, reason_salt) on budget_change to wp_commissioner;
grant update (reason, reason_salt, decline_reason, decline_reason_salt) on advance to wp_commissioner;
`;
