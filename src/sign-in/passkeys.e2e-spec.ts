import type { Organisation } from '../organisations/index.js';
import { SoftwareAuthenticator, type Misbehaviour } from '../../test/support/software-authenticator.js';
import { openSignInStage, visitor, type PasskeyPerson, type SignInStage } from '../../test/support/sign-in-stage.js';
import { CredentialsService } from './credentials.service.js';
import { JoiningService } from './joining.service.js';
import { PasskeysService } from './passkeys.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';

const MINUTE = 60;
const REFUSED = { code: 'sign_in.passkey_refused' };
const UNUSABLE = { code: 'sign_in.request_unusable' };

describe('passkeys', () => {
  let stage: SignInStage;
  let signIn: SignInService;
  let choir: Organisation;
  let ada: PasskeyPerson;

  beforeAll(async () => {
    stage = await openSignInStage();
    signIn = stage.get(SignInService);
    choir = await stage.organisation('provider', 'CHOIR');
  });
  afterAll(() => stage.close());

  let people = 0;
  beforeEach(async () => {
    ada = await stage.withPasskey(choir, `ada${++people}@choir.example`, ['treasurer']);
  });

  const enter = async (wrong: Misbehaviour = {}, device = ada.device) => {
    const browser = visitor();
    return signIn.withPasskey(browser, device.get(await signIn.offerPasskey(browser), wrong));
  };

  it('sign somebody in without a name, as two factors', async () => {
    const browser = visitor();
    const options = await signIn.offerPasskey(browser);
    expect(options).toMatchObject({ rpId: 'localhost', allowCredentials: [], userVerification: 'required' });
    const { token } = await signIn.withPasskey(browser, ada.device.get(options));
    expect(await stage.get(SessionsService).getFresh(token)).toMatchObject({
      login: { id: ada.loginId },
      method: 'passkey',
    });
  });

  it('are made for this site, kept by the device, with its user verified', async () => {
    const link = await stage.invite(choir, 'bea@choir.example', ['coordinator']);
    const options = await stage.get(JoiningService).offerPasskey(visitor(), link, { displayName: 'Bea' });
    expect(options).toMatchObject({
      rp: { id: 'localhost', name: 'Wellpaid' },
      user: { name: 'bea@choir.example', displayName: 'Bea' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  });

  const WRONG: [string, Misbehaviour][] = [
    ['its user was not verified', { verified: false }],
    ['its user was not there', { present: false }],
    ['another site asked', { origin: 'http://localhost.evil.example' }],
    ['the right site asked on another port', { origin: 'http://localhost:8081' }],
    ['it is used for another site', { rpId: 'evil.example' }],
  ];

  it.each([
    ...WRONG,
    ['another key signed', { forged: true }],
    ['it counts back', { counter: 1 }],
    ['it names somebody else', { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ] as [string, Misbehaviour][])('are refused when %s', async (_, wrong) => {
    await enter({ counter: 7 });
    await expect(enter({ counter: 8, ...wrong })).rejects.toMatchObject(REFUSED);
    expect((await enter({ counter: 9 })).loginId).toBe(ada.loginId);
  });

  it.each(WRONG)('are refused at registration when %s', async (_, wrong) => {
    const joining = stage.get(JoiningService);
    const link = await stage.invite(choir, `cy${++people}@choir.example`, ['coordinator']);
    const browser = visitor();
    const device = new SoftwareAuthenticator(stage.origin);
    const options = await joining.offerPasskey(browser, link, { displayName: 'Cy' });
    await expect(joining.withPasskey(browser, link, 'Phone', device.create(options, wrong))).rejects.toMatchObject(
      REFUSED,
    );
    expect((await joining.show(link)).kind).toBe('invitation');
  });

  it('may count nothing at all, but not stop counting', async () => {
    const device = ada.device;
    expect((await enter({ counter: 0 })).loginId).toBe(ada.loginId);
    expect((await enter({ counter: 0 })).loginId).toBe(ada.loginId);
    await enter({ counter: 5 });
    for (const counter of [0, 4, 5]) await expect(enter({ counter }, device)).rejects.toMatchObject(REFUSED);
  });

  it('count once when one answer is sent for two challenges at once', async () => {
    const passkeys = stage.get(PasskeysService);
    const proofs = await Promise.all(
      [0, 1].map(async () => {
        const browser = visitor();
        return passkeys.prove(browser, 'sign_in', ada.device.get(await signIn.offerPasskey(browser), { counter: 3 }));
      }),
    );
    const uses = await Promise.allSettled(
      proofs.map((proof) =>
        stage.database.transaction({ side: 'auth', orgId: null }, (tx) => passkeys.use(tx, visitor(), proof)),
      ),
    );
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('answer a challenge once, also at once, within five minutes, and in the browser that asked', async () => {
    const browser = visitor();
    const answer = ada.device.get(await signIn.offerPasskey(browser));
    await expect(signIn.withPasskey(visitor(), answer)).rejects.toMatchObject(UNUSABLE);
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => signIn.withPasskey(browser, answer)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(signIn.withPasskey(browser, answer)).rejects.toMatchObject(UNUSABLE);

    const late = ada.device.get(await signIn.offerPasskey(browser));
    stage.pass(5 * MINUTE);
    await expect(signIn.withPasskey(browser, late)).rejects.toMatchObject(UNUSABLE);
    const madeUp = ada.device.get(await signIn.offerPasskey(browser), { challenge: 'a'.repeat(43) });
    await expect(signIn.withPasskey(browser, madeUp)).rejects.toMatchObject(UNUSABLE);
  });

  it('spend a challenge by a wrong answer as well', async () => {
    const browser = visitor();
    const options = await signIn.offerPasskey(browser);
    await expect(signIn.withPasskey(browser, ada.device.get(options, { forged: true }))).rejects.toMatchObject(REFUSED);
    await expect(signIn.withPasskey(browser, ada.device.get(options))).rejects.toMatchObject(UNUSABLE);
  });

  it.each([
    null,
    {},
    'text',
    {
      id: 'x',
      rawId: 'x',
      type: 'public-key',
      response: { clientDataJSON: 'e30', authenticatorData: '', signature: '' },
    },
    {
      id: 'x',
      rawId: 'x',
      type: 'public-key',
      response: { clientDataJSON: 'bnVsbA', authenticatorData: 'AA', signature: 'AA' },
    },
  ])('are refused when the answer is %j', async (answer) => {
    await expect(signIn.withPasskey(visitor(), answer)).rejects.toMatchObject(REFUSED);
    await expect(stage.get(CredentialsService).addPasskey(ada.token, visitor(), 'X', answer)).rejects.toMatchObject(
      REFUSED,
    );
  });

  it('of nobody here are refused, and so are those of a login that was disabled', async () => {
    await expect(enter({}, new SoftwareAuthenticator(stage.origin))).rejects.toMatchObject(REFUSED);
    await stage.admin.query('update login set disabled_at = now() where id = $1', [ada.loginId]);
    await expect(enter()).rejects.toMatchObject(REFUSED);
  });

  it('step up for the session’s own login only, and a sign-in is no step-up', async () => {
    const bea = await stage.withPasskey(choir, `bea${people}@choir.example`, ['coordinator']);
    const browser = visitor();
    const options = await signIn.offerStepUp(ada.token, browser);
    expect(options.allowCredentials).toMatchObject([{ id: ada.device.id.toString('base64url') }]);
    await expect(signIn.stepUpWithPasskey(ada.token, browser, bea.device.get(options))).rejects.toMatchObject({
      code: 'sign_in.refused',
    });
    const other = await signIn.offerPasskey(browser);
    await expect(signIn.stepUpWithPasskey(ada.token, browser, ada.device.get(other))).rejects.toMatchObject(REFUSED);
    stage.pass(6 * MINUTE);
    const fresh = await signIn.offerStepUp(ada.token, browser);
    const token = await signIn.stepUpWithPasskey(ada.token, browser, ada.device.get(fresh));
    expect((await stage.get(SessionsService).getFresh(token)).login.id).toBe(ada.loginId);
  });

  it('say in the log why they were refused, and nothing that was sent', async () => {
    stage.log.length = 0;
    await enter({ counter: 9 });
    await expect(enter({ counter: 9 })).rejects.toMatchObject(REFUSED);
    await expect(enter({ origin: 'https://canary.example' })).rejects.toMatchObject(REFUSED);
    const reasons = stage.log.map((line) => (JSON.parse(line) as { reason?: string }).reason);
    expect(reasons).toEqual([undefined, 'counter', 'origin']);
    expect(stage.log.join('')).not.toContain('canary');
  });
});

describe('passkeys of a site', () => {
  it.each([
    ['https://pay.example.org', 'pay.example.org'],
    ['https://pay.example.org:8443/wellpaid', 'pay.example.org'],
    ['http://localhost:3000', 'localhost'],
    ['http://127.0.0.1:8080', null],
    ['http://[::1]:8080', null],
  ])('at %s are bound to %s', async (publicUrl, rpId) => {
    const stage = await openSignInStage({ environment: { PUBLIC_URL: publicUrl } });
    try {
      const offer = stage.get(SignInService).offerPasskey(visitor());
      if (rpId === null) await expect(offer).rejects.toMatchObject({ code: 'sign_in.passkeys_unavailable' });
      else expect((await offer).rpId).toBe(rpId);
      expect(stage.get(PasskeysService).available).toBe(rpId !== null);
    } finally {
      await stage.close();
    }
  });
});
