import type { Caller } from './caller.js';
import type { Cluster } from './cluster.js';
import type { Injuries } from './injuries.js';
import type { Fleet } from './instances.js';

export interface Ground {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly caller: Caller;
  readonly injuries: Injuries;
}

export interface Plant {
  /** The bug, as its author would put it. */
  readonly bug: string;
  /** What is found of it. */
  readonly shows: RegExp;
  /** The injury that brings it to light; without one it shows by itself. */
  readonly needs?: 'crashes' | 'lost commits' | 'wipes';
  /** How long the round may take, where it never ends; a minute unless given. */
  readonly withinMs?: number;
  /** Before a round of work. */
  readonly plant?: (ground: Ground) => unknown;
  /** When the work of the round has settled. */
  readonly afterwards?: (ground: Ground) => Promise<unknown>;
  /** So that the next one can be planted. What it has broken stays broken. */
  readonly remove?: (ground: Ground) => unknown;
}

const BLINDED = ['payout', 'payment_run', 'invoice', 'batch', 'notice'];

/** Bugs that must be found, in an order in which one does not hide the next; none of them touches the product. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'dropped-write': {
    bug: 'an acknowledged transaction was rolled back',
    shows: /acknowledged writes were lost: payment runs|payment-runs was refused: 404/,
    plant: ({ injuries }) => {
      let dropped = false;
      injuries.planted = ({ role }, { when, writes }) => {
        if (dropped || role !== 'serve' || when !== 'before' || !writes.includes('insert payment_run'))
          return undefined;
        dropped = true;
        return 'roll_back';
      };
    },
    remove: ({ injuries }) => {
      injuries.planted = () => undefined;
    },
  },
  'forgotten-keys': {
    bug: 'the key of a command is not kept',
    shows: /keys have had|was refused/,
    needs: 'lost commits',
    plant: ({ caller, cluster }) => {
      caller.beforeResend = () => cluster.query('delete from idempotency').catch(() => undefined);
    },
    remove: ({ caller }) => {
      caller.beforeResend = () => Promise.resolve();
    },
  },
  'blind-sweeper': {
    bug: 'work that the queue lost is not found again from the tables',
    shows: /not invoiced|did not settle/,
    needs: 'wipes',
    withinMs: 12_000,
    plant: async ({ cluster }) => {
      for (const table of BLINDED) {
        await cluster.query(`create policy blind on ${table} as restrictive for select to wp_relay using (false)`);
      }
      await cluster.query(`create function lose() returns trigger language plpgsql as 'begin return null; end'`);
      await cluster.query('create trigger lose before insert on outbox for each row execute function lose()');
    },
    remove: async ({ cluster }) => {
      for (const table of BLINDED) await cluster.query(`drop policy blind on ${table}`);
      await cluster.query('drop function lose cascade');
    },
  },
  'lazy-commit': {
    bug: 'a commit is acknowledged before it is in the log of the database',
    shows: /acknowledged writes were lost: (?!payment runs)/,
    needs: 'crashes',
    withinMs: 15_000,
    plant: async ({ cluster }) => {
      const settings = { synchronous_commit: 'off', wal_writer_delay: '10s', bgwriter_lru_maxpages: '0' };
      for (const [name, value] of Object.entries(settings))
        await cluster.query(`alter system set ${name} = '${value}'`);
      await cluster.query('select pg_reload_conf()');
    },
    remove: async ({ cluster }) => {
      await cluster.query('alter system reset all');
      await cluster.query('select pg_reload_conf()');
    },
  },
  'doubled-posting': {
    bug: 'a posting that was committed is applied again',
    shows: /not true/i,
    afterwards: ({ cluster }) =>
      cluster.query(`
        do $$
        declare kept text;
        begin
          select string_agg(quote_ident(attname), ', ') into kept from pg_attribute
          where attrelid = 'ledger.transfer'::regclass and attnum > 0 and not attisdropped
            and attname <> 'id' and attgenerated = '' and attidentity = '';
          set local session_replication_role = replica;
          execute format('insert into ledger.transfer (id, %1$s)
            select gen_random_uuid(), %1$s from ledger.transfer order by id desc limit 1', kept);
        end $$`),
  },
  'lost-event': {
    bug: 'an event that was sealed is gone',
    shows: /event_|tile|leaf|missing/,
    afterwards: ({ cluster }) =>
      cluster.query(`
        begin;
        set local session_replication_role = replica;
        delete from ledger.event where id = (select id from ledger.event where type = 'remittance.issued' limit 1);
        commit`),
  },
};
