import type { Organisation } from '../organisations/index.js';
import { openSignInStage, visitor, type PasskeyPerson, type SignInStage } from '../../test/support/sign-in-stage.js';
import { DraftsService, type DraftOwner } from './drafts.service.js';
import { LoginsService } from './logins.service.js';
import { SandboxSignIn } from './sandbox-sign-in.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';
import { SignInUpkeep } from './upkeep.worker.js';

const DAY = 24 * 3600;
const LIVE = {
  STRIPE_API_KEY: 'sk_live_x',
  STRIPE_WEBHOOK_SECRET: 'whsec_x',
  PSEUDONYM_KEY: 'ab'.repeat(32),
  CHECKPOINT_KEY: 'cd'.repeat(32),
};

describe('drafts', () => {
  let stage: SignInStage;
  let drafts: DraftsService;
  let choir: Organisation;
  let ada: PasskeyPerson;
  let bea: PasskeyPerson;
  const ownerOf = (person: PasskeyPerson): DraftOwner => ({
    side: 'provider',
    orgId: choir.id,
    memberId: person.memberId,
  });

  beforeAll(async () => {
    stage = await openSignInStage();
    drafts = stage.get(DraftsService);
    choir = await stage.organisation('provider', 'CHOIR');
    ada = await stage.withPasskey(choir, 'ada@choir.example', ['coordinator']);
    bea = await stage.withPasskey(choir, 'bea@choir.example', ['coordinator']);
  });
  afterAll(() => stage.close());

  it('are kept for their author, one of each form and subject, until they are discarded', async () => {
    await drafts.save(ownerOf(ada), 'claim', 'one', { hours: '1' });
    await drafts.save(ownerOf(ada), 'claim', 'one', { hours: '2' });
    await drafts.save(ownerOf(ada), 'claim', '', { hours: '3' });
    expect(await drafts.find(ownerOf(ada), 'claim', 'one')).toEqual({ hours: '2' });
    expect(await drafts.find(ownerOf(bea), 'claim', 'one')).toBeNull();
    expect(await drafts.list(ownerOf(bea))).toEqual([]);
    expect((await drafts.list(ownerOf(ada))).map(({ subject }) => subject).sort()).toEqual(['', 'one']);
    await drafts.discard(ownerOf(ada), 'claim', '');
    expect(await drafts.take(ownerOf(ada), 'claim', 'one')).toEqual({ hours: '2' });
    expect(await drafts.take(ownerOf(ada), 'claim', 'one')).toBeNull();
  });

  it('keep no field in which there is an NHS number', async () => {
    await drafts.keepTyped(ownerOf(ada), '/referrals/new', {
      nhsNumber: '12345',
      personReference: 'P-1',
      note: 'for 943 476 5919',
      list: ['9434765919'],
      reference: 'R-17',
    });
    expect(await drafts.takeTyped(ownerOf(ada), '/referrals/new')).toEqual({ reference: 'R-17' });
    expect(await drafts.takeTyped(ownerOf(ada), '/referrals/new')).toEqual({});
  });

  it('belong to one organisation, and to nobody without a member', async () => {
    const farm = await stage.organisation('provider', 'FARM');
    await drafts.save(ownerOf(ada), 'claim', 'two', { hours: '2' });
    const intruder = { ...ownerOf(ada), orgId: farm.id };
    expect(await drafts.find(intruder, 'claim', 'two')).toBeNull();
    await expect(drafts.save(intruder, 'claim', 'two', {})).rejects.toThrow();
    const rows = await stage.database.read({ side: 'provider', orgId: farm.id }, (reader) =>
      reader.query('select from draft'),
    );
    expect(rows).toEqual([]);
    await drafts.save({ ...ownerOf(ada), memberId: null }, 'claim', 'three', { hours: '1' });
    expect(await drafts.list({ ...ownerOf(ada), memberId: null })).toEqual([]);
  });

  it('are forgotten after thirty days; sessions, steps and failures sooner', async () => {
    const upkeep = stage.get(SignInUpkeep);
    const counts = async () => {
      const { rows } = await stage.admin.query<Record<string, number>>(
        `select (select count(*)::int from draft) as drafts, (select count(*)::int from web_session) as sessions,
                (select count(*)::int from sign_in_challenge) as steps, (select count(*)::int from sign_in_throttle) as failures`,
      );
      return rows[0];
    };
    await stage.admin.query('delete from draft');
    await drafts.save(ownerOf(ada), 'claim', 'old', { hours: '2' });
    const signIn = stage.get(SignInService);
    await signIn.offerPasskey(visitor());
    await signIn.withPassword(visitor(), { email: 'x@x.example', password: 'x', code: '1' }).catch(() => undefined);
    await upkeep.forget();
    expect(await counts()).toMatchObject({ drafts: 1, sessions: 2, steps: 1, failures: 2 });
    stage.pass(301);
    await upkeep.forget();
    expect(await counts()).toMatchObject({ drafts: 1, sessions: 2, steps: 0, failures: 2 });
    await stage.get(SessionsService).end(ada.token);
    stage.pass(DAY + 60);
    await upkeep.forget();
    expect(await counts()).toMatchObject({ drafts: 1, sessions: 1, failures: 0 });
    expect((await stage.get(SessionsService).find(bea.token)).state).toBe('idle');
    stage.pass(DAY);
    await upkeep.forget();
    expect(await counts()).toMatchObject({ drafts: 1, sessions: 0 });
    stage.pass(28 * DAY);
    await upkeep.forget();
    expect(await counts()).toMatchObject({ drafts: 0 });
  });

  it('knows where to write to somebody, and in which language', async () => {
    const logins = stage.get(LoginsService);
    await logins.chooseLocale(ada.loginId, 'cy');
    expect(await logins.findAddress(ada.loginId)).toEqual({
      email: 'ada@choir.example',
      displayName: 'ada@choir.example',
      locale: 'cy',
    });
    expect(await logins.findAddress(choir.id)).toBeNull();
  });

  it('lets nobody but the part that signs people in see how they do it', async () => {
    for (const side of ['commissioner', 'provider', 'referrer', 'intake', 'relay'] as const) {
      for (const table of ['login', 'passkey', 'recovery_code', 'oidc_identity', 'web_session', 'sign_in_challenge']) {
        const read = stage.database.read({ side, orgId: choir.id }, (reader) => reader.query(`select from ${table}`));
        await expect(read).rejects.toMatchObject({ driverError: { code: '42501' } });
      }
    }
  });
});

