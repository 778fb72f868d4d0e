import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { SUMS_OF_CLAIMS } from '../../src/batches/batches.queries.js';
import { agreement } from '../support/agreement.js';
import { commissioner, type Party, registered } from '../support/world.js';
import { openRoutes, refer } from './claims-stage.js';
import type { BenchServer } from './server.js';

/** A batch that waits for approval, as its approver has read it. */
export interface WaitingBatch {
  readonly id: string;
  readonly digest: string;
}

/** Somebody who may approve what waits at one commissioner. */
export interface Desk {
  readonly commissionerId: string;
  readonly approverId: string;
  readonly batches: readonly WaitingBatch[];
}

export interface CloseWorld {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly desks: readonly Desk[];
}

interface Template {
  readonly commissionerId: string;
  readonly approverId: string;
}

const CARD = { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 60 } };
const PERIOD = '2026-09';

/**
 * A month that waits for approval: batches of equal size, each of a provider and a contract of its own, shared out among
 * commissioners. One batch of each commissioner is claimed by a file and submitted through the routes; the others are its copies,
 * made within the database: every row that belongs to its provider or its contract once more, under ids of its own.
 */
export async function layClose(
  server: BenchServer,
  { commissioners, batches, claims }: { commissioners: number; batches: number; claims: number },
): Promise<CloseWorld> {
  const { adminUrl, appUrl } = await server.database();
  const app = await openRoutes(adminUrl, appUrl, '2026-10-05T09:00:00Z');
  const templates: Template[] = [];
  try {
    for (let count = 1; count <= commissioners; count++) {
      const icb = await commissioner(app, `ICB${count}`);
      const choir = await registered(app, icb, 'provider', `P${count}`);
      const deal = await agreement(icb, choir, { code: 'SP-T', serviceCode: 'SING', card: CARD });
      const references = Array.from({ length: claims }, (_, index) => `R-${index + 1}`);
      await refer(app.admin, icb, choir, deal, references, '2026-04-01');
      await claimAndSubmit(icb, choir, references);
      templates.push({ commissionerId: icb.id, approverId: (await icb.as('approver')).memberId });
    }
    await multiply(app.admin, Math.floor(batches / commissioners) - 1);
    return { adminUrl, appUrl, desks: await desksOf(app.admin, templates) };
  } finally {
    await app.close();
  }
}

async function claimAndSubmit(icb: Party, choir: Party, references: readonly string[]): Promise<void> {
  const { api } = await choir.as('coordinator');
  const lines = references.map(
    (reference, index) => `${reference},SING,${String(1 + (index % 28)).padStart(2, '0')}/09/2026`,
  );
  const rows = lines.map((line, index) => `${line},${9 + (index % 8)}:00,60,attended,R-${index}`);
  const text = ['referral,service,date,start,minutes,outcome,your reference', ...rows].join('\r\n');
  const { body } = await api.post<{ accepted: number }>('/v1/claim-files?contract=SP-T', text);
  if (body.accepted !== references.length) throw new Error(`Not all was claimed: ${JSON.stringify(body)}`);
  const { api: manager } = await icb.as('contract_manager');
  await manager.post('/v1/batches', { contract: 'SP-T', period: PERIOD });
}

/** In the order in which the product writes them. Accounts, balances and transfers are found by what they are, not by an id. */
const COPIED = [
  'organisation',
  'service',
  'contract',
  'contract_version',
  'rate_card',
  'budget_change',
  'referral',
  'session',
  'attendance',
  'claim_file',
  'batch',
  'claim',
  'ledger.event',
  'ledger.account',
] as const;

/** What must differ between copies beside the ids. */
const OWN: Readonly<Record<string, string>> = {
  'organisation.code': `t.code || lpad(n::text, 5, '0')`,
  'contract.code': `'SP-' || n`,
  'batch.code': `replace(t.code, 'SP-T', 'SP-' || n)`,
  // The people of the first batch of each commissioner come to all of its providers.
  'referral.person_id': 't.person_id',
  'ledger.event.body': 'made.body(t.body, n)',
};

const WHICH: Readonly<Record<string, string>> = {
  organisation: `t.kind = 'provider'`,
  'ledger.event': 't.provider_id is not null',
  'ledger.account': 't.keyed',
};

const BALANCES = `
insert into ledger.balance (commissioner_id, account_id, normal, strict, provider_id, debits_minor, credits_minor)
select b.commissioner_id, ledger.account_id(a.commissioner_id, made.id(a.provider_id, n), made.id(a.contract_id, n), 'GBP', a.kind),
       b.normal, b.strict, made.id(b.provider_id, n), b.debits_minor, b.credits_minor
from ledger.balance b join ledger.account a on a.commissioner_id = b.commissioner_id and a.id = b.account_id and a.keyed,
     generate_series(1, $1::int) n`;

