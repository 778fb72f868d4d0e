import { ErasureStage, type Referred } from './stories/erasure-stage.js';
import { startTestApp, type TestApp } from './support/app.js';
import { commissioner, type Party } from './support/world.js';
import { visitor, type Visitor } from './support/visitors.js';

describe('the pages of people who were referred', () => {
  let app: TestApp;
  let icb: Party;
  let stage: ErasureStage;
  let admin: Visitor;
  let one: Referred;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    stage = await ErasureStage.of(app, icb);
    admin = await visitor(app, await icb.as('admin'));
    one = await stage.refer('EL-1', { personReference: 'NORTHGATE-17' });
  });
  afterAll(() => app.close());

  it('find somebody by what is typed, and keep it in no address, draft or page', async () => {
    const found = await admin.send('/persons', '/persons', { personReference: 'NORTHGATE-17' });
    expect(found.status).toBe(200);
    expect(found.text).toContain(`/persons/${one.personId}`);
    expect(found.text).not.toContain('NORTHGATE-17');
    expect((await admin.send('/persons', '/persons', { reference: 'EL-1' })).text).toContain(one.personId);
    expect((await admin.send('/persons', '/persons', { nhsNumber: '9990000018' })).text).toContain('Nobody is known');
    const mistaken: Record<string, string>[] = [{}, { reference: 'EL-1', personReference: 'x' }, { nhsNumber: '123' }];
    for (const wrong of mistaken) {
      expect((await admin.send('/persons', '/persons', wrong)).status).toBe(422);
    }
    const old = await visitor(app, await icb.as('admin'), { fresh: false });
    const stopped = await old.send('/help', '/persons', { personReference: 'NORTHGATE-17' });
    expect(stopped.location).toMatch(/^\/confirm-identity/);
    const { rows } = await app.admin.query(`select 1 from draft where data::text like '%NORTHGATE%'`);
    expect(rows).toEqual([]);
  });

  it('show who it is before anything is destroyed, and what stands in the way', async () => {
    const shown = await admin.get(`/persons/${one.personId}`);
    expect(shown.text).toContain('The reference NORTHGATE-17 of');
    expect(shown.text).toContain('/referrals/');
    const asked = await admin.get(`/persons/${one.personId}/erase`);
    expect(asked.text).toContain('Open referrals: 1.');
    const path = `/persons/${one.personId}/erase`;
    const chosen = { ground: 'no_longer_needed', askedBy: 'person' };
    expect((await admin.send(path, path)).text).toContain('Choose why the person is erased');
    const refused = await admin.send(path, path, chosen);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('still needs this person');
    expect((await admin.send(path, path, { ...chosen, force: 'yes' })).text).toContain('kept unlawfully');
  });

  it('keep everything under a hold, and say why', async () => {
    const path = `/persons/${one.personId}`;
    const held = await admin.send(`${path}/hold`, `${path}/hold`, { holdReason: 'complaint' });
    expect(held).toMatchObject({ status: 303, location: path });
    const shown = await admin.get(path);
    expect(shown.text).toMatch(/Under a legal hold since[^]*A complaint/);
    expect(shown.text).not.toContain(`${path}/erase"`);
    const released = await admin.send(`${path}/release`, `${path}/release`);
    expect(released).toMatchObject({ status: 303, location: path });
  });

  it('erase somebody, and say from then on that nobody knows who it was', async () => {
    const [claim] = await stage.month.attend(one.reference, '2026-10-06');
    await stage.month.approve(await stage.month.submit());
    await stage.close(one);
    const path = `/persons/${one.personId}`;
    const done = await admin.send(`${path}/erase`, `${path}/erase`, {
      ground: 'retention_ended',
      askedBy: 'commissioner',
    });
    expect(done).toMatchObject({ status: 303, location: path });
    const shown = await admin.get(path);
    expect(shown.text).toMatch(/Erased on[^]*The time for keeping records is over/);
    expect(shown.text).toContain('Companies Act 2006 section 388');
    expect(shown.text).not.toContain('NORTHGATE-17');
    expect((await admin.get(path, { cookie: `wellpaid-session=${admin.token}; wellpaid-language=cy` })).text).toContain(
      'Deddf Cwmnïau 2006',
    );

    const coordinator = await visitor(app, await stage.month.provider.as('coordinator'));
    expect((await coordinator.get(`/referrals/${one.referralId}`)).text).toContain('The person was erased on');
    expect((await coordinator.get(`/claims/${claim}`)).text).toContain('>Erased<');
    const { rows } = await app.admin.query<{ id: string }>('select session_id as id from claim where id = $1', [claim]);
    expect((await coordinator.get(`/sessions/${rows[0]?.id}`)).text).toContain('>Erased<');
    for (const page of ['/referrals', '/sessions', '/claims', `/follow/${one.referralId}`]) {
      expect((await coordinator.get(page)).status).toBe(200);
    }
  });

  it('show an auditor who looked at whom', async () => {
    const auditor = await visitor(app, await icb.as('auditor'));
    const shown = await auditor.get(`/access-log?subject=${one.personId}`);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('GET /persons/:id');
    expect(shown.text).toContain('admin of NELICB');
    expect((await auditor.get('/access-log?subject=nobody')).status).toBe(422);
    expect((await auditor.get('/access-log?kind=export')).text).toContain('Nobody has looked at anybody like that');
    const theirs = await visitor(app, await stage.month.provider.as('auditor'));
    expect((await theirs.get('/access-log')).text).not.toContain(one.personId);
  });
});

describe('the pages of what people wrote', () => {
  let app: TestApp;
  let stage: ErasureStage;
  let admin: Visitor;

  beforeAll(async () => {
    app = await startTestApp();
    const icb = await commissioner(app, 'NELICB');
    stage = await ErasureStage.of(app, icb);
    admin = await visitor(app, await icb.as('admin'));
    const one = await stage.refer('EL-1', { personReference: 'NORTHGATE-17' });
    const [claim] = await stage.month.attend(one.reference, '2026-10-06');
    const batch = await stage.month.submit();
    await stage.month.approver.post(`/v1/batches/${batch.id}/claims/${claim}/reject`, { reason: 'Ada was <ill>.' });
  });
  afterAll(() => app.close());

  it('list them, redact one after a fresh proof and a reason, and say from then on that it is gone', async () => {
    const listed = await admin.get('/texts');
    expect(listed.text).toContain('Ada was &lt;ill&gt;.');
    const path = /\/texts\/[0-9a-f-]{36}\/redact/.exec(listed.text)?.[0] ?? '';
    expect((await admin.get(path)).text).toContain('Nobody can undo this');
    expect((await admin.send(path, path)).text).toContain('Choose why the text is redacted');
    const old = await visitor(app, await stage.icb.as('admin'), { fresh: false });
    const chosen = { ground: 'objection', askedBy: 'person' };
    expect((await old.send('/help', path, chosen)).location).toMatch(/^\/confirm-identity/);
    expect(await admin.send(path, path, chosen)).toMatchObject({ status: 303, location: '/texts' });
    const after = await admin.get('/texts');
    expect(after.text).toContain('Redacted on');
    expect(after.text).not.toContain('Ada');
    expect(after.text).not.toContain(path);
    expect((await admin.get(path)).text).toContain('This text was erased.');
    const { rows } = await app.admin.query<{ id: string }>(`select id from claim where state = 'rejected'`);
    const coordinator = await visitor(app, await stage.month.provider.as('coordinator'));
    const shown = await coordinator.get(`/claims/${rows[0]?.id}`);
    expect(shown.text).toMatch(/This claim was rejected[^]*This text was erased\./);
  });
});
