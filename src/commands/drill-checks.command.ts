import type { INestApplicationContext } from '@nestjs/common';
import { LiveVerifier, type LiveLogVerdict, type LiveVerdict } from '../assurance/index.js';
import type { HeldNote } from '../audit/index.js';
import { Database } from '../platform/database.js';
import { findMissingGuards } from '../platform/database-guards.js';
import { type Ask, findNakedTables, findWrongRoles } from '../platform/database-security.js';
import { findMissingMigrations } from '../platform/migrate.js';
import { PersonVault, type SealedPerson } from '../referrals/index.js';
import { CheckpointStore, LogKeys } from '../sealing/index.js';

/** One line of a drill: `look` is nothing wrong, but to be done by a person before workers start. */
export interface DrillFinding {
  readonly check: 'migrations' | 'security' | 'books' | 'published' | 'payouts' | 'sums' | 'keys' | 'reading';
  readonly is: 'well' | 'look' | 'wrong';
  readonly says: string;
  /** What to do. */
  readonly mend?: string;
}

/** What can be asked of the catalogue alone, before anything of the product can run on the database. */
export async function checkShape(client: {
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
}): Promise<DrillFinding[]> {
  const ask: Ask = async <Row>(sql: string, parameters?: unknown[]) =>
    (await client.query(sql, parameters)).rows as Row[];
  const [list] = await ask<{ isThere: boolean }>(`select to_regclass('public.migrations') is not null as "isThere"`);
  const ran = list?.isThere ? await ask<{ name: string }>('select name from public.migrations') : [];
  const missing = findMissingMigrations(ran.map(({ name }) => name));
  const naked = await findNakedTables(ask);
  const roles = await findWrongRoles(ask);
  const guards = missing.length === 0 ? await findMissingGuards(ask) : [];
  return [
    missing.length === 0
      ? { check: 'migrations', is: 'well', says: 'the database is at this version' }
      : wrong('migrations', `did not run: ${missing.join(', ')}`, 'Run "wellpaid migrate" on it, and drill again.'),
    ...roles.map(({ role, wrong: what }) =>
      wrong('security', `the role ${role} ${what}`, 'Restore roles as well: a base backup has them, pg_dump does not.'),
    ),
    ...naked.map((table) =>
      wrong('security', `${table} has no policy in force`, 'Serve nobody from it. Restore from another backup.'),
    ),
    ...guards.map(({ kind, name, table }) =>
      wrong(
        'security',
        `${kind} ${name} of ${table} is not in force`,
        'Serve nobody from it. Restore from another backup.',
      ),
    ),
    ...(roles.length + naked.length + guards.length === 0
      ? [
          {
            check: 'security',
            is: 'well',
            says: 'roles, row-level security, policies and triggers are in force',
          } as const,
        ]
      : []),
  ];
}

/** What is asked of the books, under the scopes that the product has. */
export async function checkBooks(app: INestApplicationContext, held: readonly HeldNote[]): Promise<DrillFinding[]> {
  const verdict = await app.get(LiveVerifier).verify({ held });
  const commissioners = await commissionersOf(app.get(Database));
  const sums: DrillFinding[] = [];
  for (const one of commissioners) sums.push(...(await sumsOf(app.get(Database), one)));
  return [
    ...booksOf(verdict),
    ...verdict.logs.flatMap((log) => standing(log, app.get(CheckpointStore).isConfigured)),
    ...(await keysOf(app, verdict.logs, commissioners)),
    ...sums,
  ];
}

/** What is told of a log that is shorter, or another, is told once: in how it stands to what is outside. */
const OUTSIDE = ['behind_held', 'held_differs'];

function booksOf({ logs, broken }: LiveVerdict): DrillFinding[] {
  const inside = logs.flatMap(({ origin, findings }) =>
    findings
      .filter(({ code }) => !OUTSIDE.includes(code))
      .map(({ code, what }) =>
        wrong('books', `${code} in ${origin}: ${what}`, 'Keep this copy. See "When a log is not signed".'),
      ),
  );
  const untrue = broken.map(({ sentence, violations }) =>
    wrong('books', `not true, ${violations} times: ${sentence}`, 'Restore from another backup, and compare.'),
  );
  if (inside.length + untrue.length > 0) return [...inside, ...untrue];
  const events = logs.slice(0, -1).reduce((sum, { size }) => sum + size, 0);
  return [{ check: 'books', is: 'well', says: `${events} sealed events, their signatures and every table agree` }];
}

function standing({ origin, size, publishedSize, findings }: LiveLogVerdict, hasStore: boolean): DrillFinding[] {
  const outside = findings
    .filter(({ code, what }) => OUTSIDE.includes(code) && !(code === 'behind_held' && what.startsWith(PUBLISHED)))
    .map(({ code, what }) =>
      code === 'held_differs'
        ? wrong(
            'published',
            `${origin} is a fork: ${what}`,
            'Stop this copy: another one has gone on, or it was changed.',
          )
        : wrong('published', `${origin}: ${what}`, BEHIND_HELD),
    );
  if (!hasStore)
    return [
      ...outside,
      look('published', `${origin}: nothing is published`, 'Set CHECKPOINT_STORE_DIR: it shows what is lost.'),
    ];
  if (publishedSize === null)
    return [
      ...outside,
      look('published', `${origin}: nothing is published of it`, 'Look whether it is the right folder.'),
    ];
  if (publishedSize > size)
    return [
      ...outside,
      wrong(
        'published',
        `${origin} is behind by ${publishedSize - size}: its workers will sign and pay nothing`,
        BEHIND,
      ),
    ];
  if (outside.length > 0) return outside;
  const ahead =
    size > publishedSize ? `ahead of what is published by ${size - publishedSize}` : 'equal to what is published';
  return [{ check: 'published', is: 'well', says: `${origin}: ${size}, ${ahead}` }];
}

