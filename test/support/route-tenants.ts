import type { TestApp } from './app.js';
import type { Objects } from './route-request.js';
import { UUIDS } from './ids.js';
import type { Dealing, IsolationWorld } from './route-world.js';
import { TABLES } from './table-catalogue.js';
import type { Party } from './world.js';

/** Words of a route that are not the name of a table. */
const TABLE_OF_KIND: Record<string, string> = {
  key: 'api_key',
  fund: 'funding',
  query: 'claim_query',
  run: 'payment_run',
};
/** A route that takes the id of any of several things. */
const ANY_OF_KIND: Record<string, string> = { trace: 'referral' };
/** The register of organisations is the same for everybody: naming one as a partner is not reaching into it. */
export const REFERENCE_KINDS: ReadonlySet<string> = new Set(['commissioner', 'provider', 'referrer']);

/** Whose things a request names. */
export interface Holder {
  dealing: Dealing;
  /** Whose members, keys and invitations. */
  organisation: Party;
  /** Whose referrals; null for those that the commissioner made. */
  referrer: Party | null;
}

/** Looks up the ids of what somebody holds, kind by kind, as a superuser: every table has a kind. */
export async function objectsOf(app: TestApp, holder: Holder): Promise<Objects> {
  const { dealing, organisation, referrer } = holder;
  const ids = new Map<string, string>([
    ['commissioner', dealing.commissioner.id],
    ['provider', dealing.provider.id],
    ...(referrer ? [['referrer', referrer.id] as const] : []),
  ]);
  const { rows: tables } = await app.admin.query<{ name: string; columns: string[] }>(
    `select c.table_schema || '.' || c.table_name as name, array_agg(c.column_name::text) as columns
     from information_schema.columns c where c.table_schema in ('public', 'ledger') group by 1`,
  );
  for (const { name, columns } of tables) {
    if (!columns.includes('id') || !Object.values(TABLES).flat().includes(name)) continue;
    const conditions = conditionsOn(columns, holder);
    if (conditions.length === 0) continue;
    const { rows } = await app.admin.query<{ id: string }>(
      `select id::text as id from ${name} where ${conditions.map(({ sql }, at) => sql(at + 1)).join(' and ')}
       order by id desc limit 1`,
      conditions.map(({ value }) => value),
    );
    if (rows[0]) ids.set(name.replace(/^\w+\./, ''), rows[0].id);
  }
  // Not the latest: what a service has around it, that of the dealing has.
  ids.set('service', dealing.agreement.serviceId);
  ids.set('organisation', await registeredOrSelf(app, organisation));
  ids.set('event', await firstEvent(app, holder));
  ids.set('text', await questionEvent(app, holder));
  const codes = new Map([
    ['service', dealing.agreement.serviceCode],
    ['contract', dealing.agreement.contractCode],
    ['referral', dealing.referral],
    ['commissioner', dealing.commissioner.code],
    ['provider', dealing.provider.code],
  ]);
  return {
    id: (kind) => ids.get(TABLE_OF_KIND[kind] ?? ANY_OF_KIND[kind] ?? kind),
    code: (kind) => codes.get(kind),
  };
}

/** The oldest event that names them: one that is sealed by now. */
async function firstEvent(app: TestApp, { dealing, referrer }: Holder): Promise<string> {
  const [column, party] = referrer ? ['referrer_id', referrer] : ['provider_id', dealing.provider];
  const { rows } = await app.admin.query<{ id: string }>(
    `select id from ledger.event where commissioner_id = $1 and ${column} = $2 order by seq limit 1`,
    [dealing.commissioner.id, party.id],
  );
  return rows[0]?.id ?? '';
}

/** The latest event that binds a question about a claim. */
async function questionEvent(app: TestApp, { dealing }: Holder): Promise<string> {
  const { rows } = await app.admin.query<{ id: string }>(
    `select id from ledger.event where commissioner_id = $1 and provider_id = $2 and type = 'claim.queried'
     order by seq desc limit 1`,
    [dealing.commissioner.id, dealing.provider.id],
  );
  return rows[0]?.id ?? '';
}

/** An organisation that somebody may look after: one that it registered, or itself. */
async function registeredOrSelf(app: TestApp, { id }: Party): Promise<string> {
  const { rows } = await app.admin.query<{ id: string }>(
    'select id from organisation where registered_by = $1 order by id desc limit 1',
    [id],
  );
  return rows[0]?.id ?? id;
}

interface Condition {
  sql: (parameter: number) => string;
  value: string | null;
}

function conditionsOn(columns: string[], { dealing, organisation, referrer }: Holder): Condition[] {
  const equal = (column: string, value: string | null): Condition[] =>
    columns.includes(column) ? [{ sql: (at) => `${column} is not distinct from $${at}::uuid`, value }] : [];
  if (!columns.includes('commissioner_id')) {
    return columns.includes('invited_by')
      ? equal('invited_by', organisation.id)
      : equal('organisation_id', organisation.id);
  }
  return [
    ...equal('commissioner_id', dealing.commissioner.id),
    ...equal('provider_id', dealing.provider.id),
    ...equal('referrer_id', columns.includes('person_id') ? (referrer?.id ?? null) : null),
  ];
}

