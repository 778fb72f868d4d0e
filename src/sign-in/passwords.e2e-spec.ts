import type { Organisation } from '../organisations/index.js';
import { DomainError } from '../platform/errors.js';
import {
  openSignInStage,
  PASSWORD,
  visitor,
  type PasswordPerson,
  type SignInStage,
} from '../../test/support/sign-in-stage.js';
import { AuthenticatorCodesService } from './authenticator-codes.service.js';
import { FULL_SCRYPT_COST, PasswordHashes } from './password-hashes.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService, type PasswordProof } from './sign-in.service.js';

const AUTH = { side: 'auth', orgId: null } as const;
const HOUR = 3600;

describe('signing in with a password and a code', () => {
  let stage: SignInStage;
  let signIn: SignInService;
  let choir: Organisation;
  let ada: PasswordPerson;

  beforeAll(async () => {
    stage = await openSignInStage();
    signIn = stage.get(SignInService);
    choir = await stage.organisation('provider', 'CHOIR');
  });
  afterAll(() => stage.close());

  let people = 0;
  beforeEach(async () => {
    ada = await stage.withPassword(choir, `ada${++people}@choir.example`, ['treasurer']);
  });

  let networks = 0;
  /** Each from a network of its own unless it says otherwise. */
  const enter = (proof: Partial<PasswordProof>, ip = `198.51.${++networks % 250}.1`) =>
    signIn.withPassword(visitor({ ip }), { email: ada.email, password: PASSWORD, code: '000000', ...proof });
  const refusalOf = async (attempt: Promise<unknown>): Promise<DomainError> => {
    const outcome = await attempt.catch((error: unknown) => error);
    if (!(outcome instanceof DomainError)) throw new Error('This was not refused');
    return outcome;
  };

  it('opens a fresh session, whatever the case of the address and the spaces in the code', async () => {
    const code = ada.code();
    const { token } = await enter({
      email: ` ${ada.email.toUpperCase()} `,
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
    });
    const session = await stage.get(SessionsService).getFresh(token);
    expect(session).toMatchObject({ login: { id: ada.loginId }, method: 'password', memberId: ada.memberId });
  });

  it('takes both or neither', async () => {
    for (const wrong of [{ password: 'nine brown teacups', code: ada.code() }, { code: '000000' }, { code: '' }]) {
      expect((await refusalOf(enter(wrong))).code).toBe('sign_in.refused');
    }
    expect((await enter({ code: ada.code() })).loginId).toBe(ada.loginId);
  });

  it('does not spend a code beside a wrong password', async () => {
    const code = ada.code();
    await refusalOf(enter({ password: 'nine brown teacups', code }));
    expect((await enter({ code })).loginId).toBe(ada.loginId);
  });

  it('takes a code once, and none that is older than one that was used', async () => {
    const older = ada.code();
    const code = ada.code();
    await enter({ code });
    expect((await refusalOf(enter({ code }))).code).toBe('sign_in.refused');
    expect((await refusalOf(enter({ code: older }))).code).toBe('sign_in.refused');
  });

  it('takes a code a step early or late, and not two', async () => {
    const late = ada.code();
    stage.pass(30);
    expect((await enter({ code: late })).loginId).toBe(ada.loginId);
    const tooLate = ada.code();
    stage.pass(61);
    expect((await refusalOf(enter({ code: tooLate }))).code).toBe('sign_in.refused');
  });

  it('takes a code once of twenty times at once', async () => {
    const codes = stage.get(AuthenticatorCodesService);
    const code = ada.code();
    const { rows } = await stage.admin.query<{ id: string; totpSecret: Buffer }>(
      'select id, totp_secret as "totpSecret" from login where id = $1',
      [ada.loginId],
    );
    const step = codes.stepOf(rows[0] ?? null, code);
    expect(step).not.toBeNull();
    const spend = () => stage.database.transaction(AUTH, (tx) => codes.spend(tx, ada.loginId, step));
    const spent = await Promise.all(Array.from({ length: 20 }, spend));
    expect(spent.filter(Boolean)).toHaveLength(1);
    const again = ada.code();
    const opened = await Promise.allSettled(Array.from({ length: 20 }, () => enter({ code: again })));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('takes each recovery code once in the place of the app, also of ten times at once, and does not count it as fresh', async () => {
    const [first = '', second = ''] = ada.recoveryCodes;
    expect(ada.recoveryCodes).toHaveLength(10);
    expect(new Set(ada.recoveryCodes).size).toBe(10);
    const { token } = await enter({ code: first.toUpperCase().replaceAll('-', ' ') });
    const session = await stage.get(SessionsService).get(token);
    expect(session).toMatchObject({ method: 'recovery_code', steppedUpAt: null });
    expect((await refusalOf(enter({ code: first }))).code).toBe('sign_in.refused');
    const opened = await Promise.allSettled(Array.from({ length: 5 }, () => enter({ code: second })));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await refusalOf(signIn.stepUpWithCode(token, visitor(), ada.recoveryCodes[2] ?? ''))).code).toBe(
      'sign_in.refused',
    );
  });

  it('says the same of a wrong password, a wrong code, an unknown address and too many tries', async () => {
    const refusals = [
      await refusalOf(enter({ password: 'nine brown teacups', code: ada.code() })),
      await refusalOf(enter({ code: '123456' })),
      await refusalOf(enter({ email: 'nobody@choir.example', code: '123456' })),
      await refusalOf(enter({ email: 'nobody@choir.example', code: 'a recovery code' })),
    ];
    const ip = '192.0.2.1';
    for (let tries = 0; tries < 40; tries++)
      refusals.push(await refusalOf(enter({ email: `u${tries}@x.example` }, ip)));
    const words = refusals.map(({ code, message, details, kind }) => JSON.stringify({ code, message, details, kind }));
    expect(new Set(words).size).toBe(1);
  });

  it('gives an unknown address as much work as a known one', async () => {
    const hashes = stage.get(PasswordHashes);
    const made: (string | null)[] = [];
    const matches = hashes.matches.bind(hashes);
    hashes.matches = (password, hash) => {
      made.push(hash);
      return matches(password, hash);
    };
    try {
      await refusalOf(enter({ email: 'nobody@choir.example' }));
      await refusalOf(enter({}));
    } finally {
      hashes.matches = matches;
    }
    expect(made).toEqual([null, expect.stringMatching(/^scrypt\$/)]);
    await expect(new PasswordHashes({ N: 1024, r: 8, p: 1 }).matches(PASSWORD, null)).resolves.toBe(false);
  });

  it('makes guesses wait longer and longer, for a known and an unknown address alike, and lets the owner in after that', async () => {
    for (const email of [`nobody${people}@choir.example`, ada.email]) {
      let looked = 0;
      const hashes = stage.get(PasswordHashes);
      const matches = hashes.matches.bind(hashes);
      hashes.matches = (...given) => {
        looked += 1;
        return matches(...given);
      };
      try {
        // A thousand guesses in an hour, each from another network.
        for (let guess = 0; guess < 1000; guess++) {
          await refusalOf(
            enter({ email, password: `guess ${guess}`, code: '123456' }, `10.${guess >> 8}.${guess & 255}.1`),
          );
          stage.pass(3.6);
        }
      } finally {
        hashes.matches = matches;
      }
      expect(looked).toBeGreaterThanOrEqual(5);
      expect(looked).toBeLessThanOrEqual(20);
    }
    expect((await refusalOf(enter({ code: ada.code() }))).code).toBe('sign_in.refused');
    stage.pass(HOUR / 4);
    expect((await enter({ code: ada.code() })).loginId).toBe(ada.loginId);
    for (let tries = 0; tries < 4; tries++) await refusalOf(enter({}));
    expect((await enter({ code: ada.code() })).loginId).toBe(ada.loginId);
  });

  it('makes one network wait that tries many addresses, and no other', async () => {
    for (let guess = 0; guess < 300; guess++) {
      await refusalOf(enter({ email: `p${guess}@x.example` }, '192.0.3.9'));
      stage.pass(1);
    }
    expect((await refusalOf(enter({ code: ada.code() }, '192.0.3.200'))).code).toBe('sign_in.refused');
    expect((await enter({ code: ada.code() }, '192.0.4.9')).loginId).toBe(ada.loginId);
    stage.pass(HOUR / 4);
    expect((await enter({ code: ada.code() }, '192.0.3.9')).loginId).toBe(ada.loginId);
  });

  it('looks at no more guesses when they come all at once', async () => {
    const guesses = Array.from({ length: 50 }, (_, guess) => enter({ password: `guess ${guess}` }));
    await Promise.allSettled(guesses);
    const { rows } = await stage.admin.query<{ failures: number }>(
      'select max(failures) as failures from sign_in_throttle',
    );
    const lines = stage.log.map((line) => JSON.parse(line) as { reason?: string; loginId?: string });
    const looked = lines.filter(({ reason, loginId }) => reason === 'wrong' && loginId === ada.loginId);
    expect(looked.length).toBeLessThanOrEqual(7);
    expect(rows[0]?.failures).toBeGreaterThan(5);
  });

  it('slows down guesses of a code in a session as well', async () => {
    const step = (code: string) => signIn.stepUpWithCode(ada.token, visitor(), code);
    for (let seconds = 0; seconds < 70; seconds++) {
      await refusalOf(step('123456'));
      stage.pass(1);
    }
    expect((await refusalOf(step(ada.code()))).code).toBe('sign_in.refused');
    stage.pass(90);
    const next = await step(ada.code());
    expect((await stage.get(SessionsService).getFresh(next)).login.id).toBe(ada.loginId);
  });

  it('does not let a login in that was disabled', async () => {
    await stage.admin.query('update login set disabled_at = now() where id = $1', [ada.loginId]);
    expect((await refusalOf(enter({ code: ada.code() }))).code).toBe('sign_in.refused');
  });

  it('writes security lines without addresses, passwords, codes or names', async () => {
    stage.log.length = 0;
    await refusalOf(enter({ password: 'canary password', code: '654321' }));
    await enter({ code: ada.code() });
    const lines = stage.log.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { msg: 'security', event: 'sign_in.refused', method: 'password', reason: 'wrong', loginId: ada.loginId },
      { msg: 'security', event: 'sign_in.signed_in', method: 'password', loginId: ada.loginId, correlationId: 'test' },
    ]);
    expect(stage.log.join('')).not.toMatch(/canary|654321|choir\.example|198\.51/);
  });
});

