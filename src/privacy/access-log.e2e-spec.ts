import { randomUUID } from 'node:crypto';
import { ErasureStage, type Referred } from '../../test/stories/erasure-stage.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { loggedReads } from '../../test/support/revealed.js';
import { commissioner, type Party } from '../../test/support/world.js';
import { AccessRegister } from './access-register.service.js';

interface Read {
  kind: string;
  route: string;
  memberName: string | null;
  actorOrgName: string;
  referralIds: string[];
  personIds: string[];
}

describe('the log of reads', () => {
  let app: TestApp;
  let icb: Party;
  let stage: ErasureStage;
  let one: Referred;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    stage = await ErasureStage.of(app, icb);
    one = await stage.refer('EL-1', { personReference: 'P-1' });
  });
  afterAll(() => app.close());

  const read = async (key: string, path: string) => {
    const correlationId = randomUUID();
    const headers = { authorization: `Bearer ${key}`, 'x-correlation-id': correlationId };
    const answer = await fetch(app.url + path, { headers });
    return { status: answer.status, text: await answer.text(), rows: await loggedReads(app, correlationId) };
  };
  const logOf = async (party: Party, query = '') => {
    const { api } = await party.as('auditor');
    return (await api.get<{ items: Read[]; next: string | null }>(`/v1/access-log${query}`)).body;
  };

  it('says who read of whom, when and through which route, and nothing of what was read', async () => {
    const { key, memberId } = await stage.month.provider.as('coordinator');
    const { rows } = await read(key, `/v1/referrals/${one.referralId}`);
    expect(rows).toEqual([
      {
        commissionerId: icb.id,
        kind: 'referrals',
        route: 'GET /v1/referrals/:id',
        actorOrgId: stage.month.provider.id,
        memberId,
        referralIds: [one.referralId],
        personIds: [one.personId],
      },
    ]);
    const { rows: stored } = await app.admin.query<{ row: string }>(
      'select to_jsonb(l)::text as row from access_log l',
    );
    expect(stored.map(({ row }) => row).join('\n')).not.toMatch(/EL-1|P-1/);
  });

  it('names the program that read, by its key', async () => {
    const { api } = await stage.month.provider.as('admin');
    const { body } = await api.post<{ key: string; id: string }>('/v1/keys', {
      label: 'sync',
      scopes: ['referrals:read'],
    });
    await read(body.key, '/v1/referrals');
    const { items } = await logOf(icb, '?limit=1');
    expect(items[0]).toMatchObject({
      actorKind: 'service',
      keyId: body.id,
      memberId: null,
      referralIds: [one.referralId],
    });
  });

  it('has no row of an answer that names nobody, and none of a refusal', async () => {
    const { key } = await icb.as('contract_manager');
    expect((await read(key, '/v1/referrals?state=declined')).rows).toEqual([]);
    expect((await read(key, `/v1/referrals/${randomUUID()}`)).rows).toEqual([]);
    const rival = await commissioner(app, 'RIVAL');
    const { key: foreign } = await rival.as('contract_manager');
    expect(await read(foreign, `/v1/referrals/${one.referralId}`)).toMatchObject({ status: 404, rows: [] });
  });

  it('is read by the commissioner whole, by a provider of its own people without persons, by others not at all', async () => {
    const { key } = await stage.month.provider.as('coordinator');
    await read(key, '/v1/referrals');
    await read((await icb.as('contract_manager')).key, `/v1/referrals/${one.referralId}`);
    const ours = await logOf(icb, `?subject=${one.personId}`);
    expect(new Set(ours.items.map(({ actorOrgName }) => actorOrgName)).size).toBe(2);
    expect(ours.items.every(({ personIds }) => personIds.includes(one.personId))).toBe(true);
    expect(ours.items.find(({ memberName }) => memberName?.includes('contract_manager'))).toBeDefined();
    const theirs = await logOf(stage.month.provider, `?subject=${one.referralId}`);
    expect(theirs.items.length).toBeGreaterThan(0);
    expect(theirs.items.every((row) => row.actorOrgName.startsWith('Provider') && row.personIds.length === 0)).toBe(
      true,
    );
    const rival = await commissioner(app, 'OTHER');
    expect((await logOf(rival)).items).toEqual([]);
    await (await icb.as('finance')).api.get('/v1/access-log', { expect: 403 });
    await (await stage.surgery.as('admin')).api.get('/v1/access-log', { expect: 403 });
  });

  it('is read on, page by page, and narrowed by day and kind', async () => {
    const { items, next } = await logOf(icb, '?limit=2');
    const more = await logOf(icb, `?limit=2&before=${next}`);
    expect(items).toHaveLength(2);
    expect(more.items.length).toBeGreaterThan(0);
    expect(more.items).not.toContainEqual(items[1]);
    expect((await logOf(icb, '?kind=journal')).items).toEqual([]);
    expect((await logOf(icb, '?to=2026-10-28')).items).toEqual([]);
    expect((await logOf(icb, '?from=2026-10-29&to=2026-10-29&limit=1')).items).toHaveLength(1);
  });

  it('lets an answer leave only when its row is written', async () => {
    const { key } = await stage.month.provider.as('coordinator');
    const signature = 'function access_log_write(text, text, text, uuid, uuid, timestamptz, text, uuid[], boolean)';
    await app.admin.query(`revoke execute on ${signature} from wp_provider`);
    try {
      const { status, text, rows } = await read(key, `/v1/referrals/${one.referralId}`);
      expect({ status, rows }).toEqual({ status: 500, rows: [] });
      expect(text).not.toContain('EL-1');
    } finally {
      await app.admin.query(`grant execute on ${signature} to wp_provider`);
    }
    expect((await read(key, `/v1/referrals/${one.referralId}`)).status).toBe(200);
  });

  it('cannot be changed: by no side, and by no owner', async () => {
    for (const side of ['commissioner', 'provider', 'referrer', 'relay', 'auth'] as const) {
      for (const sql of ["update access_log set route = 'x'", 'insert into access_log (route) values (null)']) {
        const done = app.database.transaction({ side, orgId: icb.id }, (tx) => tx.execute(sql));
        await expect(done).rejects.toThrow(/permission denied/);
      }
    }
    const gone = app.database.transaction({ side: 'commissioner', orgId: icb.id }, (tx) =>
      tx.execute('delete from access_log'),
    );
    await expect(gone).rejects.toThrow(/permission denied/);
    for (const sql of ["update access_log set route = 'x'", 'delete from access_log', 'truncate access_log']) {
      await expect(app.admin.query(sql)).rejects.toThrow(/append_only/);
    }
  });

  it('takes no row about somebody whom the reader cannot see', async () => {
    const rival = await commissioner(app, 'FORGER');
    const forged = await app.database.transaction({ side: 'commissioner', orgId: rival.id }, (tx) =>
      tx.query<{ rows: number }>(
        `select access_log_write('person', 'GET /', 'person', null, null, now(), 'x', $1, false) as rows`,
        [[one.referralId, one.personId]],
      ),
    );
    expect(forged).toEqual([{ rows: 0 }]);
  });

  it('forgets what is older than 24 months, and nothing younger', async () => {
    const plant = (months: number) =>
      app.admin.query(
        `insert into access_log (commissioner_id, actor_org_id, actor_kind, read_at, kind, route, correlation_id, referral_ids, person_ids)
         values ($1, $1, 'person', now() - make_interval(months => $2, hours => 1), 'person', 'GET /old', $3, '{}', '{}')`,
        [icb.id, months, `old-${months}`],
      );
    for (const months of [30, 24, 23]) await plant(months);
    const count = async () => (await app.admin.query('select from access_log')).rowCount;
    const before = await count();
    expect(await app.nest.get(AccessRegister).forget()).toBe(2);
    expect(await count()).toBe((before ?? 0) - 2);
    expect(await loggedReads(app, 'old-23')).toHaveLength(1);
    expect(await app.nest.get(AccessRegister).forget()).toBe(0);
  });
});