/** What the verifier calls what is published; how far behind that a log is, is said with a number. */
const PUBLISHED = 'What is published ';

const BEHIND_HELD =
  'Restore WAL up to its end. Only what is published in CHECKPOINT_STORE_DIR holds payouts back: start no worker.';

const BEHIND =
  'Restore WAL up to its end. While it is behind, it is held: nothing is signed of it, and nothing is paid. Never restore the folder.';

interface Commissioner {
  readonly id: string;
  readonly code: string;
}

function commissionersOf(database: Database): Promise<Commissioner[]> {
  return database.read({ side: 'auth', orgId: null }, (reader) =>
    reader.query<Commissioner>(`select id, code from organisation where kind = 'commissioner' order by code`),
  );
}

const SUMS = `
select (select count(*) from ledger.event where commissioner_id = $1) as events,
  (select count(*) from ledger.transfer where commissioner_id = $1) as transfers,
  (select coalesce(sum(amount_minor), 0)::text from ledger.transfer where commissioner_id = $1) as "movedMinor",
  (select coalesce(sum(amount_minor), 0)::text from payout where commissioner_id = $1 and state = 'paid') as "paidMinor"`;

const UNDER_WAY = `
select reference, rail, state, amount_minor as "amountMinor" from payout
where commissioner_id = $1 and state in ('requested', 'sent', 'unknown') order by requested_at, id`;

type Sums = Record<'events' | 'transfers', bigint> & Record<'movedMinor' | 'paidMinor', string>;

interface UnderWay {
  readonly reference: string;
  readonly rail: string;
  readonly state: string;
  readonly amountMinor: bigint;
}

async function sumsOf(database: Database, { id, code }: Commissioner): Promise<DrillFinding[]> {
  const [sums, payouts] = await database.read({ side: 'commissioner', orgId: id }, async (reader) => [
    await reader.query<Sums>(SUMS, [id]),
    await reader.query<UnderWay>(UNDER_WAY, [id]),
  ]);
  return [
    ...sums.map(({ events, transfers, movedMinor, paidMinor }): DrillFinding => ({
      check: 'sums',
      is: 'well',
      says: `${code}: ${events} events, ${transfers} transfers of ${movedMinor} minor units, ${paidMinor} of them paid out`,
    })),
    ...payouts.map(({ reference, rail, state, amountMinor }) =>
      look(
        'payouts',
        `${code} ${reference}: ${state}, ${amountMinor} minor units by ${rail}`,
        rail === 'stripe'
          ? 'Look at Stripe before workers start: it may have been sent after this backup was made.'
          : 'Look at the bank statement before it is entered again.',
      ),
    ),
    ...(payouts.length === 0
      ? [{ check: 'payouts', is: 'well', says: `${code}: none was under way when this backup was made` } as const]
      : []),
  ];
}

const NEWEST_NOTE = `select note from ledger.checkpoint where log_id = $1 and note is not null order by size desc limit 1`;

const ONE_PERSON = `
select k.person_id as "personId", k.version, k.wrapped, v.sealed from person_key k
join person_vault v on v.commissioner_id = k.commissioner_id and v.person_id = k.person_id and v.kind = 'identity'
where k.commissioner_id = $1 limit 1`;

async function keysOf(
  app: INestApplicationContext,
  logs: readonly LiveLogVerdict[],
  commissioners: readonly Commissioner[],
): Promise<DrillFinding[]> {
  const [database, logKeys, vault] = [app.get(Database), app.get(LogKeys), app.get(PersonVault)];
  const findings: DrillFinding[] = [];
  let [notes, vaults] = [0, 0];
  for (const { logId, origin } of logs.filter((one) => one.signedSize > 0)) {
    const [newest] = await database.read({ side: 'sealer', orgId: null }, (reader) =>
      reader.query<{ note: string }>(NEWEST_NOTE, [logId]),
    );
    if (newest) notes++;
    if (newest && !logKeys.open(logId, newest.note))
      findings.push(
        wrong('keys', `CHECKPOINT_KEY has not signed ${origin}`, 'Set the key that did: "new,old" after a change.'),
      );
  }
  for (const { id, code } of commissioners) {
    const [person] = await database.read({ side: 'commissioner', orgId: id }, (reader) =>
      reader.query<SealedPerson & { personId: string }>(ONE_PERSON, [id]),
    );
    if (person) vaults++;
    if (person && !opens(vault, id, person))
      findings.push(
        wrong(
          'keys',
          `PSEUDONYM_KEY does not open the vault of ${code}`,
          'Set the key that this database was used with.',
        ),
      );
  }
  if (findings.length > 0) return findings;
  return [
    {
      check: 'keys',
      is: 'well',
      says: `they have signed the newest checkpoint of ${notes} logs and open ${vaults} vaults`,
    },
  ];
}

function opens(vault: PersonVault, commissionerId: string, person: SealedPerson & { personId: string }): boolean {
  try {
    vault.open(commissionerId, person.personId, person);
    return true;
  } catch {
    return false;
  }
}

function wrong(check: DrillFinding['check'], says: string, mend: string): DrillFinding {
  return { check, is: 'wrong', says, mend };
}

function look(check: DrillFinding['check'], says: string, mend: string): DrillFinding {
  return { check, is: 'look', says, mend };
}
