import { newId } from '../../src/platform/ids.js';
import type { BenchServer } from './server.js';
import { runAsAdmin } from './opened-app.js';

/** The books of a commissioner with lines on them: every other one an invoice, the others the payouts that paid them. */
export interface StatementsWorld {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly commissionerId: string;
  readonly lines: number;
}

/** The year that the lines stand in, and the day on which somebody asks. */
export const YEAR = { from: '2025-04-01', to: '2026-03-31', asked: '2026-04-02T09:00:00Z' } as const;
const CONTRACTS = 50;

const PARTIES = `
insert into organisation (id, kind, code, name, legal_form, address, postcode, registered_by, created_at)
select $1::uuid, 'commissioner', 'BUYER', 'Buyer', 'council', array['1 Street'], 'E1 6AN', null::uuid, now()
union all
select made.id(0, n), 'provider', 'SELLER' || n, 'Seller, ' || n || ' & Friends', 'charity', array['1 Street'], 'E1 6AN', $1, now()
from generate_series(1, $2::int) n`;
const CONTRACTS_OF_THEM = `
insert into contract (commissioner_id, id, provider_id, code, title, created_at)
select $1, made.id(1, n), made.id(0, n), 'SP-' || n, 'Singing', now() from generate_series(1, $2::int) n`;
const ACCOUNTS = `
insert into ledger.account (commissioner_id, kind, book, normal, strict, keyed, provider_id, contract_id)
select $1, k.kind, k.book, k.normal, k.strict, k.keyed, case when k.keyed then made.id(0, n) end, case when k.keyed then made.id(1, n) end
from ledger.chart k, generate_series(1, $2::int) n where k.keyed or n = 1`;
/** Line n is of contract n % $2; an odd one is an invoice, an even one pays the invoice before it. */
const EVENTS = `
insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, provider_id, occurred_at, recorded_at, body)
select $1, made.id(2, n), case n % 2 when 1 then 'invoice.issued' else 'payout.paid' end, made.id(3, n), $1,
       made.id(0, made.of(n, $2)), now(), now(), convert_to('{"of":"' || repeat('x', 420) || '"}', 'UTF8')
from generate_series(1, $3::int) n`;
const TRANSFERS = `
insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book, currency,
                             provider_id, effective_on)
select $1, made.id(4, n), made.id(2, n),
       ledger.account_id($1, p, c, 'GBP', case n % 2 when 1 then 'accrued' else 'in_transit' end),
       ledger.account_id($1, p, c, 'GBP', case n % 2 when 1 then 'owed' else 'rail' end), 100 + n % 5000, 'money', 'GBP', p,
       date '2025-04-01' + (365::bigint * n / ($3::int + 1))::int
from generate_series(1, $3::int) n, lateral (select made.id(0, made.of(n, $2)) as p, made.id(1, made.of(n, $2)) as c) k`;
const INVOICES = `
insert into invoice (commissioner_id, id, provider_id, contract_id, batch_id, split, kind, state, number, issued_on, received_on,
                     due_on, net_minor, vat_minor, gross_minor, document, file_id, event_id, created_at)
select $1, made.id(3, n), made.id(0, made.of(n, $2)), made.id(1, made.of(n, $2)), made.id(5, n), 'outside_scope', 'invoice',
       'issued', 'SELLER' || lpad(n::text, 8, '0'), d, d, d + 30, 100 + n % 5000, 0, 100 + n % 5000, '{}', made.id(6, n),
       made.id(2, n), now()
from generate_series(1, $3::int, 2) n, lateral (select date '2025-04-01' + (365::bigint * n / ($3::int + 1))::int as d) day`;
const PAYOUTS = `
insert into payout (commissioner_id, id, provider_id, run_id, account_id, number, reference, rail, amount_minor, state,
                    transfer_id, event_id, requested_at, sent_at, settled_at)
select $1, made.id(3, n), made.id(0, made.of(n, $2)), made.id(7, n), made.id(8, n), n, 'WP' || lpad(n::text, 8, '0'), 'stripe',
       100 + n % 5000, 'paid', 'tr_' || n, made.id(2, n), now(), now(), now()
from generate_series(2, $3::int, 2) n`;

/** As the superuser and without the checks of foreign keys: the product's own way would take an hour. */
export async function layStatements(server: BenchServer, lines: number): Promise<StatementsWorld> {
  const { adminUrl, appUrl } = await server.database();
  const commissionerId = newId();
  const all = [commissionerId, CONTRACTS, lines];
  await runAsAdmin(adminUrl, [
    ['set session_replication_role = replica'],
    ['create schema made'],
    [
      `create function made.id(what int, n bigint) returns uuid language sql immutable as
       $$ select (lpad(to_hex(what), 8, '0') || lpad(to_hex(n), 24, '0'))::uuid $$`,
    ],
    [
      `create function made.of(n bigint, contracts int) returns bigint language sql immutable as
       $$ select 1 + ((n - 1) / 2) % contracts $$`,
    ],
    [PARTIES, all.slice(0, 2)],
    [CONTRACTS_OF_THEM, all.slice(0, 2)],
    [ACCOUNTS, all.slice(0, 2)],
    [EVENTS, all],
    [TRANSFERS, all],
    [INVOICES, all],
    [PAYOUTS, all],
    ['vacuum analyze'],
  ]);
  return { adminUrl, appUrl, commissionerId, lines };
}
