import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Organisation } from '../organisations/index.js';
import {
  startIdentityProvider,
  type Account,
  type IdentityProvider,
  type Spoiling,
} from '../../test/support/identity-provider.js';
import { openSignInStage, visitor, type SignInStage } from '../../test/support/sign-in-stage.js';
import { CredentialsService } from './credentials.service.js';
import { JoiningService } from './joining.service.js';
import { SessionsService } from './sessions.service.js';
import { SingleSignOnService, type OidcPurpose } from './single-sign-on.service.js';
import type { Visitor } from './visitor.rules.js';

const NELICB = { kind: 'commissioner', code: 'NELICB' } as const;
const CHOIR = { kind: 'provider', code: 'CHOIR' } as const;
type Place = typeof NELICB | typeof CHOIR;
const REFUSED = { code: 'sign_in.identity_refused' };

describe('signing in with an organisation’s accounts', () => {
  let stage: SignInStage;
  let sso: SingleSignOnService;
  let sessions: SessionsService;
  let first: IdentityProvider;
  let second: IdentityProvider;
  let icb: Organisation;
  let choir: Organisation;
  let folder: string;

  beforeAll(async () => {
    first = await startIdentityProvider(() => stage.clock.now());
    second = await startIdentityProvider(() => stage.clock.now());
    folder = mkdtempSync(path.join(os.tmpdir(), 'wellpaid-spec-'));
    const file = path.join(folder, 'providers.json');
    const of = ({ issuer, clientId, clientSecret }: IdentityProvider) => ({ issuer, clientId, clientSecret });
    const strict = { ...of(second), acrValues: ['high', 'higher'], tenant: 'a-tenant' };
    const nowhere = { ...of(first), issuer: 'http://127.0.0.1:1' };
    writeFileSync(
      file,
      JSON.stringify({ NELICB: of(first), 'provider:CHOIR': strict, GHOST: of(first), DOWN: nowhere }),
    );
    stage = await openSignInStage({ environment: { OIDC_PROVIDERS_FILE: file } });
    sso = stage.get(SingleSignOnService);
    sessions = stage.get(SessionsService);
    icb = await stage.organisation('commissioner', 'NELICB');
    choir = await stage.organisation('provider', 'CHOIR');
    await stage.organisation('commissioner', 'DOWN');
  });
  afterAll(async () => {
    await stage.close();
    await first.close();
    await second.close();
    rmSync(folder, { recursive: true });
  });

  const seconds = () => Math.floor(stage.clock.now().getTime() / 1000);
  const strong = (given: Account): Account => ({ acr: 'high', tid: 'a-tenant', ...given });

  /** Goes to the provider of the organisation and comes back. */
  async function go(
    purpose: OidcPurpose,
    account: Account,
    spoiling: Spoiling = {},
    { at = NELICB, browser = visitor(), before }: { at?: Place; browser?: Visitor; before?: string } = {},
  ) {
    const provider = at === NELICB ? first : second;
    const { url } = await sso.begin(browser, at, purpose, '/batches');
    return sso.finish(browser, at, provider.authorise(url, account, spoiling), before);
  }

  let people = 0;
  /** Joins the commissioner, or the choir, with an account of it. */
  async function join(at: Place = NELICB) {
    const sub = `sub-${++people}`;
    const organisation = at === NELICB ? icb : choir;
    const link = await stage.invite(organisation, `person${people}@${at.code}.example`, [
      at === NELICB ? 'approver' : 'treasurer',
    ]);
    const account = strong({ sub });
    const signedOn = await go(
      { purpose: 'join', link, newcomer: { displayName: 'Ada', locale: 'cy' } },
      account,
      {},
      { at },
    );
    return { ...signedOn, account, loginId: (await sessions.get(signedOn.token)).login.id };
  }

  it('lists the organisations that have them and exist', async () => {
    expect((await sso.list()).map(({ code, kind }) => `${kind} ${code}`)).toEqual([
      'provider CHOIR',
      'commissioner DOWN',
      'commissioner NELICB',
    ]);
    const ghost = sso.begin(visitor(), { kind: 'commissioner', code: 'GHOST' }, { purpose: 'sign_in' });
    await expect(ghost).rejects.toMatchObject({ code: 'sign_in.provider_unknown' });
    const down = sso.begin(visitor(), { kind: 'commissioner', code: 'DOWN' }, { purpose: 'sign_in' });
    await expect(down).rejects.toMatchObject({ code: 'sign_in.provider_unavailable' });
  });

  it('asks with a code, PKCE, state and nonce, and for nothing about the person', async () => {
    const { url } = await sso.begin(visitor(), CHOIR, { purpose: 'sign_in' });
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(asked).toMatchObject({
      scope: 'openid',
      code_challenge_method: 'S256',
      acr_values: 'high higher',
      redirect_uri: 'http://localhost:8080/sign-in/with/provider/CHOIR',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
  });

  it('joins with an invitation, signs in after that, and keeps what the provider said', async () => {
    const { account, loginId, to } = await join();
    expect(to).toBe('/batches');
    const more = { ...account, amr: ['pwd', 'otp'], auth_time: seconds() - 1000, email: 'changed@elsewhere.example' };
    const { token } = await go({ purpose: 'sign_in' }, more);
    expect(await sessions.get(token)).toMatchObject({
      login: { id: loginId, displayName: 'Ada', locale: 'cy' },
      method: 'oidc',
      confinedTo: icb.id,
      steppedUpAt: null,
      assurance: { acr: 'high', amr: ['pwd', 'otp'], authTime: more.auth_time },
      memberships: [{ code: 'NELICB', roles: ['approver'] }],
    });
  });

  it('counts as fresh only where the provider says that it was', async () => {
    const { account } = await join();
    const fresh = await go({ purpose: 'sign_in' }, { ...account, auth_time: seconds() - 200 });
    expect((await sessions.getFresh(fresh.token)).method).toBe('oidc');
    for (const auth_time of [seconds() - 400, undefined]) {
      const { token } = await go({ purpose: 'sign_in' }, { ...account, ...(auth_time !== undefined && { auth_time }) });
      await expect(sessions.getFresh(token)).rejects.toMatchObject({ code: 'sign_in.step_up_required' });
      await expect(go({ purpose: 'step_up', token }, account, {}, { before: token })).rejects.toMatchObject(REFUSED);
      const stale = { ...account, auth_time: seconds() - 400 };
      await expect(go({ purpose: 'step_up', token }, stale, {}, { before: token })).rejects.toMatchObject(REFUSED);
      const again = { ...account, auth_time: seconds() - 5 };
      const proved = await go({ purpose: 'step_up', token }, again, {}, { before: token });
      expect(first.asked.get('prompt')).toBe('login');
      expect(first.asked.get('max_age')).toBe('300');
      expect((await sessions.getFresh(proved.token)).confinedTo).toBe(icb.id);
      expect((await sessions.find(token)).state).toBe('unknown');
    }
    const other = await join();
    const theirs = { ...other.account, auth_time: seconds() };
    await expect(
      go({ purpose: 'step_up', token: fresh.token }, theirs, {}, { before: fresh.token }),
    ).rejects.toMatchObject({ code: 'sign_in.identity_unknown' });
  });

  it.each([
    ['signed with none', { alg: 'none' }],
    ['signed with the client’s secret', { alg: 'HS256 with the secret' }],
    ['signed with the public key as a secret', { alg: 'HS256 with the public key' }],
    ['signed with another key', { alg: 'another key' }],
    ['signed with a key that was not published', { alg: 'unknown kid' }],
    ['whose key is a path', { alg: 'kid of a path' }],
    ['that was changed after it was signed', { tampered: true }],
    ['for somebody else’s client', { claims: { aud: 'another' } }],
    ['for several clients, and another is the party', { claims: { aud: ['wellpaid', 'another'], azp: 'another' } }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['with another nonce', { claims: { nonce: 'a'.repeat(43) } }],
    ['without a nonce', { without: ['nonce'] }],
    ['without a subject', { without: ['sub'] }],
    ['that has expired', { claims: { exp: 1_700_000_000, iat: 1_699_999_000 } }],
    ['without an expiry', { without: ['exp'] }],
    ['that is not valid yet', { claims: { nbf: 4_000_000_000 } }],
    ['that comes by way of a redirect', { redirect: true }],
    ['after an answer that another issuer gave', { iss: 'https://evil.example' }],
    ['after an answer that names no issuer', { iss: null }],
  ] as [string, Spoiling][])('takes no ID token %s', async (_, spoiling) => {
    const { account } = await join();
    await expect(go({ purpose: 'sign_in' }, account, spoiling)).rejects.toMatchObject(REFUSED);
    expect((await go({ purpose: 'sign_in' }, account)).purpose).toBe('sign_in');
  });

  it('takes the tenant and the strength that are configured, and no other', async () => {
    const { account } = await join(CHOIR);
    const at = { at: CHOIR };
    expect((await go({ purpose: 'sign_in' }, { ...account, acr: 'higher' }, {}, at)).token).toBeDefined();
    for (const wrong of [{ acr: 'low' }, { tid: 'another' }]) {
      await expect(go({ purpose: 'sign_in' }, { ...account, ...wrong }, {}, at)).rejects.toMatchObject(REFUSED);
    }
    await expect(go({ purpose: 'sign_in' }, account, { without: ['acr'] }, at)).rejects.toMatchObject(REFUSED);
    await expect(go({ purpose: 'sign_in' }, account, { without: ['tid'] }, at)).rejects.toMatchObject(REFUSED);
  });

  it('takes an answer once, in the browser that asked, and from the provider that was asked', async () => {
    const { account } = await join();
    const unusable = { code: 'sign_in.request_unusable' };
    const browser = visitor();
    const { url } = await sso.begin(browser, NELICB, { purpose: 'sign_in' });
    const query = first.authorise(url, account);
    await expect(sso.finish(visitor(), NELICB, query)).rejects.toMatchObject(unusable);
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => sso.finish(browser, NELICB, query)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(sso.finish(browser, NELICB, query)).rejects.toMatchObject(unusable);

    const mixed = first.authorise((await sso.begin(browser, NELICB, { purpose: 'sign_in' })).url, account);
    stage.log.length = 0;
    await expect(sso.finish(browser, CHOIR, mixed)).rejects.toMatchObject(REFUSED);
    expect(stage.log.join('')).toContain('other_provider');
    const late = first.authorise((await sso.begin(browser, NELICB, { purpose: 'sign_in' })).url, account);
    stage.pass(600);
    await expect(sso.finish(browser, NELICB, late)).rejects.toMatchObject(unusable);
    await expect(sso.finish(browser, NELICB, '?code=x')).rejects.toMatchObject(unusable);
    const { searchParams } = new URL((await sso.begin(browser, NELICB, { purpose: 'sign_in' })).url);
    const denied = `?error=access_denied&state=${searchParams.get('state')}&iss=${encodeURIComponent(first.issuer)}`;
    await expect(sso.finish(browser, NELICB, denied)).rejects.toMatchObject(REFUSED);
  });

  it('knows an account by issuer and subject: neither the same address nor the same subject elsewhere is the same', async () => {
    const ada = await join();
    const email = `person${people}@NELICB.example`;
    const unknown = { code: 'sign_in.identity_unknown' };
    await expect(go({ purpose: 'sign_in' }, { sub: 'another', email })).rejects.toMatchObject(unknown);
    const same = strong({ ...ada.account, email });
    await expect(go({ purpose: 'sign_in' }, same, {}, { at: CHOIR })).rejects.toMatchObject(unknown);
    const bea = await stage.withPassword(icb, 'bea@icb.example', ['finance']);
    await expect(go({ purpose: 'sign_in' }, { sub: 'bea', email: bea.email })).rejects.toMatchObject(unknown);
  });

  it('opens the organisation that vouched, and no other of the same person', async () => {
    const ada = await stage.withPasskey(icb, `ada${++people}@icb.example`, ['approver']);
    await stage
      .get(JoiningService)
      .joinAs(ada.token, await stage.invite(choir, `ada${people}@c.example`, ['treasurer']));
    const account = strong({ sub: `ada-${people}` });
    await go({ purpose: 'link', token: ada.token }, account, {}, { at: CHOIR, before: ada.token });
    const { token } = await go({ purpose: 'sign_in' }, { ...account, auth_time: seconds() }, {}, { at: CHOIR });
    const session = await sessions.get(token);
    expect(session).toMatchObject({ login: { id: ada.loginId }, confinedTo: choir.id });
    expect(session.memberships.map(({ code }) => code)).toEqual(['CHOIR']);
    await expect(sessions.choose(token, ada.memberId)).rejects.toMatchObject({ code: 'sign_in.not_your_membership' });
    const confined = { code: 'sign_in.confined' };
    const credentials = stage.get(CredentialsService);
    await expect(credentials.offerPasskey(token, visitor())).rejects.toMatchObject(confined);
    await expect(go({ purpose: 'link', token }, account, {}, { at: CHOIR, before: token })).rejects.toMatchObject(
      confined,
    );
    await expect(go({ purpose: 'step_up', token }, account)).rejects.toMatchObject(confined);
    const invitation = await stage.invite(icb, `x${people}@icb.example`, ['finance']);
    await expect(stage.get(JoiningService).joinAs(token, invitation)).rejects.toMatchObject(confined);
    await expect(go({ purpose: 'step_up', token: ada.token }, account, {}, { at: CHOIR })).rejects.toMatchObject(
      confined,
    );
    await stage.admin.query('update login set operator = true where id = $1', [ada.loginId]);
    expect((await sessions.get(token)).login.operator).toBe(false);
    expect((await sessions.get(ada.token)).login.operator).toBe(true);
  });

  it('links an account from a fresh session of a member, to one login, and unlinks it', async () => {
    const ada = await stage.withPasskey(icb, `ada${++people}@icb.example`, ['approver']);
    const bea = await stage.withPasskey(icb, `bea${people}@icb.example`, ['finance']);
    const account = { sub: `linked-${people}` };
    const link = (token: string, at: Place = NELICB) =>
      go({ purpose: 'link', token }, strong(account), {}, { at, before: token });
    expect(await link(ada.token)).toMatchObject({ purpose: 'link', token: ada.token });
    await expect(link(bea.token)).rejects.toMatchObject({ code: 'sign_in.identity_in_use' });
    await expect(link(ada.token, CHOIR)).rejects.toMatchObject({ code: 'sign_in.not_your_membership' });
    const credentials = stage.get(CredentialsService);
    expect((await credentials.waysOf(ada.loginId)).identities).toMatchObject([{ issuer: first.issuer }]);
    await credentials.removeIdentity(ada.token, first.issuer);
    await expect(go({ purpose: 'sign_in' }, account)).rejects.toMatchObject({ code: 'sign_in.identity_unknown' });
    stage.pass(301);
    await expect(link(ada.token)).rejects.toMatchObject({ code: 'sign_in.step_up_required' });
  });

  it('links to the login that asked, though somebody else has signed in since', async () => {
    const ada = await stage.withPasskey(icb, `ada${++people}@icb.example`, ['approver']);
    const bea = await stage.withPasskey(icb, `bea${people}@icb.example`, ['finance']);
    const attempt = go({ purpose: 'link', token: ada.token }, { sub: `swap-${people}` }, {}, { before: bea.token });
    await expect(attempt).rejects.toMatchObject(REFUSED);
  });

  it('joins with an invitation of that organisation alone, which stays when the account is refused', async () => {
    const link = await stage.invite(choir, `person${++people}@c.example`, ['treasurer']);
    const newcomer = { displayName: 'Ada' };
    const unusable = { code: 'invitation.unusable' };
    await expect(go({ purpose: 'join', link, newcomer }, { sub: 'x' })).rejects.toMatchObject(unusable);
    const operator = (await stage.get(JoiningService).makeOperator('o@host.example', 'O')).split('/').at(-1) ?? '';
    await expect(go({ purpose: 'join', link: operator, newcomer }, { sub: 'x' })).rejects.toMatchObject(unusable);
    const own = await stage.invite(icb, `person${people}@icb.example`, ['finance']);
    const joinOwn = (spoiling: Spoiling) =>
      go({ purpose: 'join', link: own, newcomer }, { sub: `j-${people}` }, spoiling);
    await expect(joinOwn({ tampered: true })).rejects.toMatchObject(REFUSED);
    expect((await joinOwn({})).purpose).toBe('join');
    await expect(joinOwn({})).rejects.toMatchObject(unusable);
  });

  it('lets nobody in whose login was disabled', async () => {
    const { account, loginId } = await join();
    await stage.admin.query('update login set disabled_at = now() where id = $1', [loginId]);
    await expect(go({ purpose: 'sign_in' }, account)).rejects.toMatchObject({ code: 'sign_in.identity_unknown' });
  });
});
