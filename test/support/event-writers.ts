import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { newId } from '../../src/platform/ids.js';
import { tie } from './ledger-stage.js';
import type { OwnCluster } from './sealing-cluster.js';

/** A random number below `count`. */
const below = (count: number): number => Math.floor(Math.random() * count);

const INSERT = `
insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, provider_id, occurred_at, recorded_at, body)
select $1, id, 'bench.written', $2, $3, $4, now(), now(), convert_to(id::text || repeat('.', 200), 'UTF8')
from unnest($5::uuid[]) with ordinality as t (id, place) order by place`;

/** Who writes: on which side of the database, into whose books. */
interface Party {
  readonly side: 'commissioner' | 'provider' | 'intake';
  readonly commissionerId: string;
  readonly orgId: string;
}

/** Many clients that write events in every way in which a transaction can come late, or not at all. */
export class EventWriters {
  /** What was committed, by id. */
  readonly committed = new Set<string>();
  private readonly commissioners = Array.from({ length: 4 }, newId);
  private readonly providers = Array.from({ length: 4 }, newId);
  /** Each is written to by many clients, one after the other under a lock, as a claim or a payout is. */
  private readonly shared = Array.from({ length: 6 }, newId);
  /** By client, the end of what it prepared last: the server keeps only so many prepared transactions. */
  private readonly prepared = new Map<pg.Client, Promise<void>>();
  private stopped = false;
  areDone = false;

  constructor(private readonly cluster: OwnCluster) {}

  /** Lets so many clients write for a while, and waits until the last of their transactions has ended. */
  async write(clients: number, milliseconds: number): Promise<void> {
    try {
      await this.writeFor(clients, milliseconds);
    } finally {
      this.areDone = true;
    }
  }

  private async writeFor(clients: number, milliseconds: number): Promise<void> {
    await this.cluster.admin('create schema if not exists harness authorization wp_owner');
    await this.cluster.admin(CAUGHT);
    for (const [index, commissionerId] of this.commissioners.entries()) {
      await tie(this.cluster, commissionerId, this.providers[index] ?? '', newId());
    }
    const writing = Array.from({ length: clients }, (_, index) => this.run(index));
    await sleep(milliseconds);
    this.stopped = true;
    await Promise.all(writing);
    await Promise.all(this.prepared.values());
  }

  private async run(index: number): Promise<void> {
    const client = await this.cluster.client();
    const commissionerId = this.commissioners[index % 4] ?? '';
    const provider = this.providers[index % 4] ?? '';
    const side = (['commissioner', 'commissioner', 'provider', 'intake'] as const)[index % 4] ?? 'commissioner';
    const party: Party = { side, commissionerId, orgId: side === 'commissioner' ? commissionerId : provider };
    const isPatient = index < 4;
    const ways = [
      () => this.one(client, party),
      () => this.many(client, party),
      () => this.savepoints(client, party),
      () => this.caught(client, party),
      () => this.undone(client, party),
      () => this.prepare(client, party),
      () => this.shares(client, party),
      () => (isPatient ? this.long(client, party) : this.shares(client, party)),
    ];
    while (!this.stopped) await ways[below(ways.length)]?.();
  }

  /** One event, with a delay before it and one after. */
  private one(client: pg.Client, party: Party): Promise<void> {
    return this.transaction(client, party, async () => {
      await sleep(below(15));
      const ids = await this.insert(client, party, 1);
      await sleep(below(8));
      return ids;
    });
  }

  private many(client: pg.Client, party: Party): Promise<void> {
    return this.transaction(client, party, async () => {
      const ids = await this.insert(client, party, 2 + below(20));
      await sleep(below(10));
      return ids;
    });
  }

