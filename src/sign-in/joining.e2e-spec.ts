import type { Organisation } from '../organisations/index.js';
import { SoftwareAuthenticator } from '../../test/support/software-authenticator.js';
import { appOf, openSignInStage, PASSWORD, visitor, type SignInStage } from '../../test/support/sign-in-stage.js';
import { InvitationsService, OrganisationsService } from '../organisations/index.js';
import { JoiningService } from './joining.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';

const AUTH = { side: 'auth', orgId: null } as const;
const DAY = 24 * 3600;
const UNUSABLE = { code: 'invitation.unusable' };

describe('joining', () => {
  let stage: SignInStage;
  let joining: JoiningService;
  let sessions: SessionsService;
  let icb: Organisation;
  let choir: Organisation;

  beforeAll(async () => {
    stage = await openSignInStage();
    joining = stage.get(JoiningService);
    sessions = stage.get(SessionsService);
    icb = await stage.organisation('commissioner', 'NELICB');
    choir = await stage.organisation('provider', 'CHOIR');
  });
  afterAll(() => stage.close());

  let people = 0;
  const address = () => `person${++people}@choir.example`;
  const countLogins = async () =>
    (await stage.admin.query<{ count: number }>('select count(*)::int as count from login')).rows[0]?.count;

  /** Ready to join with a password: all that is left is to send the form. */
  async function prepare(link: string) {
    const browser = visitor();
    const { enrolment, secret } = await joining.offerPassword(browser, link);
    const code = appOf(stage, secret);
    const send = (given = {}) =>
      joining.withPassword(
        browser,
        link,
        { displayName: 'Ada' },
        { password: PASSWORD, enrolment, code: code(), ...given },
      );
    return { browser, send, code };
  }

  it('shows what an invitation offers, as often as one looks', async () => {
    const link = await stage.invite(choir, 'Bea@Choir.Example', ['treasurer']);
    for (let looks = 0; looks < 3; looks++) {
      expect(await joining.show(link)).toMatchObject({
        kind: 'invitation',
        organisationId: choir.id,
        organisationKind: 'provider',
        organisationName: 'CHOIR of the test',
        invitedByName: 'CHOIR of the test',
        email: 'Bea@Choir.Example',
        roles: ['treasurer'],
      });
    }
    stage.pass(7 * DAY);
    await expect(joining.show(link)).rejects.toMatchObject(UNUSABLE);
    for (const none of ['', 'wp_i_none', 'wp_u_none']) await expect(joining.show(none)).rejects.toMatchObject(UNUSABLE);
  });

  it('makes a login that starts with a membership, a session and a way back in', async () => {
    const link = await stage.invite(choir, 'Cy@Choir.Example', ['coordinator']);
    const { send, code } = await prepare(link);
    const { token, recoveryCodes } = await send();
    const session = await sessions.get(token);
    expect(session).toMatchObject({
      login: { displayName: 'Ada', email: 'cy@choir.example', locale: 'en' },
      memberships: [{ code: 'CHOIR', roles: ['coordinator'] }],
    });
    expect(recoveryCodes).toHaveLength(10);
    const proof = { email: 'cy@choir.example', password: PASSWORD, code: code() };
    expect((await stage.get(SignInService).withPassword(visitor(), proof)).loginId).toBe(session.login.id);
    await expect(joining.show(link)).rejects.toMatchObject(UNUSABLE);
  });

  it('uses an invitation once of fifty times at once, and leaves nothing of the others', async () => {
    const link = await stage.invite(choir, address(), ['coordinator']);
    const before = (await countLogins()) ?? 0;
    const ready = await Promise.all(Array.from({ length: 50 }, () => prepare(link)));
    const joined = await Promise.allSettled(ready.map(({ send }) => send()));
    expect(joined.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = joined.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : ''));
    expect(new Set(codes)).toEqual(new Set(['', 'invitation.unusable']));
    expect(await countLogins()).toBe(before + 1);
  });

  it.each([
    ['a password that is the organisation’s name', { password: 'choir of the test' }, 'sign_in.password_unsuitable'],
    ['a password that is the address', { password: 'joiner@choir.example' }, 'sign_in.password_unsuitable'],
    ['a password that is too short', { password: 'short' }, 'sign_in.password_unsuitable'],
    ['a wrong code', { code: '000000' }, 'sign_in.code_wrong'],
    ['an app that nobody offered', { enrolment: 'a'.repeat(43) }, 'sign_in.request_unusable'],
  ])('keeps the invitation when somebody enters %s, and lets them try again', async (_, given, code) => {
    const link = await stage.invite(choir, 'joiner@choir.example', ['coordinator']);
    const { send } = await prepare(link);
    await expect(send(given)).rejects.toMatchObject({ code });
    expect((await joining.show(link)).kind).toBe('invitation');
    await send();
    await stage.admin.query(`update member set email = id::text where email = 'joiner@choir.example'`);
    await stage.admin.query(`update login set email = id::text where email = 'joiner@choir.example'`);
  });

  it('takes the offer of an app in the browser that asked for it, within ten minutes', async () => {
    const link = await stage.invite(choir, address(), ['coordinator']);
    const { enrolment, secret } = await joining.offerPassword(visitor(), link);
    const given = { password: PASSWORD, enrolment, code: appOf(stage, secret)() };
    await expect(joining.withPassword(visitor(), link, { displayName: 'Ada' }, given)).rejects.toMatchObject({
      code: 'sign_in.request_unusable',
    });
    const { send } = await prepare(link);
    stage.pass(600);
    await expect(send()).rejects.toMatchObject({ code: 'sign_in.request_unusable' });
  });

  it('keeps an app’s secret sealed, before it is confirmed and after', async () => {
    const link = await stage.invite(choir, address(), ['coordinator']);
    const browser = visitor();
    const { enrolment, secret, uri } = await joining.offerPassword(browser, link);
    const plain = secret.replaceAll(' ', '');
    expect(uri).toContain(`secret=${plain}`);
    const given = { password: PASSWORD, enrolment, code: appOf(stage, secret)() };
    await joining.withPassword(browser, link, { displayName: 'Ada' }, given);
    const { rows } = await stage.admin.query<{ row: string }>(
      `select encode(totp_secret, 'escape') as row from login union all select encode(data, 'escape') from sign_in_challenge`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) expect(row).not.toContain(plain);
  });

  it('joins another organisation from a session, once', async () => {
    const ada = await stage.withPasskey(icb, address(), ['approver']);
    const link = await stage.invite(choir, address(), ['treasurer']);
    const before = await countLogins();
    const { memberId } = await joining.joinAs(ada.token, link);
    expect(await countLogins()).toBe(before);
    expect(await sessions.get(ada.token)).toMatchObject({
      memberId,
      memberships: [{ code: 'CHOIR' }, { code: 'NELICB' }],
    });
    await expect(joining.joinAs(ada.token, link)).rejects.toMatchObject(UNUSABLE);
    const twice = await stage.invite(choir, address(), ['coordinator']);
    await expect(joining.joinAs(ada.token, twice)).rejects.toMatchObject({ code: 'member.email_taken' });
    expect((await joining.show(twice)).kind).toBe('invitation');
  });

  it('takes a passkey that was made for one link for no other', async () => {
    const operator = (await joining.makeOperator(address(), 'Olu')).split('/').at(-1) ?? '';
    const links = [operator, await stage.invite(choir, address(), ['coordinator'])];
    for (const [made = '', used = ''] of [links, links.toReversed()]) {
      const browser = visitor();
      const options = await joining.offerPasskey(browser, made, { displayName: 'Ada' });
      const answer = new SoftwareAuthenticator(stage.origin).create(options);
      await expect(joining.withPasskey(browser, used, 'Phone', answer)).rejects.toMatchObject({
        code: 'sign_in.request_unusable',
      });
    }
  });

  it('gives a second person of one address a login of their own, never somebody else’s', async () => {
    const email = address();
    const first = await stage.withPassword(choir, email, ['treasurer']);
    const link = await stage.invite(icb, email, ['finance']);
    const { send } = await prepare(link);
    await expect(send()).rejects.toMatchObject({ code: 'sign_in.email_in_use' });
    const browser = visitor();
    const device = new SoftwareAuthenticator(stage.origin);
    const options = await joining.offerPasskey(browser, link, { displayName: 'Another' });
    const { loginId, token } = await joining.withPasskey(browser, link, 'Phone', device.create(options));
    expect(loginId).not.toBe(first.loginId);
    expect((await sessions.get(token)).memberships.map(({ code }) => code)).toEqual(['NELICB']);
  });

  it('gives a member who only had keys a way in, by an invitation of their own organisation', async () => {
    const email = address();
    const organisations = stage.get(OrganisationsService);
    const member = await stage.database.transaction(AUTH, (tx) =>
      organisations.enrol(tx, choir, { displayName: 'Keys', email, roles: ['treasurer'] }),
    );
    const { send } = await prepare(await stage.invite(choir, email.toUpperCase(), ['coordinator']));
    const session = await sessions.get((await send()).token);
    expect(session.memberships).toMatchObject([{ memberId: member.id, roles: ['treasurer'] }]);
  });

  it('does not give a member away to whom another organisation invites', async () => {
    const farm = await stage.organisation('provider', 'FARM');
    const email = address();
    const token = await stage.database.transaction(AUTH, async (tx) => {
      const { id } = await stage
        .get(OrganisationsService)
        .enrol(tx, farm, { displayName: 'Keys', email, roles: ['treasurer'] });
      const link = await stage.get(InvitationsService).inviteMember(tx, {
        organisationId: farm.id,
        email,
        roles: ['treasurer'],
        approvalLimitMinor: null,
      });
      await tx.query('select from member where id = $1', [id]);
      return link;
    });
    await stage.admin.query('update invitation set invited_by = $1 where organisation_id = $2', [icb.id, farm.id]);
    const { send } = await prepare(token);
    await expect(send()).rejects.toMatchObject({ code: 'member.email_taken' });
  });

  it('tells the owner of each way in that was added, with ids alone', async () => {
    await stage.admin.query('delete from outbox');
    const ada = await stage.withPasskey(choir, address(), ['coordinator']);
    const { rows } = await stage.admin.query<object>('select org_id, topic, data from outbox');
    expect(rows).toEqual([
      {
        org_id: choir.id,
        topic: 'sign_in.credential_added',
        data: { commissionerId: choir.id, id: ada.loginId },
      },
    ]);
  });
});
