import type { Organisation } from '../organisations/index.js';
import { openSignInStage, visitor, type PasskeyPerson, type SignInStage } from '../../test/support/sign-in-stage.js';
import { hashOfToken, newToken } from '../platform/secret-box.js';
import { JoiningService } from './joining.service.js';
import { SandboxSignIn } from './sandbox-sign-in.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';

const MINUTE = 60;
const HOUR = 3600;

describe('sessions', () => {
  let stage: SignInStage;
  let sessions: SessionsService;
  let icb: Organisation;
  let choir: Organisation;
  let ada: PasskeyPerson;

  beforeAll(async () => {
    stage = await openSignInStage();
    sessions = stage.get(SessionsService);
    icb = await stage.organisation('commissioner', 'NELICB');
    choir = await stage.organisation('provider', 'CHOIR');
  });
  afterAll(() => stage.close());

  let people = 0;
  beforeEach(async () => {
    ada = await stage.withPasskey(icb, `ada${++people}@icb.example`, ['approver', 'finance']);
  });

  const stateOf = async (token: string) => (await sessions.find(token)).state;

  it('says who it is, for whom they act, and what they may', async () => {
    const session = await sessions.get(ada.token);
    expect(session).toMatchObject({
      login: { id: ada.loginId, email: `ada${people}@icb.example`, locale: 'en', operator: false },
      memberId: ada.memberId,
      confinedTo: null,
      method: 'passkey',
    });
    expect(session.memberships).toEqual([
      {
        memberId: ada.memberId,
        organisationId: icb.id,
        kind: 'commissioner',
        name: 'NELICB of the test',
        code: 'NELICB',
        roles: ['approver', 'finance'],
        approvalLimitMinor: null,
      },
    ]);
    expect(sessions.actorOf(session, 'a-request')).toEqual({
      kind: 'person',
      side: 'commissioner',
      orgId: icb.id,
      memberId: ada.memberId,
      keyId: null,
      roles: ['approver', 'finance'],
      scopes: [],
      approvalLimitMinor: null,
      correlationId: 'a-request',
    });
  });

  it('keeps only the hash of a token', async () => {
    const { rows } = await stage.admin.query<{ row: string; token_hash: Buffer }>(
      'select token_hash, s::text as row from web_session s where login_id = $1',
      [ada.loginId],
    );
    expect(rows[0]?.token_hash.equals(hashOfToken(ada.token))).toBe(true);
    expect(rows[0]?.row).not.toContain(ada.token);
  });

  it('ends after half an hour without use, and goes on with use, up to twelve hours', async () => {
    stage.pass(29 * MINUTE);
    expect(await stateOf(ada.token)).toBe('open');
    stage.pass(29 * MINUTE);
    expect(await stateOf(ada.token)).toBe('open');
    stage.pass(30 * MINUTE);
    expect(await sessions.find(ada.token)).toEqual({
      state: 'idle',
      owner: { side: 'commissioner', orgId: icb.id, memberId: ada.memberId },
    });
    await expect(sessions.extend(ada.token)).rejects.toMatchObject({ code: 'sign_in.session_over' });
  });

  it('ends after twelve hours however much it is used', async () => {
    for (let passed = 0; passed < 12 * HOUR; passed += 20 * MINUTE) {
      expect(await stateOf(ada.token)).toBe('open');
      stage.pass(20 * MINUTE);
    }
    expect(await stateOf(ada.token)).toBe('ended');
  });

  it('notes its use at most once a minute, and at once when somebody asks for more time', async () => {
    const lastSeen = async () => {
      const { rows } = await stage.admin.query<{ at: Date }>(
        'select last_seen_at as at from web_session where token_hash = $1',
        [hashOfToken(ada.token)],
      );
      return rows[0]?.at.getTime() ?? 0;
    };
    const first = await lastSeen();
    stage.pass(40);
    await sessions.find(ada.token);
    expect(await lastSeen()).toBe(first);
    const { idleEndsAt } = await sessions.extend(ada.token);
    const extended = await lastSeen();
    expect(extended).toBeGreaterThan(first);
    expect(idleEndsAt.getTime()).toBe(extended + 30 * MINUTE * 1000);
    stage.pass(61);
    await sessions.find(ada.token);
    expect(await lastSeen()).toBeGreaterThan(extended);
  });

  it('tells a session that was ended from one that never was', async () => {
    await sessions.end(ada.token);
    expect(await sessions.find(ada.token)).toEqual({ state: 'ended', owner: null });
    for (const stranger of [newToken(), '', 'x', 'a'.repeat(5000)]) expect(await stateOf(stranger)).toBe('unknown');
  });

  it('has another token after signing in and after proof: one that was planted or seen before is worth nothing', async () => {
    const signIn = stage.get(SignInService);
    const browser = visitor();
    const again = await signIn.withPasskey(browser, ada.device.get(await signIn.offerPasskey(browser)), ada.token);
    expect(again.token).not.toBe(ada.token);
    expect(await stateOf(ada.token)).toBe('ended');
    const proved = await signIn.stepUpWithPasskey(
      again.token,
      browser,
      ada.device.get(await signIn.offerStepUp(again.token, browser)),
    );
    expect([await stateOf(again.token), await stateOf(proved)]).toEqual(['unknown', 'open']);
    expect(await stateOf(await sessions.rotate(proved))).toBe('open');
    expect(await stateOf(proved)).toBe('unknown');
    await expect(sessions.rotate(proved)).rejects.toMatchObject({ code: 'sign_in.session_over' });
  });

  it('notices with the next request that roles were taken away, and that a member was disabled', async () => {
    const admin = { side: 'commissioner', orgId: icb.id } as const;
    const change = (set: string) =>
      stage.database.transaction(admin, (tx) => tx.execute(`update member set ${set} where id = $1`, [ada.memberId]));
    await change(`roles = '{finance}', approval_limit_minor = 12345`);
    const session = await sessions.get(ada.token);
    expect(sessions.actorOf(session, '')).toMatchObject({ roles: ['finance'], approvalLimitMinor: 12345n });
    await change('disabled_at = now()');
    const after = await sessions.get(ada.token);
    expect(after).toMatchObject({ memberships: [], memberId: null });
    expect(() => sessions.actorOf(after, '')).toThrow(
      expect.objectContaining({ code: 'sign_in.not_your_membership' }) as Error,
    );
    await stage.admin.query('update login set disabled_at = now() where id = $1', [ada.loginId]);
    expect(await sessions.find(ada.token)).toEqual({ state: 'ended', owner: null });
    await expect(sessions.rotate(ada.token)).rejects.toMatchObject({ code: 'sign_in.session_over' });
  });

  it('acts for one organisation at a time, of one’s own', async () => {
    const link = await stage.invite(choir, 'ada@choir.example', ['treasurer']);
    const { memberId } = await stage.get(JoiningService).joinAs(ada.token, link);
    const session = await sessions.get(ada.token);
    expect(session.memberships.map(({ code }) => code)).toEqual(['CHOIR', 'NELICB']);
    expect(sessions.actorOf(session, '')).toMatchObject({ side: 'provider', orgId: choir.id, roles: ['treasurer'] });
    await sessions.choose(ada.token, ada.memberId);
    expect((await sessions.get(ada.token)).memberId).toBe(ada.memberId);
    const other = await stage.withPasskey(choir, `bea${people}@choir.example`, ['coordinator']);
    await expect(sessions.choose(ada.token, other.memberId)).rejects.toMatchObject({
      code: 'sign_in.not_your_membership',
    });
    expect(memberId).not.toBe(ada.memberId);
  });

  it('lists one’s own sessions and ends others, one or all', async () => {
    const signIn = stage.get(SignInService);
    const phone = visitor({ device: `A phone ${'x'.repeat(300)}` });
    const second = await signIn.withPasskey(phone, ada.device.get(await signIn.offerPasskey(phone)));
    const third = await signIn.withPasskey(phone, ada.device.get(await signIn.offerPasskey(phone)));
    const listed = await sessions.listOf(ada.loginId);
    expect(listed.map(({ sessionId }) => sessionId)).toEqual(
      expect.arrayContaining([second.sessionId, third.sessionId]),
    );
    expect(listed).toHaveLength(3);
    expect(listed[0]?.device).toHaveLength(200);
    await sessions.endOne(ada.loginId, second.sessionId);
    await expect(sessions.endOne(ada.loginId, second.sessionId)).rejects.toMatchObject({ code: 'not_found' });
    const stranger = await stage.withPasskey(icb, `cy${people}@icb.example`, ['finance']);
    await expect(sessions.endOne(stranger.loginId, third.sessionId)).rejects.toMatchObject({ code: 'not_found' });
    await sessions.endOthers(await sessions.get(third.token));
    expect([await stateOf(ada.token), await stateOf(second.token), await stateOf(third.token)]).toEqual([
      'ended',
      'ended',
      'open',
    ]);
    await sessions.endAll(ada.loginId);
    expect([await stateOf(third.token), await stateOf(stranger.token)]).toEqual(['ended', 'open']);
    expect(await sessions.listOf(ada.loginId)).toEqual([]);
  });

  it('counts as fresh for five minutes after a proof', async () => {
    expect((await sessions.getFresh(ada.token)).sessionId).toBeDefined();
    stage.pass(5 * MINUTE + 1);
    await expect(sessions.getFresh(ada.token)).rejects.toMatchObject({ code: 'sign_in.step_up_required' });
    const next = await stage.get(SandboxSignIn).stepUp(ada.token);
    expect((await sessions.getFresh(next)).login.id).toBe(ada.loginId);
  });
});
