import { randomUUID } from 'node:crypto';
import { ErasureStage, type Referred } from '../../test/stories/erasure-stage.js';
import { closeBooks } from '../../test/stories/month-stage.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { commissioner, type Party } from '../../test/support/world.js';

const REQUEST = { ground: 'no_longer_needed', askedBy: 'person' };

describe('erasing a person', () => {
  let app: TestApp;
  let icb: Party;
  let stage: ErasureStage;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    stage = await ErasureStage.of(app, icb);
  });
  afterEach(() => closeBooks(app, icb));
  afterAll(() => app.close());

  const refer = () => {
    made++;
    return stage.refer(`R-${made}`, { personReference: `person ${made}` });
  };
  const refused = async (id: string, request: Record<string, unknown>, status: number) => {
    const { body } = await stage.admin.post(`/v1/persons/${id}/erasure`, request, { expect: status });
    return { code: body.code, details: body.details };
  };

  it('waits for open referrals and undecided claims, and says how many there are', async () => {
    const one = await refer();
    await stage.month.attend(one.reference, '2026-10-06');
    expect(await refused(one.personId, REQUEST, 422)).toEqual({
      code: 'person.still_needed',
      details: { openReferrals: 1, undecidedClaims: 1 },
    });
    await stage.close(one);
    expect(await refused(one.personId, REQUEST, 422)).toMatchObject({
      details: { openReferrals: 0, undecidedClaims: 1 },
    });
    const batch = await stage.month.submit();
    expect(await refused(one.personId, REQUEST, 422)).toMatchObject({ details: { undecidedClaims: 1 } });
    await stage.month.approve(batch);
    expect((await stage.erase(one.personId)).erasure?.forced).toBe(false);
  });

  it('passes over open work only where the law leaves no choice, and says that it did', async () => {
    const { personId, referralId } = await refer();
    const force = { ...REQUEST, force: true };
    expect(await refused(personId, force, 422)).toMatchObject({ code: 'person.force_not_lawful' });
    const erased = await stage.erase(personId, { force: true, ground: 'legal_obligation', askedBy: 'court' });
    expect(erased).toMatchObject({ work: { openReferrals: 1 }, erasure: { forced: true, ground: 'legal_obligation' } });
    const { body } = await stage.month.coordinator.get(`/v1/referrals/${referralId}`);
    expect(body).toMatchObject({ state: 'accepted', personErasedAt: erased.erasedAt });
    await stage.close({ referralId } as never);
  });

  it('is refused under a legal hold, on any ground, until the hold is lifted', async () => {
    const one = await refer();
    await stage.close(one);
    const { personId } = one;
    const hold = { holdReason: 'legal_claim' };
    const { body } = await stage.admin.post(`/v1/persons/${personId}/hold`, hold);
    expect(body).toMatchObject({ holdReason: 'legal_claim' });
    const compelled = { ground: 'unlawful', askedBy: 'court', force: true };
    expect(await refused(personId, compelled, 409)).toMatchObject({ code: 'person.on_hold' });
    await stage.admin.post(`/v1/persons/${personId}/hold`, hold, { expect: 409 });
    await stage.admin.post(`/v1/persons/${personId}/release`);
    await stage.admin.post(`/v1/persons/${personId}/release`, undefined, { expect: 409 });
    await stage.erase(personId);
    await stage.admin.post(`/v1/persons/${personId}/hold`, hold, { expect: 409 });
  });

  it('happens once, however many ask at the same time', async () => {
    const one = await refer();
    await stage.close(one);
    const ask = () =>
      fetch(`${app.url}/v1/persons/${one.personId}/erasure`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keyOf}`, 'content-type': 'application/json' },
        body: JSON.stringify(REQUEST),
      });
    const { key: keyOf } = await icb.as('admin');
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await ask()).status));
    expect(answers.filter((status) => status === 201)).toHaveLength(1);
    expect(answers.filter((status) => status === 409)).toHaveLength(19);
    expect(await eventsOf(one.personId, 'person.erased')).toBe(1);
  });

  it('gives the same answer to the same key, without who it was', async () => {
    const one = await refer();
    await stage.close(one);
    const headers = { 'idempotency-key': randomUUID() };
    const erase = () => stage.admin.post(`/v1/persons/${one.personId}/erasure`, REQUEST, { headers });
    const first = await erase();
    expect((await erase()).body).toEqual(first.body);
    expect(first.text).not.toContain(one.canary);
    const held = await stage.refer('R-HELD', { personReference: 'held under a key' });
    const hold = await stage.admin.post(
      `/v1/persons/${held.personId}/hold`,
      { holdReason: 'fraud' },
      { headers: { 'idempotency-key': randomUUID() } },
    );
    expect(hold.text).not.toContain('held under a key');
    const { rows } = await app.admin.query('select answer::text as answer from idempotency');
    expect(JSON.stringify(rows)).not.toContain('held under a key');
  });

  it('meets a referral that is being made for the same person, and neither is torn', async () => {
    for (let round = 0; round < 8; round++) {
      const one = await refer();
      await stage.close(one);
      const again = () => stage.refer(`R-AGAIN-${round}`, { personReference: one.canary });
      const erase = () =>
        stage.admin.post(`/v1/persons/${one.personId}/erasure`, REQUEST).then(
          () => true,
          () => false,
        );
      const first = round % 2 === 0 ? null : erase();
      const [referred, erased] = await Promise.all([again(), first ?? erase()]);
      expect(referred.personId === one.personId).toBe(!erased);
      expect((await stage.person(referred.personId)).secret?.identity).toMatchObject({ reference: one.canary });
    }
  });

  it('meets somebody who writes about a claim of the same person, and misses no text that it ought to reach', async () => {
    const claimed: { one: Referred; claim: string }[] = [];
    for (let round = 0; round < 6; round++) {
      const one = await refer();
      const [claim = ''] = await stage.month.attend(one.reference, '2026-10-06');
      claimed.push({ one, claim });
    }
    const batch = await stage.month.submit();
    for (const [round, { one, claim }] of claimed.entries()) {
      const review = `/v1/batches/${batch.id}/claims/${claim}`;
      const isQueried = round % 2 === 0;
      if (isQueried) await stage.month.approver.post(`${review}/query`, { question: 'Who was it?' });
      const erase = () => stage.erase(one.personId, { force: true, ground: 'unlawful' });
      const reject = () => stage.month.approver.post(`${review}/reject`, { reason: `Not ${one.canary}.` });
      const ahead = round % 3 === 0 ? null : reject();
      const [{ erasure }] = await Promise.all([erase(), ahead ?? reject()]);
      const { rows } = await app.admin.query<{ reason: string | null; question: string | null }>(
        `select c.reject_reason as reason, q.question from claim c left join claim_query q on q.claim_id = c.id
         where c.id = $1`,
        [claim],
      );
      expect(rows).toHaveLength(1);
      expect(rows[0]?.question).toBeNull();
      // One that was written later is not of this erasure; the books compare both with the order of the journal.
      expect(erasure?.texts).toBe((isQueried ? 1 : 0) + (rows[0]?.reason === null ? 1 : 0));
    }
    await stage.month.approver.post(`/v1/batches/${batch.id}/reject`, { reason: 'Empty.' });
  });

  it('is for the administrator of the commissioner alone, and of its own persons', async () => {
    const one = await refer();
    await stage.close(one);
    const path = `/v1/persons/${one.personId}/erasure`;
    const council = await commissioner(app, 'LEEDS');
    await (await council.as('admin')).api.post(path, REQUEST, { expect: 404 });
    await (await council.as('admin')).api.get(`/v1/persons/${one.personId}`, { expect: 404 });
    for (const [party, role] of [
      [icb, 'contract_manager'],
      [icb, 'auditor'],
      [stage.month.provider, 'admin'],
      [stage.surgery, 'admin'],
    ] as const) {
      await (await party.as(role)).api.post(path, REQUEST, { expect: 403 });
      await (await party.as(role)).api.get(`/v1/persons/${one.personId}`, { expect: 403 });
    }
    expect((await stage.person(one.personId)).erasedAt).toBeNull();
  });

  it('lets no side but the commissioner’s reach the vault', async () => {
    for (const side of ['provider', 'referrer', 'relay', 'intake', 'sealer', 'auth'] as const) {
      for (const table of ['person_key', 'person_vault']) {
        const read = app.database.read({ side, orgId: stage.month.provider.id }, (reader) =>
          reader.query(`select from ${table}`),
        );
        await expect(read).rejects.toThrow(/permission denied/);
      }
    }
    const council = await commissioner(app, 'HULL');
    const foreign = { side: 'commissioner', orgId: council.id } as const;
    expect(await app.database.read(foreign, (reader) => reader.query('select from person_key'))).toEqual([]);
    const gone = app.database.transaction(foreign, (tx) => tx.execute('delete from person_vault'));
    expect(await gone).toBe(0);
  });

  it('finds whom it is about by reference, NHS number or referral, and tells the rest from them', async () => {
    const one = await stage.refer('R-FIND', { personReference: 'to be found' });
    const other = await stage.refer('R-FIND-NHS', { nhsNumber: '9990000018' });
    const find = async (search: Record<string, string>) => {
      const { body } = await stage.admin.post<{ items: { id: string }[] }>('/v1/persons/find', search);
      return body.items.map(({ id }) => id);
    };
    expect(await find({ personReference: 'to be found' })).toEqual([one.personId]);
    expect(await find({ nhsNumber: '999 000 0018' })).toEqual([other.personId]);
    expect(await find({ referralReference: 'r-find' })).toEqual([one.personId]);
    expect(await find({ personReference: 'TO BE FOUND' })).toEqual([]);
    await stage.admin.post('/v1/persons/find', { nhsNumber: '9990000019' }, { expect: 400 });
    await stage.admin.post('/v1/persons/find', { personReference: 'a', nhsNumber: 'b' }, { expect: 400 });
    await stage.close(one);
    await stage.erase(one.personId);
    expect(await find({ personReference: 'to be found' })).toEqual([]);
    expect(await find({ referralReference: 'R-FIND' })).toEqual([one.personId]);
  });

  const eventsOf = async (subject: string, type: string) => {
    const sql = 'select count(*)::int as count from ledger.event where subject_id = $1 and type = $2';
    return (await app.admin.query<{ count: number }>(sql, [subject, type])).rows[0]?.count;
  };
});
