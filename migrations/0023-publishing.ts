import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** Why nothing is signed of a log, who else signed its checkpoints, and what each command recorded, for its receipt. */
export class Publishing1764000000023 implements MigrationInterface {
  name = 'Publishing1764000000023';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, POLICIES, RECORDED));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** A log that is not listed is signed. Signatures under a checkpoint are added by witnesses, and by a key that came later. */
const TABLES = `
create table ledger.log_hold (
  log_id uuid primary key,
  code   text not null check (code in ('behind_published', 'differs_from_published', 'published_missing',
    'published_unreadable', 'store_unreachable', 'differs_from_signed', 'key_unknown', 'behind_witness',
    'differs_from_witness')),
  since  timestamptz not null
);

create table ledger.added_signature (
  log_id   uuid not null,
  size     bigint not null,
  signer   text not null, -- name and id of the key: nobody signs twice
  line     text not null constraint added_signature_line check (line like '— %' and position(e'\\n' in line) = length(line)),
  added_at timestamptz not null,
  primary key (log_id, size, signer),
  foreign key (log_id, size) references ledger.checkpoint
);
create trigger append_only before update or delete on ledger.added_signature
  for each row execute function ledger.refuse_change();
create trigger append_only_all before truncate on ledger.added_signature
  for each statement execute function ledger.refuse_change();
`;

const POLICIES = `
${['log_hold', 'added_signature']
  .map(
    (table) => `
alter table ledger.${table} enable row level security, force row level security;
create policy sealer on ledger.${table} to wp_sealer using (true) with check (true);`,
  )
  .join('')}
grant select, insert, update (code, since), delete on ledger.log_hold to wp_sealer;
grant select, insert on ledger.added_signature to wp_sealer;
`;

/** A command that is repeated has the receipt of the first time. Null of commands from before there were receipts. */
const RECORDED = `
alter table idempotency add column recorded json;
grant update (recorded) on idempotency to wp_commissioner, wp_provider, wp_referrer, wp_intake;
`;
