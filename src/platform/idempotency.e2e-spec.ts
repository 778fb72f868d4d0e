import { randomBytes } from 'node:crypto';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { eventually } from '../../test/support/job-stage.js';
import { HERE } from '../../test/support/probe-table.js';
import { secondProcess } from '../../test/support/second-process.js';
import { commissioner, type Party, type Person } from '../../test/support/world.js';
import { systemActor } from './actor.js';
import { claimKey, forgetOldKeys, storeAnswers } from './idempotency.js';

const provider = (code: string) => ({
  kind: 'provider',
  code,
  name: `Provider ${code}`,
  legalForm: 'charity',
  address: ['1 High Street', 'London'],
  postcode: 'E1 6AN',
});

describe('a request with an Idempotency-Key', () => {
  let app: TestApp;
  let party: Party;
  let person: Person;
  beforeAll(async () => {
    app = await startTestApp();
    party = await commissioner(app);
    person = await party.as('contract_manager');
  });
  afterAll(() => app.close());

  const register = (code: string, key: string, who = person) =>
    who.api
      .post('/v1/organisations', provider(code), { headers: { 'idempotency-key': key } })
      .catch((error: Error) => ({
        status: Number(/answered (\d+)/.exec(error.message)?.[1]),
        body: { message: error.message } as Record<string, unknown>,
      }));
  const countOf = async (code: string) =>
    (await app.admin.query('select from organisation where code = $1', [code])).rowCount;

  it('has one effect and one answer, of 50 that arrive together', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => register('FIFTY', 'fifty-at-once')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    for (const { body } of answers) expect(body).toEqual(answers[0]?.body);
    expect(await countOf('FIFTY')).toBe(1);
  });

  it('is refused with another body, and the first one keeps its answer', async () => {
    const first = await register('FIRST', 'same-key-twice');
    const second = await register('SECOND', 'same-key-twice');
    expect(second.status).toBe(409);
    expect(second.body.message).toContain('idempotency.other_request');
    expect(await countOf('SECOND')).toBe(0);
    expect(await register('FIRST', 'same-key-twice')).toMatchObject({ status: 201, body: first.body });
  });

  it('of 20 with different bodies is taken by exactly one', async () => {
    const codes = Array.from({ length: 20 }, (_, index) => `RACE${index}`);
    const answers = await Promise.all(codes.map((code) => register(code, 'one-of-twenty')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect((await app.admin.query(`select from organisation where code like 'RACE%'`)).rowCount).toBe(1);
  });

  it('does not meet the same key of another organisation', async () => {
    const other = await (await commissioner(app, 'OTHER')).as('contract_manager');
    const answers = await Promise.all([register('MINE', 'shared-key'), register('YOURS', 'shared-key', other)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });

  it.each(['short', 'x'.repeat(201)])('is refused when the key is %s', async (key) => {
    expect((await register('LENGTH', key)).status).toBe(400);
    expect(await countOf('LENGTH')).toBe(0);
  });

  it('may be sent again when what it asked for was invalid', async () => {
    expect((await register('no such code!', 'invalid-first')).status).toBe(400);
    expect((await register('VALID', 'invalid-first')).status).toBe(201);
  });

  it('leaves its key unused when its transaction is rolled back', async () => {
    const actor = { ...systemActor(party.id, 'spec'), idempotencyKey: 'rolled-back', requestHash: randomBytes(32) };
    const work = app.database.transaction(actor, async (tx) => {
      expect(await claimKey(tx, actor)).toEqual({ fresh: true });
      await storeAnswers(tx, [{ actor, status: 200, answer: () => ({ done: true }), records: [] }]);
      throw new Error('after all, no');
    });
    await expect(work).rejects.toThrow('after all, no');
    expect(await app.database.transaction(actor, (tx) => claimKey(tx, actor))).toEqual({ fresh: true });
  });

  it('is forgotten after 30 days, in small transactions, by whichever process comes first', async () => {
    await app.admin.query('delete from idempotency');
    await app.admin.query(
      `insert into idempotency (actor_org_id, key, request_hash, created_at)
       select $1::uuid, 'old-key-' || n, '\\x00'::bytea, now() - interval '30 days 1 second' from generate_series(1, 1200) n
       union all select $1::uuid, 'new-key-1', '\\x00'::bytea, now() - interval '29 days 23 hours'`,
      [HERE.orgId],
    );
    const sizes: number[] = [];
    const counting: Pick<typeof app.database, 'transaction'> = {
      transaction: async (scope, work) => {
        const result = await app.database.transaction(scope, work);
        sizes.push(Number(result));
        return result;
      },
    };
    const totals = await Promise.all([forgetOldKeys(counting), forgetOldKeys(counting)]);
    expect(totals.reduce((sum, one) => sum + one, 0)).toBe(1200);
    expect(Math.max(...sizes)).toBe(500);
    expect((await app.admin.query('select key from idempotency')).rows).toEqual([{ key: 'new-key-1' }]);
  });

  it('is forgotten by a process that starts, without being told to', async () => {
    await app.admin.query(
      `insert into idempotency (actor_org_id, key, request_hash, created_at) values ($1, 'old-key-2', '\\x00', now() - interval '31 days')`,
      [HERE.orgId],
    );
    const again = await secondProcess(app);
    await eventually(
      async () => (await app.admin.query(`select from idempotency where key = 'old-key-2'`)).rowCount === 0,
    );
    await again.close();
  });
});
