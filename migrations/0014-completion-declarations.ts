import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** A provider's word that all of a month is claimed and can be reviewed; and withdrawing a claim that was asked about. */
export class CompletionDeclarations1764000000014 implements MigrationInterface {
  name = 'CompletionDeclarations1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLE, tenancy('completion_declaration', GRANTS), WITHDRAWING));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLE = `
create table completion_declaration (
  commissioner_id  uuid not null,
  id               uuid not null,
  provider_id      uuid not null,
  contract_id      uuid not null,
  code             text not null,
  period           date not null check (extract(day from period) = 1),
  claim_count      integer not null check (claim_count > 0),
  flagged_count    integer not null check (flagged_count between 0 and claim_count),
  total_minor      bigint not null,
  indicative_minor bigint not null,
  declared_at      timestamptz not null,
  declared_by      uuid,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id)
);
create unique index completion_code_taken on completion_declaration (commissioner_id, code);
create index completion_contract on completion_declaration (commissioner_id, contract_id, period);
create index completion_provider on completion_declaration (provider_id, id);
`;

const GRANTS = { commissioner: 'select', provider: 'select, insert' };

// A provider that withdraws a claim closes what was asked about it.
const WITHDRAWING = 'grant update (closed_at) on claim_query to wp_provider;';
