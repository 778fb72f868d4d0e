import { readEventBody } from '../../src/audit/event-body.js';
import { readBody } from '../../src/audit/event-reader.js';
import { dayNumber } from '../../src/audit/replay-said.rules.js';
import type { BundleAccount, SegmentEvent } from '../../src/audit/segment.js';
import { Sealer } from '../../src/sealing/index.js';
import { leafHash } from '../../src/transparency/index.js';
import type { TestApp } from './app.js';
import { idsOf, replaySegment } from './replay-journal.js';

/** An application, and its database as a superuser. */
type Replayable = Pick<TestApp, 'admin' | 'nest'>;

interface LogRow {
  id: string;
  ids: string[];
}

interface TransferRow {
  id: string;
  eventId: string;
  debit: string;
  credit: string;
  amountMinor: string;
  effectiveOn: string;
  claimId: string | null;
  reversesId: string | null;
}

const LOGS = `
select t.log_id as id, array_agg(e.id order by t.n, e.place) as ids
from ledger.tile t cross join lateral unnest(t.event_ids) with ordinality e (id, place)
where t.level = 0 and t.event_ids is not null group by t.log_id`;

const TRANSFERS = `
select id, event_id as "eventId", debit_account_id as debit, credit_account_id as credit, amount_minor::text as "amountMinor",
       effective_on::text as "effectiveOn", claim_id as "claimId", reverses_id as "reversesId"
from ledger.transfer where commissioner_id = $1 order by id`;

/**
 * The journals of an application, of all its commissioners or of one, as an auditor replays them: nothing is to be found.
 *
 * @returns how many statements were made again from them
 */
export async function expectReplayed(app: Replayable, commissionerId?: string): Promise<number> {
  while ((await app.nest.get(Sealer).pass()) === null); // until no other is at work
  const { rows } = await app.admin.query<LogRow>(LOGS);
  const logs = rows.filter(({ id }) => commissionerId === undefined || id === commissionerId);
  expect(logs.length).toBeGreaterThan(0);
  let statements = 0;
  for (const log of logs) {
    const { findings, replay } = await replayLog(app, log);
    expect(findings).toEqual([]);
    expect(replay.notUnderstood).toEqual([]);
    statements += replay.statementCount;
  }
  return statements;
}

async function replayLog(app: Replayable, { id: commissionerId, ids }: LogRow) {
  const read = async <Row>(sql: string) => (await app.admin.query(sql, [commissionerId])).rows as Row[];
  const accounts = await read<BundleAccount>(
    `select id, kind, provider_id as "providerId", contract_id as "contractId", currency from ledger.account
     where commissioner_id = $1 order by id`,
  );
  const bodies = await read<{ id: string; body: Buffer }>(
    'select id, body from ledger.event where commissioner_id = $1',
  );
  const sizes = await read<{ size: string }>('select size from ledger.checkpoint where log_id = $1 order by size');
  const places = new Map(accounts.map(({ id }, place) => [id, place]));
  const moved = new Map<string, TransferRow[]>();
  for (const row of await read<TransferRow>(TRANSFERS))
    moved.set(row.eventId, [...(moved.get(row.eventId) ?? []), row]);
  const known = new Map(bodies.map(({ id, body }) => [id, body]));
  const events = ids.map((id, index): SegmentEvent => {
    const bytes = known.get(id) ?? Buffer.alloc(0);
    const body = readEventBody(bytes, commissionerId);
    if (typeof body === 'string') throw new Error(`${id}: ${body}`);
    const transfers = (moved.get(id) ?? []).map((row) => ({
      ...idsOf(row),
      debit: places.get(row.debit) ?? -1,
      credit: places.get(row.credit) ?? -1,
      amountMinor: Number(row.amountMinor),
      effectiveOn: dayNumber(row.effectiveOn) ?? Number.NaN,
    }));
    return { index, leaf: leafHash(bytes), body: readBody(body), transfers };
  });
  expect(events).toHaveLength(bodies.length);
  return replaySegment(
    commissionerId,
    accounts,
    events,
    sizes.map(({ size }) => Number(size)),
  );
}