describe('the sandbox', () => {
  it('lists everybody and lets one be any of them, with one login each', async () => {
    const stage = await openSignInStage();
    try {
      const sandbox = stage.get(SandboxSignIn);
      const choir = await stage.organisation('provider', 'CHOIR');
      const icb = await stage.organisation('commissioner', 'NELICB');
      for (const [organisation, email] of [
        [choir, 'ada@choir.example'],
        [icb, 'bea@icb.example'],
      ] as const) {
        await stage.admin.query(
          `insert into member (id, organisation_id, display_name, email, roles, created_at)
           values (gen_random_uuid(), $1, $2, $2, '{admin}', now())`,
          [organisation.id, email],
        );
      }
      const people = await sandbox.list();
      expect(people).toMatchObject([
        { displayName: 'bea@icb.example', roles: ['admin'], organisation: { kind: 'commissioner', code: 'NELICB' } },
        { displayName: 'ada@choir.example', roles: ['admin'], organisation: { kind: 'provider', code: 'CHOIR' } },
      ]);
      const memberId = people[1]?.memberId ?? '';
      const opened = await Promise.all(Array.from({ length: 5 }, () => sandbox.become(visitor(), memberId)));
      expect(new Set(opened.map(({ loginId }) => loginId)).size).toBe(1);
      const sessions = stage.get(SessionsService);
      const token = opened[0]?.token ?? '';
      expect(await sessions.getFresh(token)).toMatchObject({ memberId, method: 'sandbox' });
      stage.pass(600);
      expect(await sessions.getFresh(await sandbox.stepUp(token))).toMatchObject({ memberId });
      const operator = await sandbox.becomeOperator(visitor());
      expect((await sessions.get(operator.token)).login.operator).toBe(true);
      await expect(sandbox.become(visitor(), choir.id)).rejects.toMatchObject({ code: 'not_found' });
    } finally {
      await stage.close();
    }
  });

  it('is closed beside a live key', async () => {
    const stage = await openSignInStage({ environment: LIVE });
    try {
      const choir = await stage.organisation('provider', 'CHOIR');
      const ada = await stage.withPasskey(choir, 'ada@choir.example', ['treasurer']);
      const sandbox = stage.get(SandboxSignIn);
      const refused = { code: 'sign_in.sandbox_only' };
      await expect(sandbox.list()).rejects.toMatchObject(refused);
      await expect(sandbox.become(visitor(), ada.memberId)).rejects.toMatchObject(refused);
      await expect(sandbox.becomeOperator(visitor())).rejects.toMatchObject(refused);
      await expect(sandbox.stepUp(ada.token)).rejects.toMatchObject(refused);
    } finally {
      await stage.close();
    }
  });
});
