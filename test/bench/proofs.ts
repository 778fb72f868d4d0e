import pg from 'pg';
import { newId } from '../../src/platform/ids.js';
import { formatTlogProof } from '../../src/transparency/index.js';
import { actorOf } from '../support/ledger-stage.js';
import { signingProcess } from '../support/signing-stage.js';
import { forSeconds } from './posting.js';
import type { Row } from './row.js';
import type { BenchServer } from './server.js';

const EVENTS = 200_000;
const SECONDS = 4;

/** Proves single events of a long log, for the commissioner and for a provider, from the event's id to the text. */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  const { adminUrl, appUrl } = await server.database();
  const [commissionerId, providerId] = [newId(), newId()];
  await plant(adminUrl, commissionerId, providerId);
  const process = await signingProcess({
    adminUrl,
    appUrl,
    name: '',
    copy: () => Promise.reject(new Error('never copied')),
    drop: () => Promise.resolve(),
  });
  try {
    await process.seal();
    const ids = await process.admin<{ id: string }>(
      'select id from ledger.event where commissioner_id = $1 order by random() limit 2000',
      [commissionerId],
    );
    for (const { id } of ids.slice(0, 500)) await process.proofs.find(commissionerId, id); // tiles in memory, code compiled
    const shared = { suite: 'proofs', unit: 'ms', target: { of: 'figure', atMost: 5 } } as const;
    const conditions = `1 client, ${EVENTS} events in the log, from the id of the event to the text of its proof`;
    for (const actor of [actorOf('commissioner', commissionerId), actorOf('provider', providerId)]) {
      let next = 0;
      const one = await forSeconds(1, SECONDS, async () => {
        await process.proofs.prove(actor, ids[next++ % ids.length]?.id ?? '');
        return 1;
      });
      yield { ...shared, name: `one event, for a ${actor.side}`, figure: one.p50Ms, ...timesOf(one), conditions };
    }
    let next = 0;
    const found = await forSeconds(1, SECONDS, async () => {
      const proof = await process.proofs.find(commissionerId, ids[next++ % ids.length]?.id ?? '');
      if (!proof || formatTlogProof(proof) === '') throw new Error('every event is sealed');
      return 1;
    });
    yield {
      ...shared,
      name: 'one event that is known to be seen',
      figure: found.p50Ms,
      ...timesOf(found),
      conditions,
    };
  } finally {
    await process.close();
  }
}

function timesOf({ p50Ms, p99Ms }: { p50Ms: number; p99Ms: number }): { p50Ms: number; p99Ms: number } {
  return { p50Ms, p99Ms };
}

/** Events that a superuser wrote: what they say is of no interest to a proof. */
async function plant(adminUrl: string, commissionerId: string, providerId: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      `insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, provider_id, occurred_at, recorded_at, body)
       select $1, gen_random_uuid(), 'bench.recorded', gen_random_uuid(), $1, $2, now(), now(), convert_to('{"n":' || n || '}', 'UTF8')
       from generate_series(1, ${EVENTS}) n`,
      [commissionerId, providerId],
    );
    await client.query('analyze ledger.event');
  } finally {
    await client.end();
  }
}
