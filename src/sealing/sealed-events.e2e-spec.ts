import { Books } from '../../test/support/ledger-stage.js';
import { readLog, sealingStage, type SealingStage } from '../../test/support/sealing-stage.js';
import { newId } from '../platform/ids.js';
import type { LoggedEvent } from './locations.queries.js';
import { SealedEvents } from './sealed-events.service.js';

let stage: SealingStage;
let books: Books;
let seals: SealedEvents;

beforeEach(async () => {
  stage = await sealingStage();
  books = new Books(stage);
  seals = new SealedEvents(stage.database);
});
afterEach(() => stage.close());

async function record(count: number, into = books): Promise<LoggedEvent[]> {
  const events = Array.from({ length: count }, () => into.event('session.recorded'));
  const recorded = await into.write((tx) => stage.ledger.recordAll(tx, events));
  return logged(recorded.map(({ id }) => id));
}

async function logged(ids: readonly string[]): Promise<LoggedEvent[]> {
  const rows = await stage.admin<{ id: string; seq: string }>(
    'select id, seq from ledger.event where id = any ($1::uuid[]) order by seq',
    [ids],
  );
  return rows.map(({ id, seq }) => ({ id, seq: BigInt(seq) }));
}

async function sign(): Promise<void> {
  await stage.admin(`update ledger.checkpoint set note = 'signed' where note is null`);
}

const find = (events: readonly LoggedEvent[]) => seals.find(books.commissioner.orgId, events);
const proofOf = ({ id }: LoggedEvent) => `/v1/events/${id}/proof`;

it('says nothing of an event before a signed checkpoint covers it', async () => {
  const [event] = (await record(1)) as [LoggedEvent];
  expect(await find([event])).toEqual(new Map());
  await stage.sealer.pass();
  expect(await find([event])).toEqual(new Map());
  await sign();
  expect(await find([event])).toEqual(
    new Map([[event.id, { leafIndex: 0, checkpointSize: 1, proof: proofOf(event) }]]),
  );
});

it('names the first signed checkpoint, and goes on naming it', async () => {
  const [first] = (await record(3)) as [LoggedEvent];
  await stage.sealer.pass();
  const [second] = (await record(2)) as [LoggedEvent];
  await stage.sealer.pass();
  await stage.admin(`update ledger.checkpoint set note = 'signed' where size = 5`);
  await record(1);
  await stage.sealer.pass();
  await sign();
  const found = await find([second, first]);
  expect(found.get(second.id)).toMatchObject({ leafIndex: 3, checkpointSize: 5 });
  expect(found.get(first.id)).toMatchObject({ leafIndex: 0, checkpointSize: 3 });
});

it('finds each of many events where the log has it, those that committed late among them', async () => {
  const events = await record(300);
  let commit: () => void = () => undefined;
  const mayCommit = new Promise<void>((resolve) => (commit = resolve));
  let began: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => (began = resolve));
  const late = books.write(async (tx) => {
    const recorded = await stage.ledger.record(tx, books.event('session.recorded'));
    began();
    await mayCommit;
    return recorded;
  });
  await hasBegun;
  events.push(...(await record(600)));
  await stage.sealer.pass();
  commit();
  const [committed] = (await logged([(await late).id])) as [LoggedEvent];
  events.push(committed, ...(await record(20)));
  await stage.sealer.pass();
  await sign();
  const found = await find(events);
  const { eventIds } = await readLog(stage.admin, books.commissioner.orgId);
  expect(eventIds).toHaveLength(921);
  expect(eventIds.map((id) => found.get(id)?.leafIndex)).toEqual(eventIds.map((_, index) => index));
  expect(await find([committed])).toEqual(new Map([[committed.id, found.get(committed.id)]]));
});

it('knows no event of another log, and none that is not there', async () => {
  const theirs = await record(2, new Books(stage));
  await record(2);
  await stage.sealer.pass();
  await sign();
  expect(await find([...theirs, { id: newId(), seq: 1n }])).toEqual(new Map());
  expect(await find([])).toEqual(new Map());
});