  private savepoints(client: pg.Client, party: Party): Promise<void> {
    return this.transaction(client, party, async () => {
      const kept: string[] = [];
      for (let times = 0; times < 3; times++) {
        await client.query('savepoint attempt');
        const ids = await this.insert(client, party, 2);
        await sleep(below(5));
        const isKept = below(2) === 0;
        await client.query(isKept ? 'release savepoint attempt' : 'rollback to savepoint attempt');
        if (isKept) kept.push(...ids);
      }
      return [...kept, ...(await this.insert(client, party, 1))];
    });
  }

  /** Blocks of plpgsql that catch what they throw are subtransactions, too. */
  private caught(client: pg.Client, party: Party): Promise<void> {
    const [kept, lost] = [newId(), newId()];
    return this.transaction(client, party, async () => {
      await client.query('select harness.write_and_catch($1, $2, $3, $4, $5)', [
        party.commissionerId,
        party.orgId,
        party.side === 'commissioner' ? null : party.orgId,
        kept,
        lost,
      ]);
      return [kept];
    });
  }

  private async undone(client: pg.Client, party: Party): Promise<void> {
    await this.begin(client, party);
    await this.insert(client, party, 3);
    await sleep(below(10));
    await client.query('rollback');
  }

  /** Longer than many passes. */
  private long(client: pg.Client, party: Party): Promise<void> {
    return this.transaction(client, party, async () => {
      const first = await this.insert(client, party, 1);
      await sleep(1_000 + below(500));
      return [...first, ...(await this.insert(client, party, 1))];
    });
  }

  private shares(client: pg.Client, party: Party): Promise<void> {
    const stream = this.shared[below(this.shared.length)] ?? '';
    return this.transaction(client, party, async () => {
      await sleep(below(5));
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [stream + party.commissionerId]);
      const ids = await this.insert(client, party, 1, stream);
      await sleep(below(5));
      return ids;
    });
  }

  /** Prepared here, and committed or rolled back later by another session, while this client goes on until the next. */
  private async prepare(client: pg.Client, party: Party): Promise<void> {
    await this.prepared.get(client);
    await this.begin(client, party);
    const ids = await this.insert(client, party, 2);
    const name = newId();
    await client.query(`prepare transaction '${name}'`);
    const isKept = below(4) > 0;
    const end = async () => {
      await sleep(below(400));
      await this.cluster.admin(`${isKept ? 'commit' : 'rollback'} prepared '${name}'`);
      if (isKept) for (const id of ids) this.committed.add(id);
    };
    this.prepared.set(client, end());
  }

  private async transaction(client: pg.Client, party: Party, work: () => Promise<string[]>): Promise<void> {
    await this.begin(client, party);
    const ids = await work();
    await client.query('commit');
    for (const id of ids) this.committed.add(id);
  }

  private async begin(client: pg.Client, { side, orgId }: Party): Promise<void> {
    await client.query('begin');
    await client.query(
      `select set_config('role', $1, true), set_config('app.org', $2, true), set_config('app.orgs', $2, true)`,
      [`wp_${side}`, orgId],
    );
  }

  private async insert(client: pg.Client, party: Party, count: number, stream = newId()): Promise<string[]> {
    const { commissionerId, orgId, side } = party;
    const ids = Array.from({ length: count }, () => newId());
    await client.query(INSERT, [commissionerId, stream, orgId, side === 'commissioner' ? null : orgId, ids]);
    return ids;
  }
}

const CAUGHT = `
create or replace function harness.write_and_catch(commissioner uuid, org uuid, provider uuid, kept uuid, lost uuid)
returns void language plpgsql as $$
declare stream uuid := gen_random_uuid();
begin
  begin
    insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, provider_id, occurred_at, recorded_at, body)
    values (commissioner, lost, 'bench.written', stream, org, provider, now(), now(), convert_to(lost::text, 'UTF8'));
    raise exception 'not this one';
  exception when raise_exception then
    insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, provider_id, occurred_at, recorded_at, body)
    values (commissioner, kept, 'bench.written', stream, org, provider, now(), now(), convert_to(kept::text, 'UTF8'));
  end;
end $$;
grant usage on schema harness to public`;