const SIDE = (alias: string) =>
  `ledger.account_id(${alias}.commissioner_id, made.id(${alias}.provider_id, n), made.id(${alias}.contract_id, n), 'GBP', ${alias}.kind)`;

const TRANSFERS = `
insert into ledger.transfer (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book, currency,
                             provider_id, effective_on)
select t.commissioner_id, made.id(t.id, n), made.id(t.event_id, n), ${SIDE('d')}, ${SIDE('c')}, t.amount_minor, t.book, t.currency,
       made.id(t.provider_id, n), t.effective_on
from ledger.transfer t
join ledger.account d on d.commissioner_id = t.commissioner_id and d.id = t.debit_account_id
join ledger.account c on c.commissioner_id = t.commissioner_id and c.id = t.credit_account_id,
     generate_series(1, $1::int) n order by n`;

/** The digest that an approver reads, over the copies' own leaf hashes. */
const DIGESTS = `
update batch b set digest = s.digest
from (select c.commissioner_id, c.batch_id, ${SUMS_OF_CLAIMS}
      from claim c join ledger.event e on e.commissioner_id = c.commissioner_id and e.id = c.event_id
      where c.batch_id is not null group by c.commissioner_id, c.batch_id) s
where b.commissioner_id = s.commissioner_id and b.id = s.batch_id`;

/** As the superuser and without the checks of foreign keys; balances and transfers before accounts, which they look at. */
async function multiply(admin: pg.Client, copies: number): Promise<void> {
  const { rows } = await admin.query<{ id: string }>(
    `select id from organisation where kind = 'commissioner' union all select id from member`,
  );
  const kept = rows.map(({ id }) => id);
  await admin.query('begin; set local session_replication_role = replica; create schema made');
  await admin.query(`
create function made.id(id uuid, n int) returns uuid language sql immutable as
$$ select case when id = any ('{${kept.join(',')}}'::uuid[]) then id else (lpad(to_hex(n), 5, '0') || right(id::text, 31))::uuid end $$;
create function made.body(body bytea, n int) returns bytea language sql immutable as
$$ select convert_to(regexp_replace(convert_from(body, 'UTF8'),
     '"(?!${kept.join('|')})[0-9a-f]{5}([0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"',
     '"' || lpad(to_hex(n), 5, '0') || '\\1"', 'g'), 'UTF8') $$`);
  await admin.query(BALANCES, [copies]);
  await admin.query(TRANSFERS, [copies]);
  for (const table of COPIED) await copy(admin, table, copies);
  await admin.query(DIGESTS);
  await admin.query('commit');
  await admin.query('vacuum analyze');
}

async function copy(admin: pg.Client, table: (typeof COPIED)[number], copies: number): Promise<void> {
  const { rows: columns } = await admin.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
       and atttypid <> 'xid8'::regtype order by attnum`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  const values = columns.map(({ name, type }) => {
    return OWN[`${table}.${name}`] ?? (type === 'uuid' ? `made.id(t.${name}, n)` : `t.${name}`);
  });
  await admin.query(
    `insert into ${table} (${names.join(', ')})
     select ${values.join(', ')} from ${table} t, generate_series(1, $1::int) n
     where ${WHICH[table] ?? 'true'} order by n, t.${names.includes('id') ? 'id' : names[0]}`,
    [copies],
  );
}

async function desksOf(admin: pg.Client, templates: readonly Template[]): Promise<Desk[]> {
  const { rows } = await admin.query<WaitingBatch & { commissionerId: string }>(
    `select id, encode(digest, 'hex') as digest, commissioner_id as "commissionerId" from batch where state = 'submitted' order by id`,
  );
  return templates.map((template) => {
    const batches = rows.filter(({ commissionerId }) => commissionerId === template.commissionerId);
    return { ...template, batches };
  });
}

/** What the background has left to do of a world that was laid without it: people to be kept apart, and events to seal. */
const LEFT = `
select (select count(*) from person where commitment is null)::int
     + ((select count(*) from ledger.event) - (select coalesce(sum(h.size), 0) from ledger.log_head h
                                                join organisation o on o.id = h.log_id))::int as left`;

/** Waits until the background has caught up with the world, so that what is measured afterwards is the close alone. */
export async function caughtUp(admin: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await admin.query<{ left: number }>(LEFT);
    if (rows[0]?.left === 0) return;
    await sleep(200);
  }
}