describe('hashes of passwords', () => {
  it('have the full cost in the product, and say it', async () => {
    const hashes = new PasswordHashes(FULL_SCRYPT_COST);
    const hash = await hashes.hash('nine brown teapots');
    expect(hash).toMatch(/^scrypt\$131072\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await hashes.matches('nine brown teapots', hash)).toBe(true);
  });

  it('differ for one password, match by what is stored with them, and match in each spelling', async () => {
    const cheap = new PasswordHashes({ N: 2, r: 1, p: 1 });
    const hash = await cheap.hash('café au lait noir');
    expect(await cheap.hash('café au lait noir')).not.toBe(hash);
    const other = new PasswordHashes({ N: 4, r: 2, p: 1 });
    expect(await other.matches('cafe\u0301 au lait noir', hash)).toBe(true);
    expect(await other.matches('cafe au lait noir', hash)).toBe(false);
    await expect(other.matches('x', 'scrypt$broken')).rejects.toThrow('damaged');
  });

  it('are made two at a time, in order, and refused in a flood', async () => {
    const cheap = new PasswordHashes({ N: 1024, r: 8, p: 1 });
    const all = await Promise.allSettled(Array.from({ length: 150 }, () => cheap.hash('nine brown teapots')));
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(150 - 102);
    expect(await cheap.hash('again')).toMatch(/^scrypt/);
  });
});
