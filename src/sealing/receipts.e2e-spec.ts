import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import type { Answer, ApiClient } from '../../test/support/api-client.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { canonicalJson, type Canonical } from '../platform/canonical-json.js';
import {
  leafHash,
  openNote,
  parseCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  verifyInclusion,
  type NoteVerifier,
} from '../transparency/index.js';
import { readReceipt, type ReceiptLog } from './receipt.document.js';

interface JournalEvent {
  id: string;
  type: string;
  leafHash: string;
  body: Canonical;
}

let app: TestApp;
let icb: Party;
let registrar: ApiClient;
let auditor: ApiClient;
let codes = 0;

beforeAll(async () => {
  app = await startTestApp({ environment: { LOG_NAME: 'logs.example' } });
  icb = await commissioner(app);
  registrar = (await icb.as('contract_manager')).api;
  auditor = (await icb.as('auditor')).api;
});
afterAll(() => app.close());

const RECEIPT = { prefer: 'receipt' };

const newProvider = () => ({
  kind: 'provider',
  code: `CHOIR${++codes}`,
  name: 'A choir',
  legalForm: 'charity',
  address: ['1 High Street'],
  postcode: 'E1 6AN',
});

async function verifiersOf(api: ApiClient, query = ''): Promise<NoteVerifier[]> {
  const { text } = await api.get(`/v1/audit/keys${query}`);
  return text.trimEnd().split('\n').map(parseVerifierKey);
}

/** What a receipt promises, once its signature has been verified. */
async function promisedIn({ headers }: Answer): Promise<ReceiptLog> {
  expect(headers.get('preference-applied')).toBe('receipt');
  const note = Buffer.from(headers.get('receipt') ?? '', 'base64').toString();
  const { text, signedBy } = openNote(note, await verifiersOf(auditor));
  expect(signedBy).toEqual(['logs.example/receipts']);
  const logs = readReceipt(text);
  expect(logs).toHaveLength(1);
  const [log] = logs ?? [];
  if (!log) throw new Error('a receipt names a log');
  expect(log.origin).toBe(`logs.example/${icb.id}`);
  expect(log.sealedBy.getTime() - log.recordedAt.getTime()).toBe(60_000);
  return log;
}

async function journal(): Promise<JournalEvent[]> {
  return (await auditor.get<{ items: JournalEvent[] }>('/v1/events?limit=500')).body.items;
}

/** The events of the journal that a receipt names, when their leaf hashes are what it says. */
async function eventsOf({ events }: ReceiptLog): Promise<JournalEvent[]> {
  if (!Array.isArray(events)) throw new Error('the events are named');
  const kept = await journal();
  return (events as { id: string; leafHash: Uint8Array }[]).map((promised) => {
    const found = kept.find(({ id }) => id === promised.id);
    if (!found) throw new Error('what is promised is in the journal');
    expect(found.leafHash).toBe(Buffer.from(promised.leafHash).toString('hex'));
    expect(leafHash(Buffer.from(canonicalJson(found.body)))).toEqual(promised.leafHash);
    return found;
  });
}

/** The proof once there is one. */
async function proofOf(api: ApiClient, id: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`${app.url}/v1/events/${id}/proof`, { headers: bearerOf(api) });
    if (answer.status === 200) return answer.text();
    expect(answer.status).toBe(409);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({ code: 'event.not_sealed', details: { retryAfterSeconds: 1 } });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A log that has just begun is signed within a second. */
async function onceSigned(api: ApiClient, path: string): Promise<Answer> {
  const signed = 'select bool_and(note is not null) as all from ledger.checkpoint';
  while ((await app.admin.query<{ all: boolean | null }>(signed)).rows[0]?.all !== true) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return api.get(path);
}

const bearers = new Map<ApiClient, string>();
function bearerOf(api: ApiClient): Record<string, string> {
  return { authorization: `Bearer ${bearers.get(api) ?? ''}` };
}
async function bearing(party: Party, ...roles: Parameters<Party['as']>): Promise<ApiClient> {
  const { api, key } = await party.as(...roles);
  bearers.set(api, key);
  return api;
}

