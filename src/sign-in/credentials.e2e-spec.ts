import type { Organisation } from '../organisations/index.js';
import { SoftwareAuthenticator } from '../../test/support/software-authenticator.js';
import {
  appOf,
  openSignInStage,
  PASSWORD,
  visitor,
  type PasskeyPerson,
  type SignInStage,
} from '../../test/support/sign-in-stage.js';
import { CredentialsService } from './credentials.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';

const LAST = { code: 'sign_in.last_way_in' };

describe('looking after one’s ways in', () => {
  let stage: SignInStage;
  let credentials: CredentialsService;
  let choir: Organisation;
  let ada: PasskeyPerson;

  beforeAll(async () => {
    stage = await openSignInStage();
    credentials = stage.get(CredentialsService);
    choir = await stage.organisation('provider', 'CHOIR');
  });
  afterAll(() => stage.close());

  let people = 0;
  beforeEach(async () => {
    ada = await stage.withPasskey(choir, `ada${++people}@choir.example`, ['treasurer']);
  });

  async function addPasskey(person = ada): Promise<{ id: string; device: SoftwareAuthenticator }> {
    const browser = visitor();
    const device = new SoftwareAuthenticator(stage.origin);
    const options = await credentials.offerPasskey(person.token, browser);
    return { id: await credentials.addPasskey(person.token, browser, 'Second', device.create(options)), device };
  }

  async function setPassword(): Promise<{ recoveryCodes: string[]; code: () => string }> {
    const browser = visitor();
    const { enrolment, secret } = await credentials.offerPassword(ada.token, browser);
    const code = appOf(stage, secret);
    const given = { password: PASSWORD, enrolment, code: code() };
    return { recoveryCodes: await credentials.setPassword(ada.token, browser, given), code };
  }

  async function untilSomebodyWaits(): Promise<string> {
    for (let looks = 0; looks < 5000; looks++) {
      const { rowCount } = await stage.admin.query('select from pg_locks where not granted');
      if (rowCount !== 0) return 'waits';
    }
    return 'nobody waits';
  }

  const enter = (password: string, code: string) =>
    stage.get(SignInService).withPassword(visitor(), { email: `ada${people}@choir.example`, password, code });

  it('lists them', async () => {
    await addPasskey();
    await setPassword();
    expect(await credentials.waysOf(ada.loginId)).toMatchObject({
      passkeys: [
        { name: 'Phone', lastUsedAt: null },
        { name: 'Second', lastUsedAt: null },
      ],
      hasPassword: true,
      recoveryCodesLeft: 10,
      identities: [],
    });
  });

  it('adds a passkey that signs in, names it, and removes it', async () => {
    const { id, device } = await addPasskey();
    const signIn = stage.get(SignInService);
    const enterWith = async () => {
      const browser = visitor();
      return signIn.withPasskey(browser, device.get(await signIn.offerPasskey(browser)));
    };
    expect((await enterWith()).loginId).toBe(ada.loginId);
    await credentials.renamePasskey(ada.token, id, 'Tablet');
    expect((await credentials.waysOf(ada.loginId)).passkeys[1]?.name).toBe('Tablet');
    await credentials.removePasskey(ada.token, id);
    await expect(enterWith()).rejects.toMatchObject({ code: 'sign_in.passkey_refused' });
  });

  it('offers no device that is registered already, and takes none twice', async () => {
    const options = await credentials.offerPasskey(ada.token, visitor());
    expect(options.excludeCredentials).toMatchObject([{ id: ada.device.id.toString('base64url') }]);
    const browser = visitor();
    const again = ada.device.create(await credentials.offerPasskey(ada.token, browser));
    await expect(credentials.addPasskey(ada.token, browser, 'Twice', again)).rejects.toMatchObject({
      code: 'sign_in.passkey_in_use',
    });
  });

  it('never removes the last way in, also not both of two at once', async () => {
    const [{ id: first } = { id: '' }] = (await credentials.waysOf(ada.loginId)).passkeys;
    await expect(credentials.removePasskey(ada.token, first)).rejects.toMatchObject(LAST);
    const { id: second } = await addPasskey();
    // Another removal is under way: it has the login locked and one passkey gone, and has not committed.
    await stage.admin.query('begin');
    await stage.admin.query('select from login where id = $1 for update', [ada.loginId]);
    await stage.admin.query('delete from passkey where id = $1', [first]);
    const removal = credentials.removePasskey(ada.token, second).then(
      () => 'removed',
      (error: { code: string }) => error.code,
    );
    expect(await Promise.race([removal, untilSomebodyWaits()])).toBe('waits');
    await stage.admin.query('commit');
    expect(await removal).toBe(LAST.code);
    expect((await credentials.waysOf(ada.loginId)).passkeys).toHaveLength(1);
    await setPassword();
    const [{ id: left } = { id: '' }] = (await credentials.waysOf(ada.loginId)).passkeys;
    await credentials.removePasskey(ada.token, left);
    await expect(credentials.removePassword(ada.token)).rejects.toMatchObject(LAST);
  });

  it('leaves those of others alone', async () => {
    const bea = await stage.withPasskey(choir, `bea${people}@choir.example`, ['coordinator']);
    const { id } = await addPasskey(bea);
    await expect(credentials.removePasskey(ada.token, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(credentials.renamePasskey(ada.token, id, 'Mine')).rejects.toMatchObject({ code: 'not_found' });
    const browser = visitor();
    const answer = new SoftwareAuthenticator(stage.origin).create(await credentials.offerPasskey(bea.token, browser));
    await expect(credentials.addPasskey(ada.token, browser, 'Theirs', answer)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('sets a password with an app, which ends the other sessions', async () => {
    const signIn = stage.get(SignInService);
    const browser = visitor();
    const other = await signIn.withPasskey(browser, ada.device.get(await signIn.offerPasskey(browser)));
    const { code } = await setPassword();
    const sessions = stage.get(SessionsService);
    expect((await sessions.find(other.token)).state).toBe('ended');
    expect((await sessions.find(ada.token)).state).toBe('open');
    expect((await enter(PASSWORD, code())).loginId).toBe(ada.loginId);
    await credentials.changePassword(ada.token, 'seven green kettles');
    await expect(enter(PASSWORD, code())).rejects.toMatchObject({ code: 'sign_in.refused' });
    expect((await enter('seven green kettles', code())).loginId).toBe(ada.loginId);
    await credentials.removePassword(ada.token);
    await expect(enter('seven green kettles', code())).rejects.toMatchObject({ code: 'sign_in.refused' });
    await expect(credentials.changePassword(ada.token, 'seven green kettles')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await credentials.waysOf(ada.loginId)).recoveryCodesLeft).toBe(0);
  });

  it('refuses a password that others would try first', async () => {
    await setPassword();
    for (const [password, problem] of [
      [`ada${people}@choir.example`, 'known_word'],
      ['CHOIR of the test', 'known_word'],
      ['correct horse battery staple', 'too_common'],
    ] as const) {
      await expect(credentials.changePassword(ada.token, password)).rejects.toMatchObject({
        code: 'sign_in.password_unsuitable',
        details: { problem },
      });
    }
  });

  it('renews recovery codes as a set', async () => {
    const { recoveryCodes } = await setPassword();
    const renewed = await credentials.renewRecoveryCodes(ada.token);
    expect(renewed).toHaveLength(10);
    await expect(enter(PASSWORD, recoveryCodes[0] ?? '')).rejects.toMatchObject({ code: 'sign_in.refused' });
    expect((await enter(PASSWORD, renewed[0] ?? '')).loginId).toBe(ada.loginId);
    expect((await credentials.waysOf(ada.loginId)).recoveryCodesLeft).toBe(9);
  });

  it('needs proof within five minutes for every change', async () => {
    stage.pass(301);
    const browser = visitor();
    const changes = [
      () => credentials.offerPasskey(ada.token, browser),
      () => credentials.addPasskey(ada.token, browser, 'X', {}),
      () => credentials.renamePasskey(ada.token, ada.loginId, 'X'),
      () => credentials.removePasskey(ada.token, ada.loginId),
      () => credentials.offerPassword(ada.token, browser),
      () => credentials.setPassword(ada.token, browser, { password: PASSWORD, enrolment: '', code: '' }),
      () => credentials.changePassword(ada.token, PASSWORD),
      () => credentials.removePassword(ada.token),
      () => credentials.renewRecoveryCodes(ada.token),
      () => credentials.removeIdentity(ada.token, 'https://login.example.org'),
    ];
    for (const change of changes) await expect(change()).rejects.toMatchObject({ code: 'sign_in.step_up_required' });
  });

  it('tells the owner of each change', async () => {
    await stage.admin.query('delete from outbox');
    const { id } = await addPasskey();
    await credentials.removePasskey(ada.token, id);
    const { rows } = await stage.admin.query<{ topic: string; id: string }>(
      `select topic, data ->> 'id' as id from outbox order by outbox.id`,
    );
    expect(rows).toEqual([
      { topic: 'sign_in.credential_added', id: ada.loginId },
      { topic: 'sign_in.credential_removed', id: ada.loginId },
    ]);
  });
});
