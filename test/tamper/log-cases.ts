import type { TamperCase } from './column-cases.js';
import type { Forger } from './forged-log.js';
import { BACKUP } from './played-month.js';
import type { Superuser } from './superuser.js';

/** What is done about the log once its events have been changed. */
type Cover = 'as it is' | 'its hash' | 'its hash and its tile' | 'sealed again' | 'sealed and signed again';

interface Target {
  readonly id: string;
  readonly type: string;
}

interface Deed {
  readonly name: string;
  readonly covers: readonly Cover[];
  /** Changes rows of the journal; gives the order of the log from then on, where it is another. */
  readonly run: (
    superuser: Superuser,
    target: Target,
    order: readonly string[],
  ) => Promise<readonly string[] | undefined>;
}

const ALL: readonly Cover[] = [
  'as it is',
  'its hash',
  'its hash and its tile',
  'sealed again',
  'sealed and signed again',
];
const RESEALED: readonly Cover[] = ['as it is', 'sealed again', 'sealed and signed again'];

/** A digit of what happened is another one, in the bytes that are hashed. */
const FALSIFY = `
update ledger.event set body = convert_to(regexp_replace(convert_from(body, 'UTF8'), '("occurredAt":"20)2', '\\13'), 'UTF8'),
  occurred_at = occurred_at + interval '10 years'`;

const DEEDS: readonly Deed[] = [
  {
    name: 'an event is edited',
    covers: ALL,
    run: async (superuser, { id }) => {
      await superuser.execute(`${FALSIFY} where id = $1`, [id]);
      return undefined;
    },
  },
  {
    name: 'an event is deleted',
    covers: RESEALED,
    run: async (superuser, { id }, order) => {
      await superuser.execute('delete from ledger.event where id = $1', [id]);
      return order.filter((one) => one !== id);
    },
  },
  {
    name: 'an event is made up',
    covers: RESEALED,
    run: async (superuser, { id }, order) => {
      const [made] = await superuser.query<{ id: string }>(
        `insert into ledger.event (commissioner_id, id, seq, xid, type, subject_id, actor_org_id, provider_id, referrer_id,
           cause_id, occurred_at, recorded_at, body, leaf_hash)
         select commissioner_id, n.id, seq, xid, type, subject_id, actor_org_id, provider_id, referrer_id, cause_id, occurred_at,
           recorded_at, convert_to(replace(convert_from(body, 'UTF8'), e.id::text, n.id::text), 'UTF8'), leaf_hash
         from ledger.event e, gen_random_uuid() n (id) where e.id = $1 returning id`,
        [id],
      );
      return order.flatMap((one) => (one === id ? [made?.id ?? '', one] : [one]));
    },
  },
  {
    name: 'an event changes places with the one before it',
    covers: RESEALED,
    run: async (superuser, { id }, order) => {
      const at = await firstAfterAnother(superuser, id, order);
      const pair = [order[at - 1] ?? '', order[at] ?? ''];
      await superuser.execute(
        `update ledger.event e set seq = o.seq from ledger.event o where e.id = any ($1) and o.id = any ($1) and o.id <> e.id`,
        [pair],
      );
      return [...order.slice(0, at - 1), ...pair.reverse(), ...order.slice(at + 1)];
    },
  },
  {
    name: 'all from an event on is cut off',
    covers: RESEALED,
    run: async (superuser, { id }, order) => {
      const gone = order.slice(Math.max(order.indexOf(id), 1));
      await superuser.execute('delete from ledger.transfer where event_id = any ($1)', [gone]);
      await superuser.execute('delete from ledger.event where id = any ($1)', [gone]);
      return order.slice(0, Math.max(order.indexOf(id), 1));
    },
  },
  {
    name: 'all from an event on is rewritten',
    covers: RESEALED,
    run: async (superuser, { id }, order) => {
      await superuser.execute(`${FALSIFY} where id = any ($1)`, [order.slice(order.indexOf(id))]);
      return undefined;
    },
  },
];

/**
 * Where an event stands, or the nearest before it that was sealed in one pass with the one before. Of two passes the later may
 * well have seen the smaller number, that of a transaction that took longer: then there is nothing to catch.
 */
