import { startTestApp, type TestApp } from '../../test/support/app.js';
import { catalogueOf } from '../../test/support/route-catalogue.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { SERVICE_SCOPES } from '../platform/actor.js';
import { ORGANISATION_KINDS } from './organisation.entity.js';
import { scopesOf } from './service-key.rules.js';

interface Invited {
  id: string;
  token: string;
}

describe('inviting people, and keys for programs', () => {
  let app: TestApp;
  let icb: Party;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
  });
  afterAll(() => app.close());

  const journal = async (subjectId: string) => {
    const { rows } = await app.admin.query<{ type: string; provider: string | null; body: { data: object } }>(
      `select type, provider_id as provider, convert_from(body, 'UTF8')::jsonb as body
       from ledger.event where subject_id = $1 order by seq`,
      [subjectId],
    );
    return rows;
  };
  const accept = (token: string, expect?: number) =>
    app.api().post('/v1/invitations/accept', { token, displayName: 'Somebody' }, expect ? { expect } : {});

  it('is remembered without saying whom, and an invitation of the same address takes the place of the first', async () => {
    const { api } = await icb.as('admin');
    const first = await api.post<Invited>('/v1/invitations', {
      email: 'new@icb.example',
      roles: ['finance', 'approver'],
    });
    const second = await api.post<Invited>('/v1/invitations', { email: 'New@icb.example', roles: ['auditor'] });
    const { body } = await api.get<{ items: { id: string }[] }>('/v1/invitations');
    expect(body.items.map(({ id }) => id)).toEqual([second.body.id]);
    await accept(first.body.token, 403);
    await accept(second.body.token);
    const [made] = await journal(first.body.id);
    expect(made).toMatchObject({ type: 'invitation.made', provider: null });
    expect(made?.body.data).toEqual({
      organisationId: icb.id,
      roles: ['approver', 'finance'],
      approvalLimitMinor: null,
    });
    expect(JSON.stringify(made)).not.toContain('example');
  });

  it('is refused for somebody who signs in already, and gives a way in to one who has only keys', async () => {
    const { api } = await icb.as('admin');
    const { memberId } = await icb.another('finance');
    const { rows } = await app.admin.query<{ email: string }>('select email from member where id = $1', [memberId]);
    const request = { email: rows[0]?.email.toUpperCase(), roles: ['finance'] };
    await api.post('/v1/invitations', request);
    await app.admin.query('update member set disabled_at = now() where id = $1', [memberId]);
    const { body } = await api.post('/v1/invitations', request, { expect: 409 });
    expect(body).toMatchObject({ code: 'member.email_taken' });
  });

  it('into one’s own organisation is for admins, who alone see those invitations', async () => {
    const other = await icb.as('contract_manager');
    const own = { email: 'friend@icb.example', roles: ['admin'] };
    await other.api.post('/v1/invitations', own, { expect: 403 });
    const { body } = await (await icb.as('admin')).api.post<Invited>('/v1/invitations', own);
    expect((await other.api.get<{ items: unknown[] }>('/v1/invitations')).body.items).toEqual([]);
    await other.api.delete(`/v1/invitations/${body.id}`, { expect: 404 });
  });

  it('into a body that was registered ends when that has an admin', async () => {
    const farm = await registered(app, icb, 'provider', 'FARM');
    const { api } = await icb.as('contract_manager');
    const request = (email: string) => ({ organisationId: farm.id, email, roles: ['admin', 'treasurer'] });
    const first = await api.post<Invited>('/v1/invitations', request('first@farm.example'));
    const second = await api.post<Invited>('/v1/invitations', request('second@farm.example'));
    await api.delete(`/v1/invitations/${second.body.id}`);
    await api.delete(`/v1/invitations/${second.body.id}`);
    await accept(first.body.token);
    const { body } = await api.post('/v1/invitations', request('third@farm.example'), { expect: 403 });
    expect(body).toMatchObject({ code: 'invitation.organisation_has_admin' });
    const events = await journal(second.body.id);
    expect(events.map(({ type }) => type)).toEqual(['invitation.made', 'invitation.revoked']);
    expect(events[0]?.provider).toBe(farm.id);
  });

  it('gives a secret once, and stores it nowhere', async () => {
    const { api } = await icb.as('admin');
    const headers = { 'idempotency-key': 'one-press-of-the-button' };
    const request = { email: 'once@icb.example', roles: ['auditor'] };
    const { body } = await api.post<Invited>('/v1/invitations', request, { headers });
    const again = await api.post('/v1/invitations', request, { headers, expect: 409 });
    expect(again.body).toMatchObject({ code: 'secret.shown_once' });
    const program = { label: 'booking', scopes: ['referrals:read'] };
    const key = { 'idempotency-key': 'another-press-of-it' };
    const issued = await api.post<{ id: string; key: string }>('/v1/keys', program, { headers: key });
    await api.post('/v1/keys', program, { headers: key, expect: 409 });
    expect((await api.get<{ items: unknown[] }>('/v1/keys')).body.items).toHaveLength(1);
    const { rows } = await app.admin.query('select answer from idempotency where answer is not null');
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain(body.token);
    expect(JSON.stringify(rows)).not.toContain(issued.body.key);
  });

  it('is remembered of keys: made, and taken away once', async () => {
    const { api } = await icb.as('admin');
    const program = { label: 'Jo’s laptop', scopes: ['claims:read'], days: 30 };
    const { body } = await api.post<{ id: string; key: string }>('/v1/keys', program);
    await app.api(body.key).get('/v1/claims');
    await api.delete(`/v1/keys/${body.id}`);
    await app.api(body.key).get('/v1/claims', { expect: 401 });
    await api.delete(`/v1/keys/${body.id}`);
    const events = await journal(body.id);
    expect(events.map(({ type }) => type)).toEqual(['key.issued', 'key.revoked']);
    expect(events[0]?.body.data).toEqual({ scopes: ['claims:read'], days: 30 });
  });

  it('offers a program the scopes that open something to its organisation, and no others', async () => {
    const { routes } = await catalogueOf(app);
    for (const kind of ORGANISATION_KINDS) {
      const useful = routes.flatMap(({ permit }) =>
        typeof permit === 'object' && permit.scope && permit[kind] ? [permit.scope] : [],
      );
      expect(scopesOf(kind)).toEqual(SERVICE_SCOPES.filter((scope) => useful.includes(scope)));
    }
  });
});