describe('a receipt', () => {
  it('promises the events of a command that was done, and is kept', async () => {
    const done = await registrar.post('/v1/organisations', newProvider(), { headers: RECEIPT });
    const [event, ...more] = await eventsOf(await promisedIn(done));
    expect(event?.type).toBe('organisation.registered');
    expect(more).toEqual([]);
    const proof = parseTlogProof(await proofOf(await bearing(icb, 'auditor'), event?.id ?? ''));
    const { size, root } = parseCheckpoint(openNote(proof.checkpoint, await verifiersOf(auditor)).text);
    const leaf = Buffer.from(event?.leafHash ?? '', 'hex');
    expect(verifyInclusion(leaf, proof.index, size, proof.proof, root)).toBe(true);
  });

  it('promises the refusal of a command that was refused', async () => {
    const provider = newProvider();
    await registrar.post('/v1/organisations', provider);
    const refused = await registrar.post('/v1/organisations', provider, { headers: RECEIPT, expect: 409 });
    expect(refused.body).toMatchObject({ code: 'organisation.code_taken' });
    const [event] = await eventsOf(await promisedIn(refused));
    expect(event).toMatchObject({ type: 'command.refused' });
  });

  it.each([
    ['done', 201],
    ['refused', 409],
  ])('is the same when a command that was %s is repeated, also by one that did not ask before', async (_, status) => {
    const provider = newProvider();
    if (status === 409) await registrar.post('/v1/organisations', provider);
    const key = { 'idempotency-key': randomUUID() };
    const silent = await registrar.post('/v1/organisations', provider, { headers: key, expect: status });
    expect([silent.headers.get('receipt'), silent.headers.get('preference-applied')]).toEqual([null, null]);
    const headers = { ...key, prefer: 'respond-async, Receipt; q=1, wait=10' };
    const [first, second] = [
      await registrar.post('/v1/organisations', provider, { headers, expect: status }),
      await registrar.post('/v1/organisations', provider, { headers, expect: status }),
    ];
    expect(first.headers.get('receipt')).toBe(second.headers.get('receipt'));
    const events = await eventsOf(await promisedIn(first));
    expect(events.map(({ type }) => type)).toEqual([status === 201 ? 'organisation.registered' : 'command.refused']);
  });

  it('is the same for twins that arrive together', async () => {
    const provider = newProvider();
    const headers = { 'idempotency-key': randomUUID(), ...RECEIPT };
    const twins = await Promise.all(
      Array.from({ length: 12 }, () => registrar.post('/v1/organisations', provider, { headers })),
    );
    expect(new Set(twins.map((twin) => twin.headers.get('receipt'))).size).toBe(1);
    const [twin] = twins;
    if (twin) await expect(eventsOf(await promisedIn(twin))).resolves.toHaveLength(1);
  });

  it('is of this command alone, whatever else happens at the same time', async () => {
    const together = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const provider = newProvider();
        return {
          provider,
          answer: await registrar.post<{ id: string }>('/v1/organisations', provider, { headers: RECEIPT }),
        };
      }),
    );
    for (const { answer } of together) {
      const [event, ...more] = await eventsOf(await promisedIn(answer));
      expect(event).toMatchObject({ body: { subjectId: answer.body.id } });
      expect(more).toEqual([]);
    }
  });

  it('is not given where nothing was recorded, and to nobody who did not ask', async () => {
    const without = async (answer: Promise<Answer>) =>
      expect([(await answer).headers.get('receipt'), (await answer).headers.get('preference-applied')]).toEqual([
        null,
        null,
      ]);
    await without(registrar.get('/v1/organisations', { headers: RECEIPT }));
    await without(registrar.post('/v1/organisations', {}, { headers: RECEIPT, expect: 400 }));
    await without(registrar.post('/v1/organisations', newProvider()));
    await without(
      registrar.post('/v1/organisations', newProvider(), { headers: { prefer: 'receipts, wait=receipt' } }),
    );
  });
});

describe('a proof', () => {
  it('is for those who see the event, and there is nothing for anybody else', async () => {
    const choir = await registered(app, icb, 'provider', 'PROVEN');
    const other = await registered(app, icb, 'provider', 'OTHER');
    const stranger = await commissioner(app, 'ELSEWHERE');
    const { id } = (await journal()).find(({ body }) => (body as { providerId?: string }).providerId === choir.id) ?? {
      id: '',
    };
    const [mine, theirs] = [
      await proofOf(await bearing(icb, 'auditor'), id),
      await proofOf(await bearing(choir, 'treasurer'), id),
    ];
    expect(parseTlogProof(theirs).index).toBe(parseTlogProof(mine).index);
    for (const party of [other, stranger]) {
      const { api } = await party.as('auditor');
      expect((await api.get(`/v1/events/${id}/proof`, { expect: 404 })).body).toMatchObject({ code: 'not_found' });
    }
    await auditor.get(`/v1/events/${randomUUID()}/proof`, { expect: 404 });
    await auditor.get('/v1/events/no-id/proof', { expect: 400 });
  });
});

describe('the newest checkpoint', () => {
  it('is that of one’s own log, or of a commissioner with which one has a contract', async () => {
    const choir = await registered(app, icb, 'provider', 'CONTRACTED');
    const { api: treasurer } = await choir.as('treasurer');
    await treasurer.get('/v1/audit/checkpoint', { expect: 404 });
    await treasurer.get(`/v1/audit/checkpoint?commissioner=${icb.id}`, { expect: 404 });
    await app.admin.query(
      `insert into ledger.account (commissioner_id, kind, book, normal, strict, keyed, provider_id, contract_id)
       values ($1, 'owed', 'money', 'C', true, true, $2, gen_random_uuid())`,
      [icb.id, choir.id],
    );
    const own = await onceSigned(auditor, '/v1/audit/checkpoint');
    expect(own.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(openNote(own.text, await verifiersOf(auditor)).signedBy).toEqual([`logs.example/${icb.id}`]);
    for (const query of ['', `?commissioner=${icb.id}`]) {
      const seen = await treasurer.get(`/v1/audit/checkpoint${query}`);
      expect(openNote(seen.text, await verifiersOf(treasurer, query)).signedBy).toEqual([`logs.example/${icb.id}`]);
    }
    await auditor.get(`/v1/audit/checkpoint?commissioner=${choir.id}`, { expect: 404 });
    await treasurer.get('/v1/audit/checkpoint?commissioner=x', { expect: 400 });
    const second = await commissioner(app, 'SECOND');
    await app.admin.query(
      `insert into ledger.account (commissioner_id, kind, book, normal, strict, keyed, provider_id, contract_id)
       values ($1, 'owed', 'money', 'C', true, true, $2, gen_random_uuid())`,
      [second.id, choir.id],
    );
    expect((await treasurer.get('/v1/audit/checkpoint', { expect: 400 })).body).toMatchObject({
      code: 'request.invalid',
    });
  });

  it('of the platform is for everybody, and signed under its own name', async () => {
    const sender = await registered(app, icb, 'referrer', 'SENDER');
    const { api } = await sender.as('referrer');
    const { text } = await onceSigned(api, '/v1/audit/checkpoint/platform');
    const { signedBy } = openNote(text, await verifiersOf(api));
    expect(signedBy).toEqual([text.split('\n')[0]]);
  });
});