async function firstAfterAnother(superuser: Superuser, id: string, order: readonly string[]): Promise<number> {
  const ends = await superuser.query<{ size: string }>(
    'select c.size from ledger.checkpoint c join ledger.event e on e.commissioner_id = c.log_id where e.id = $1',
    [id],
  );
  const beginnings = new Set(ends.map(({ size }) => Number(size)));
  const at = order.findLastIndex((_, n) => n > 0 && n <= order.indexOf(id) && !beginnings.has(n));
  return at === -1 ? order.findIndex((_, n) => n > 0 && !beginnings.has(n)) : at;
}

/** Every deed, on the last event of every type, under every cover. */
export function logCases(forger: Forger, targets: readonly Target[]): TamperCase[] {
  return targets.flatMap((target) =>
    DEEDS.flatMap((deed) =>
      deed.covers.map((cover) => ({
        name: `${deed.name} (${target.type}), ${cover}`,
        table: 'ledger.event',
        run: (superuser: Superuser) => commit(superuser, forger, target, deed, cover),
      })),
    ),
  );
}

async function commit(superuser: Superuser, forger: Forger, target: Target, deed: Deed, cover: Cover): Promise<number> {
  const before = await forger.order();
  const order = (await deed.run(superuser, target, before)) ?? before;
  if (cover === 'its hash' || cover === 'its hash and its tile') {
    await superuser.execute(`update ledger.event set leaf_hash = sha256('\\x00'::bytea || body) where id = $1`, [
      target.id,
    ]);
  }
  if (cover === 'its hash and its tile') await intoTile(superuser, target.id);
  if (cover === 'sealed again' || cover === 'sealed and signed again')
    await forger.reseal(order, cover === 'sealed and signed again');
  return 1;
}

function intoTile(superuser: Superuser, eventId: string): Promise<number> {
  return superuser.execute(
    `update ledger.tile t set hashes = overlay(t.hashes placing e.leaf_hash from 32 * (array_position(t.event_ids, e.id) - 1) + 1)
     from ledger.event e where e.id = $1 and t.level = 0 and e.id = any (t.event_ids)`,
    [eventId],
  );
}

/** The types of which there are events, each with its last. */
export function targetsOf(superuser: Superuser, commissionerId: string): Promise<Target[]> {
  return superuser.query<Target>(
    'select distinct on (type) type, id from ledger.event where commissioner_id = $1 order by type, seq desc',
    [commissionerId],
  );
}

/** Going back to how things were, by checkpoints alone or by all of an old backup. */
export async function rollbackCases(superuser: Superuser): Promise<TamperCase[]> {
  const tables = await superuser.query<{ name: string; copy: string; columns: string }>(
    `select n.nspname || '.' || c.relname as name, '${BACKUP}.' || n.nspname || '_' || c.relname as copy,
       (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'ledger')`,
  );
  const restore = async (root: Superuser) => {
    for (const { name, copy, columns } of tables) {
      await root.execute(`delete from ${name}`);
      await root.execute(`insert into ${name} (${columns}) overriding system value select ${columns} from ${copy}`);
    }
    return 1;
  };
  const newest = `(select max(size) from ledger.checkpoint o where o.log_id = c.log_id)`;
  return [
    { name: 'an old backup is restored', table: 'ledger.event', run: restore },
    {
      name: 'the newest checkpoints are deleted',
      table: 'ledger.checkpoint',
      run: (root) => root.execute(`delete from ledger.checkpoint c where size = ${newest}`),
    },
    {
      name: 'the newest checkpoints become those before them',
      table: 'ledger.checkpoint',
      run: (root) =>
        root.execute(
          `update ledger.checkpoint c set root = p.root, note = p.note from ledger.checkpoint p
           where c.size = ${newest} and p.log_id = c.log_id
             and p.size = (select max(o.size) from ledger.checkpoint o where o.log_id = c.log_id and o.size < c.size)`,
        ),
    },
    {
      name: 'the newest checkpoints lose their signatures, and earlier ones keep theirs',
      table: 'ledger.checkpoint',
      run: (root) =>
        root.execute(
          `update ledger.checkpoint c set note = null where note is not null and size < ${newest} and size = (
             select min(o.size) from ledger.checkpoint o where o.log_id = c.log_id and o.note is not null)`,
        ),
    },
    {
      name: 'heads go back to the checkpoint before',
      table: 'ledger.log_head',
      run: (root) =>
        root.execute(
          `update ledger.log_head h set size = (select max(c.size) from ledger.checkpoint c where c.log_id = h.log_id and c.size < h.size)
           where exists (select from ledger.checkpoint c where c.log_id = h.log_id and c.size < h.size)`,
        ),
    },
  ];
}