/** What an organisation must not see or change: rows that do not name it, and rows of commissioners it has no part in. */
export interface Foreign {
  /** Ids that occur only in such rows. */
  ids: ReadonlySet<string>;
  markers: readonly string[];
}

/**
 * Rows that come and go while nobody acts: of jobs, of notices, of what the payment platform announces, and of the sealer,
 * which hashes whatever anybody does.
 */
const PASSING = new Set([
  'public.outbox',
  'public.dead_letter',
  'public.webhook_event',
  'public.notice',
  'public.noticed_event',
  'public.claim_reminder_day',
  'ledger.added_signature',
  'ledger.checkpoint',
  'ledger.log_head',
  'ledger.log_hold',
  'ledger.platform_entry',
  'ledger.seal_cursor',
  'ledger.tile',
]);

export async function foreignTo(app: TestApp, world: IsolationWorld, attacker: Party): Promise<Foreign> {
  const known = new Set<string>();
  const hidden = new Set<string>();
  for (const { table, row, foreign } of await rowsSeenBy(app, attacker)) {
    const shown = !foreign || TABLES.R.includes(table);
    for (const id of row.match(UUIDS) ?? []) (shown ? known : hidden).add(id);
  }
  for (const id of await publishedServices(app)) known.add(id);
  for (const id of await platformLog(app)) known.add(id);
  const ids = new Set([...hidden].filter((id) => !known.has(id)));
  const markers = world.marks.filter(({ orgIds }) => !orgIds.includes(attacker.id)).map(({ marker }) => marker);
  return { ids, markers };
}

/** Services that anybody may know of. */
async function publishedServices(app: TestApp): Promise<string[]> {
  const { rows } = await app.admin.query<{ id: string }>('select service_id as id from service_listing where listed');
  return rows.map(({ id }) => id);
}

/** The log that is nobody's own: its checkpoint is printed on what everybody is given. */
async function platformLog(app: TestApp): Promise<string[]> {
  const { rows } = await app.admin.query<{ id: string }>('select platform_log_id as id from ledger.seal_cursor');
  return rows.map(({ id }) => id);
}

/** Every row that is foreign to an organisation, as text: the same before and after whatever it tried. */
export async function foreignRows(app: TestApp, attacker: Party): Promise<Set<string>> {
  const rows = await rowsSeenBy(app, attacker);
  return new Set(rows.filter(({ foreign }) => foreign).map(({ table, row }) => `${table} ${row}`));
}

/** The rows that are in one of the sets only, shortened. */
export function changesBetween(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  const short = (row: string) => row.replace(/"body": "(?:[^"\\]|\\.)*",? ?/g, '').slice(0, 600);
  return [
    ...[...before].filter((row) => !after.has(row)).map((row) => `gone: ${short(row)}`),
    ...[...after].filter((row) => !before.has(row)).map((row) => `new: ${short(row)}`),
  ];
}

/** Itself, the commissioner that registered it, and those that have a contract with it, made during an attack or not. */
async function partnersOf(app: TestApp, { organisation }: Party): Promise<ReadonlySet<string>> {
  const { rows } = await app.admin.query<{ id: string }>(
    'select distinct commissioner_id as id from contract where provider_id = $1',
    [organisation.id],
  );
  return new Set([organisation.id, organisation.registeredBy ?? organisation.id, ...rows.map(({ id }) => id)]);
}

/** What tells whose a row is, where the row alone does not. */
const MORE_OF_A_ROW: Record<string, string> = {
  // The bytes of an event are its body: they are part of what its parties may see.
  'ledger.event': `|| jsonb_build_object('body', convert_from(x.body, 'UTF8'))`,
  // Whoever refers somebody new brings the key and the ciphertext, and can read neither.
  'public.person_key': `|| jsonb_build_object('owner', (select owner_org_id from person p where p.id = x.person_id))`,
  'public.person_vault': `|| jsonb_build_object('owner', (select owner_org_id from person p where p.id = x.person_id))`,
};

async function rowsSeenBy(app: TestApp, attacker: Party): Promise<{ table: string; row: string; foreign: boolean }[]> {
  const partners = await partnersOf(app, attacker);
  const found: { table: string; row: string; foreign: boolean }[] = [];
  for (const table of [...TABLES.T, ...TABLES.R, ...TABLES.P].filter((name) => !PASSING.has(name))) {
    const more = MORE_OF_A_ROW[table] ?? '';
    const { rows } = await app.admin.query<{ row: string; commissioner: string | null }>(
      `select t.row::text as row, t.row ->> 'commissioner_id' as commissioner
       from (select to_jsonb(x) ${more} as row from ${table} x) t order by 1`,
    );
    for (const { row, commissioner } of rows) {
      const own = row.includes(attacker.id) && (commissioner === null || partners.has(commissioner));
      found.push({ table, row, foreign: !own });
    }
  }
  return found;
}
