import { startTestApp, type TestApp } from '../../test/support/app.js';
import type { Actor } from '../platform/actor.js';
import { KeysService } from './keys.service.js';
import { MembersService } from './members.service.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';

interface MemberBody extends Record<string, unknown> {
  id: string;
  roles: string[];
  approvalLimitMinor: string | null;
  disabled: boolean;
}

describe('looking after members', () => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let link: Party;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB');
    choir = await registered(app, icb, 'provider', 'CHOIR');
    link = await registered(app, icb, 'referrer', 'LINK');
  });
  afterAll(() => app.close());

  interface Journalled {
    type: string;
    commissioner: string;
    provider: string | null;
    referrer: string | null;
    body: { data: object; actor: { memberId: string } };
  }
  const journal = async (subjectId: string): Promise<Journalled[]> => {
    const { rows } = await app.admin.query(
      `select type, commissioner_id as commissioner, provider_id as provider, referrer_id as referrer,
              convert_from(body, 'UTF8')::jsonb as body
       from ledger.event where subject_id = $1 and type <> 'member.joined' order by seq`,
      [subjectId],
    );
    return rows;
  };

  it('has everybody on record from the first day, with what they may do', async () => {
    const colleague = await icb.another('approver', 'finance');
    const { rows } = await app.admin.query<{ commissioner: string; data: object }>(
      `select commissioner_id as commissioner, convert_from(body, 'UTF8')::jsonb -> 'data' as data
       from ledger.event where subject_id = $1`,
      [colleague.memberId],
    );
    const data = { organisationId: icb.id, roles: ['approver', 'finance'], approvalLimitMinor: null };
    expect(rows).toEqual([{ commissioner: icb.id, data }]);
  });

  it('gives other roles from the next request on, and remembers which', async () => {
    const admin = await icb.as('admin');
    const colleague = await icb.another('approver');
    await colleague.api.get('/v1/members', { expect: 403 });
    const path = `/v1/members/${colleague.memberId}/roles`;
    const { body } = await admin.api.post<MemberBody>(path, { roles: ['admin', 'finance', 'admin'] });
    expect(body.roles).toEqual(['finance', 'admin']);
    await colleague.api.get('/v1/members');
    await admin.api.post(path, { roles: ['admin', 'finance'] });
    const events = await journal(colleague.memberId);
    expect(events.map(({ type }) => type)).toEqual(['member.roles_changed']);
    expect(events[0]).toMatchObject({ commissioner: icb.id, provider: null, referrer: null });
    expect(events[0]?.body.data).toEqual({ before: ['approver'], roles: ['finance', 'admin'] });
    expect(events[0]?.body.actor).toMatchObject({ memberId: admin.memberId });
  });

  it('refuses roles of another kind, one’s own roles and one’s own limit', async () => {
    const admin = await icb.as('admin');
    const colleague = await icb.another('approver');
    const wrong = await admin.api.post(
      `/v1/members/${colleague.memberId}/roles`,
      { roles: ['treasurer'] },
      { expect: 400 },
    );
    expect(wrong.body).toMatchObject({ code: 'member.role_not_of_organisation', details: { wrong: ['treasurer'] } });
    const own = `/v1/members/${admin.memberId}`;
    const roles = await admin.api.post(`${own}/roles`, { roles: ['admin', 'approver'] }, { expect: 403 });
    expect(roles.body).toMatchObject({ code: 'member.own_rights' });
    const limit = await admin.api.delete(`${own}/approval-limit`, { expect: 403 });
    expect(limit.body).toMatchObject({ code: 'member.own_rights' });
    expect((await journal(admin.memberId)).map(({ type }) => type)).toEqual(['command.refused', 'command.refused']);
  });

  it('sets and lifts the limit of an approver, in a commissioner only', async () => {
    const admin = await icb.as('admin');
    const approver = await icb.another('approver');
    const path = `/v1/members/${approver.memberId}/approval-limit`;
    const set = await admin.api.post<MemberBody>(path, { approvalLimitMinor: '500000' });
    expect(set.body.approvalLimitMinor).toBe('500000');
    expect((await admin.api.delete<MemberBody>(path)).body.approvalLimitMinor).toBeNull();
    await admin.api.post(path, {}, { expect: 400 });
    expect((await journal(approver.memberId)).map(({ body }) => body.data)).toEqual([
      { beforeMinor: null, approvalLimitMinor: '500000' },
      { beforeMinor: '500000', approvalLimitMinor: null },
    ]);
    const elsewhere = await choir.as('admin');
    const person = await choir.as('treasurer');
    await elsewhere.api.post(
      `/v1/members/${person.memberId}/approval-limit`,
      { approvalLimitMinor: '1' },
      { expect: 403 },
    );
  });

  it('disables and enables, and revives no key', async () => {
    const admin = await choir.as('admin');
    const leaver = await choir.another('coordinator');
    const path = `/v1/members/${leaver.memberId}`;
    await admin.api.post(`${path}/disable`);
    await admin.api.post(`${path}/disable`);
    await leaver.api.get('/v1/me', { expect: 401 });
    await admin.api.post(`${path}/enable`);
    await leaver.api.get('/v1/me', { expect: 401 });
    const { body } = await admin.api.get<{ items: MemberBody[] }>('/v1/members');
    expect(body.items.find(({ id }) => id === leaver.memberId)).toMatchObject({
      disabled: false,
      roles: ['coordinator'],
    });
  });

  it('is journalled by a provider without a contract, and by a referrer, with the commissioner that registered it', async () => {
    for (const party of [choir, link]) {
      const admin = await party.as('admin');
      const person = await party.another('admin');
      await admin.api.post(`/v1/members/${person.memberId}/disable`);
      await admin.api.post(`/v1/members/${person.memberId}/enable`);
      const events = await journal(person.memberId);
      expect(events.map(({ type }) => type)).toEqual(['member.disabled', 'member.enabled']);
      expect(events[0]).toMatchObject({
        commissioner: icb.id,
        provider: party === choir ? choir.id : null,
        referrer: party === link ? link.id : null,
      });
    }
  });

  it('keeps one admin, also when two disable each other at once', async () => {
    const farm = await registered(app, icb, 'provider', 'FARM');
    const [one, other] = [await farm.another('admin'), await farm.another('admin')];
    for (let round = 0; round < 3; round++) {
      const ended = await Promise.allSettled([
        one.api.post(`/v1/members/${other.memberId}/disable`),
        other.api.post(`/v1/members/${one.memberId}/disable`),
      ]);
      expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      await app.admin.query('update member set disabled_at = null where organisation_id = $1', [farm.id]);
      await app.admin.query('update api_key set revoked_at = null where organisation_id = $1', [farm.id]);
    }
    await one.api.post(`/v1/members/${other.memberId}/roles`, { roles: ['treasurer'] });
    const last = await one.api.post(`/v1/members/${one.memberId}/disable`, undefined, { expect: 422 });
    expect(last.body).toMatchObject({ code: 'member.last_admin' });
    expect((await journal(one.memberId)).at(-1)?.type).toBe('command.refused');
  });

  it('says what may not be done before it is tried', async () => {
    const shed = await registered(app, icb, 'provider', 'SHED');
    const [one, other] = [await shed.another('admin'), await shed.another('treasurer')];
    const actor = await app.nest.get(KeysService).authenticate(one.key, 'test');
    const refusals = async (id: string) =>
      (await app.nest.get(MembersService).getWithRefusals(actor as Actor, id)).refusals;
    expect(await refusals(one.memberId)).toEqual({
      roles: 'own_rights',
      withoutAdmin: 'own_rights',
      limit: 'own_rights',
      disable: 'last_admin',
    });
    expect(await refusals(other.memberId)).toEqual({});
    await shed.another('admin');
    expect((await refusals(one.memberId)).disable).toBeUndefined();
    await expect(refusals((await icb.as('admin')).memberId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('finds nobody of another organisation', async () => {
    const stranger = await icb.as('admin');
    const { memberId } = await choir.as('admin');
    await stranger.api.post(`/v1/members/${memberId}/roles`, { roles: ['finance'] }, { expect: 404 });
    await stranger.api.post(`/v1/members/${memberId}/enable`, undefined, { expect: 404 });
  });

  it('lists open invitations without their tokens, and takes one back', async () => {
    const admin = await choir.as('admin');
    const invite = { email: 'new@choir.example', roles: ['treasurer'] };
    const { body } = await admin.api.post<{ id: string; token: string }>('/v1/invitations', invite);
    const listed = async () => (await admin.api.get<{ items: { id: string }[] }>('/v1/invitations')).body.items;
    expect(await listed()).toMatchObject([{ id: body.id, ...invite, organisationId: choir.id }]);
    expect(JSON.stringify(await listed())).not.toContain('token');

    const stranger = await icb.as('admin');
    await stranger.api.delete(`/v1/invitations/${body.id}`, { expect: 404 });
    await admin.api.delete(`/v1/invitations/${body.id}`);
    await admin.api.delete(`/v1/invitations/${body.id}`);
    expect(await listed()).toEqual([]);
    const accept = { token: body.token, displayName: 'Somebody' };
    const late = await app.api().post('/v1/invitations/accept', accept, { expect: 403 });
    expect(late.body).toMatchObject({ code: 'invitation.unusable' });

    const second = await admin.api.post<{ id: string; token: string }>('/v1/invitations', invite);
    await app.api().post('/v1/invitations/accept', { ...accept, token: second.body.token });
    const used = await admin.api.delete(`/v1/invitations/${second.body.id}`, { expect: 409 });
    expect(used.body).toMatchObject({ code: 'invitation.used' });
  });

  it('lists the keys of programs until they are revoked, and no secret', async () => {
    const admin = await link.as('admin');
    const issued = await admin.api.post<{ id: string; key: string; prefix: string }>('/v1/keys', {
      label: 'referral system',
      scopes: ['referrals:read', 'referrals:write'],
    });
    const listed = async () => (await admin.api.get<{ items: object[] }>('/v1/keys')).body.items;
    expect(await listed()).toEqual([
      {
        id: issued.body.id,
        label: 'referral system',
        prefix: issued.body.prefix,
        scopes: ['referrals:read', 'referrals:write'],
        createdAt: expect.any(String),
        expiresAt: expect.any(String),
      },
    ]);
    await admin.api.delete(`/v1/keys/${issued.body.id}`);
    expect(await listed()).toEqual([]);
    await (await link.as('referrer')).api.get('/v1/keys', { expect: 403 });
  });
});
