import { startTestApp, type TestApp } from '../../test/support/app.js';
import { actorOf } from '../../test/support/ledger-stage.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { OrganisationRegister, type OrganisationFilter } from './index.js';

describe('organisations, members and keys', () => {
  let app: TestApp;
  let icb: Party;
  let council: Party;
  let choir: Party;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    council = await commissioner(app, 'LEEDS');
    choir = await registered(app, icb, 'provider', 'CHOIR');
  });
  afterAll(() => app.close());

  it('refuses a request without a key, and one with a key that nobody holds', async () => {
    expect((await app.api().get('/v1/me', { expect: 401 })).body).toMatchObject({ code: 'request.not_signed_in' });
    const stranger = app.api('wp_p_00000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    await stranger.get('/v1/me', { expect: 401 });
  });

  it('says who a key belongs to', async () => {
    const { api } = await choir.as('coordinator');
    const { body } = await api.get('/v1/me');
    expect(body).toMatchObject({
      kind: 'person',
      roles: ['coordinator'],
      organisation: { code: 'CHOIR' },
      sandbox: true,
    });
  });

  it('names each wrong field and keeps identifiers canonical', async () => {
    const { api } = await icb.as('contract_manager');
    const wrong = {
      kind: 'provider',
      code: 'x',
      name: 'A',
      legalForm: 'club',
      address: [],
      postcode: 'nowhere',
      vat: 1,
    };
    const { body } = await api.post<{ code: string; errors: { path: string }[] }>('/v1/organisations', wrong, {
      expect: 400,
    });
    expect(body.code).toBe('request.invalid');
    expect(body.errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['code', 'name', 'legalForm', 'address', 'postcode']),
    );
    const right = {
      kind: 'provider',
      code: 'FARM',
      name: 'Farm',
      legalForm: 'cic',
      address: ['1'],
      postcode: 'e1 6an',
    };
    expect((await api.post('/v1/organisations', right)).body).toMatchObject({ postcode: 'E1 6AN' });
    expect((await api.post('/v1/organisations', right, { expect: 409 })).body).toMatchObject({
      code: 'organisation.code_taken',
    });
  });

  it('answers a repeated Idempotency-Key with the first answer, and another body with 409', async () => {
    const { api } = await icb.as('contract_manager');
    const headers = { 'idempotency-key': 'register-allotment' };
    const body = {
      kind: 'provider',
      code: 'ALLOT',
      name: 'Allotment',
      legalForm: 'cic',
      address: ['1'],
      postcode: 'E1 6AN',
    };
    const first = await api.post('/v1/organisations', body, { headers });
    const second = await api.post('/v1/organisations', body, { headers });
    expect(second.body).toEqual(first.body);
    expect(second.status).toBe(first.status);
    const other = await api.post('/v1/organisations', { ...body, name: 'Other' }, { headers, expect: 409 });
    expect(other.body).toMatchObject({ code: 'idempotency.other_request' });
  });

  it('invites the first people of a provider, once, with roles that a provider has', async () => {
    const { api } = await icb.as('contract_manager');
    const invite = { organisationId: choir.id, email: 'first@choir.example', roles: ['coordinator'] };
    await api.post('/v1/invitations', { ...invite, roles: ['approver'] }, { expect: 400 });
    const { body } = await api.post<{ token: string }>('/v1/invitations', invite);
    const accept = { token: body.token, displayName: 'A coordinator' };
    const accepted = await app.api().post<{ key: { key: string } }>('/v1/invitations/accept', accept);
    expect((await app.api(accepted.body.key.key).get('/v1/me')).body).toMatchObject({ roles: ['coordinator'] });
    await app.api().post('/v1/invitations/accept', accept, { expect: 403 });
  });

  it('does not let another commissioner invite into a provider that it did not register', async () => {
    const { api } = await council.as('admin');
    const invite = { organisationId: choir.id, email: 'spy@leeds.example', roles: ['coordinator'] };
    await api.post('/v1/invitations', invite, { expect: 404 });
  });

  it('stops a member and every key of theirs at once', async () => {
    const leaver = await choir.another('treasurer');
    await leaver.api.get('/v1/me');
    const admin = await choir.as('admin');
    await admin.api.post(`/v1/members/${leaver.memberId}/disable`);
    await leaver.api.get('/v1/me', { expect: 401 });
    const outsider = await icb.as('admin');
    await outsider.api.post(`/v1/members/${admin.memberId}/disable`, undefined, { expect: 404 });
  });

  it('gives a service key its scopes and nothing that needs a person, until it is revoked', async () => {
    const admin = await choir.as('admin');
    const { body } = await admin.api.post<{ id: string; key: string }>('/v1/keys', {
      label: 'booking system',
      scopes: ['referrals:read'],
    });
    const program = app.api(body.key);
    expect((await program.get('/v1/me')).body).toMatchObject({ kind: 'service', memberId: null });
    expect(
      (await program.post('/v1/keys', { label: 'x', scopes: ['claims:write'] }, { expect: 403 })).body,
    ).toMatchObject({
      details: { needs: 'a personal key' },
    });
    await program.get('/v1/organisations', { expect: 403 });
    await admin.api.delete(`/v1/keys/${body.id}`);
    await program.get('/v1/me', { expect: 401 });
  });

  it('ends a personal key after half a day', async () => {
    const { api } = await choir.another('coordinator');
    const start = app.clock.now();
    app.clock.moveTo(new Date(start.getTime() + 13 * 3_600_000));
    await api.get('/v1/me', { expect: 401 });
    app.clock.moveTo(start);
    await api.get('/v1/me');
  });

  it('refuses VAT registrations that overlap', async () => {
    const { api } = await icb.as('contract_manager');
    const path = `/v1/organisations/${choir.id}/vat-registrations`;
    await api.post(path, { vatNumber: 'GB 999 9999 73', startsOn: '2026-04-01' });
    const second = { vatNumber: '999999973', startsOn: '2026-06-01' };
    expect((await api.post(path, second, { expect: 409 })).body).toMatchObject({
      code: 'organisation.vat_registration_overlaps',
    });
    await api.post(path, { vatNumber: '123456789', startsOn: '2027-04-01' }, { expect: 400 });
  });

  it('ends a VAT registration, so that another can follow', async () => {
    const { api } = await icb.as('contract_manager');
    const path = `/v1/organisations/${choir.id}/vat-registrations`;
    const end = { startsOn: '2026-04-01', endsOn: '2026-12-31' };
    expect((await api.post(`${path}/end`, end)).body).toEqual({ vatNumber: 'GB999999973', ...end });
    await api.post(path, { vatNumber: 'GB123456782', startsOn: '2027-01-01' });
    const late = { startsOn: '2026-04-01', endsOn: '2027-01-01' };
    expect((await api.post(`${path}/end`, late, { expect: 409 })).body).toMatchObject({
      code: 'organisation.vat_registration_overlaps',
    });
    await api.post(`${path}/end`, { startsOn: '2026-04-01', endsOn: '2026-03-31' }, { expect: 400 });
    await api.post(path, { vatNumber: 'GB123456782', startsOn: '2029-01-01', endsOn: '2028-01-01' }, { expect: 400 });
    expect((await api.post(`${path}/end`, { ...end, startsOn: '2026-04-02' }, { expect: 404 })).body).toMatchObject({
      code: 'organisation.vat_registration_missing',
    });
    const stranger = await council.as('contract_manager');
    await stranger.api.post(`${path}/end`, end, { expect: 404 });
    const register = app.nest.get(OrganisationRegister);
    const { vatRegistrations } = await register.read(actorOf('commissioner', icb.id), choir.id);
    expect(vatRegistrations.map(({ startsOn, endsOn }) => [startsOn, endsOn])).toEqual([
      ['2027-01-01', null],
      ['2026-04-01', '2026-12-31'],
    ]);
  });

  it('finds organisations by a part of the name, or the beginning of a number', async () => {
    const register = app.nest.get(OrganisationRegister);
    const actor = actorOf('commissioner', icb.id);
    const more = { name: 'Åse’s 100% _garden_', charityNumber: '1089464' };
    const garden = await registered(app, icb, 'provider', 'GARDEN', more);
    const named = async (text: string, rest: Partial<OrganisationFilter> = {}) =>
      (await register.list(actor, { text, limit: 50, ...rest })).items.map(({ code }) => code);
    expect(await named('100% _GARD')).toEqual(['GARDEN']);
    expect(await named('%')).toEqual(['GARDEN']);
    expect(await named(' 10894')).toEqual(['GARDEN']);
    expect(await named('gard', { kind: 'referrer' })).toEqual([]);
    const everybody = await named('');
    const first = await register.list(actor, { limit: 2 });
    expect([...first.items.map(({ code }) => code), ...(await named('', { after: first.next ?? '' }))]).toEqual(
      everybody,
    );
    expect(await register.read(actor, garden.id)).toMatchObject({
      isOurs: true,
      registeredByName: 'Commissioner NELICB',
    });
    expect(await register.read(actorOf('commissioner', council.id), garden.id)).toMatchObject({
      isOurs: false,
    });
  });

  it('stores no key, only its hash', async () => {
    const person = await choir.as('coordinator');
    const { rows } = await app.admin.query('select row_to_json(k)::text as row from api_key k');
    expect(rows.some(({ row }) => row.includes(person.key.slice(-32)))).toBe(false);
  });
});
