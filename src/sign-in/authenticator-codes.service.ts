import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Secret, TOTP } from 'otpauth';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { newToken, SecretBox } from '../platform/secret-box.js';
import { ChallengesService } from './challenges.service.js';
import type { Login } from './login.entity.js';
import { codeWrong, requestUnusable } from './sign-in.errors.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;
/** RFC 6238 as every authenticator app speaks it. */
const TOTP_FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** A code of the step before or after is taken too: clocks of phones differ. */
const STEPS_OFF = 1;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;
/** Crockford's base 32: of the letters and digits that look alike it has one each. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What an app needs to show codes: as a picture made of `uri`, or typed in. */
export interface AppEnrolment {
  /** Goes into the form, hidden: the secret itself never comes back from the browser. */
  readonly enrolment: string;
  /** Base 32, in groups of four. */
  readonly secret: string;
  readonly uri: string;
}

/** A secret of which the app has shown that it has it, with the step of that code. */
export interface ConfirmedApp {
  readonly secret: string;
  readonly step: bigint;
}

/** How a code was spent. */
export type CodeKind = 'password' | 'recovery_code';

/** Codes of authenticator apps (RFC 6238) and recovery codes: each works once, also when it is sent twice at a time. */
@Injectable()
export class AuthenticatorCodesService {
  /** Of nobody: an account that does not exist is given as much work as one that does. */
  private readonly nobody = new Secret({ size: 20 });

  constructor(
    private readonly database: Database,
    private readonly challenges: ChallengesService,
    private readonly secretBox: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** Makes a secret for a new app, kept for ten minutes. */
  async offer({ browserToken }: Visitor, label: string): Promise<AppEnrolment> {
    const secret = new Secret({ size: 20 });
    const enrolment = newToken();
    await this.challenges.begin('authenticator', enrolment, browserToken, { secret: secret.base32 });
    const uri = new TOTP({ ...TOTP_FORM, issuer: 'Wellpaid', label, secret }).toString();
    return { enrolment, secret: secret.base32.replace(/(.{4})(?=.)/g, '$1 '), uri };
  }

  /**
   * Checks the first code of a new app. The offer stays, so a mistyped code does not mean a new picture; `claim` ends it.
   *
   * @throws sign_in.request_unusable, sign_in.code_wrong
   */
  async confirm({ browserToken }: Visitor, enrolment: string, code: string): Promise<ConfirmedApp> {
    const kept = await this.database.read(AUTH, (reader) =>
      this.challenges.find<{ secret: string }>(reader, 'authenticator', enrolment, browserToken),
    );
    if (!kept) throw requestUnusable();
    const step = this.stepOfSecret(Secret.fromBase32(kept.secret), code);
    if (step === null) throw codeWrong();
    return { secret: kept.secret, step };
  }

  /** Ends the offer in the transaction that stores the secret; gives the columns of the login. */
  async claim(
    tx: Tx,
    { browserToken }: Visitor,
    enrolment: string,
    loginId: string,
    { secret, step }: ConfirmedApp,
  ): Promise<Pick<Login, 'totpSecret' | 'totpStep'>> {
    await this.challenges.takeIn(tx, 'authenticator', enrolment, browserToken);
    return { totpSecret: this.secretBox.seal(secret, contextOf(loginId)), totpStep: step };
  }

  /** The step whose code this is, now; null when it is none. Without a login it takes as long. */
  stepOf(login: Pick<Login, 'id' | 'totpSecret'> | null, code: string): bigint | null {
    const known = login?.totpSecret ? this.secretBox.open(login.totpSecret, contextOf(login.id)) : null;
    const step = this.stepOfSecret(known === null ? this.nobody : Secret.fromBase32(known), code);
    return known === null ? null : step;
  }

  /**
   * Spends the code of the app. Step and comparison are one statement: of any number at once one succeeds.
   *
   * @param loginId null where something before was wrong: the same statement then changes nothing
   */
  async spend(tx: Tx, loginId: string | null, step: bigint | null): Promise<boolean> {
    const spent = await tx.execute(
      'update login set totp_step = $2 where id = $1 and totp_step < $2 and disabled_at is null',
      [loginId ?? NOBODY, step ?? -1n],
    );
    return spent === 1;
  }

  async spendRecoveryCode(tx: Tx, loginId: string | null, code: string): Promise<boolean> {
    const spent = await tx.execute(
      'update recovery_code set used_at = $3 where login_id = $1 and code_hash = $2 and used_at is null',
      [loginId ?? NOBODY, hashOfCode(code), this.clock.now()],
    );
    return spent === 1;
  }

  /** Ten new recovery codes in the place of all earlier ones. They are shown once. */
  async renewRecoveryCodes(tx: Tx, loginId: string): Promise<string[]> {
    await tx.execute('delete from recovery_code where login_id = $1', [loginId]);
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await tx.execute('insert into recovery_code (login_id, code_hash) select $1, h from unnest($2::bytea[]) h', [
      loginId,
      codes.map(hashOfCode),
    ]);
    return codes;
  }

  private stepOfSecret(secret: Secret, code: string): bigint | null {
    const token = code.replace(/\s/g, '');
    const timestamp = this.clock.now().getTime();
    const delta = TOTP.validate({ ...TOTP_FORM, token, secret, timestamp, window: STEPS_OFF });
    return delta === null ? null : BigInt(TOTP.counter({ period: TOTP_FORM.period, timestamp }) + delta);
  }
}

function contextOf(loginId: string): string {
  return `authenticator of ${loginId}`;
}

/** Sixteen letters and digits of 80 random bits, in groups of four. */
function newRecoveryCode(): string {
  const bits = BigInt(`0x${randomBytes(RECOVERY_BYTES).toString('hex')}`);
  const letters = Array.from({ length: 16 }, (_, index) => ALPHABET[Number((bits >> BigInt(5 * index)) & 31n)]);
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
}

/** It has 80 random bits, so a plain hash cannot be searched. */
function hashOfCode(code: string): Buffer {
  const letters = code
    .toLowerCase()
    .replace(/o/g, '0')
    .replace(/[il]/g, '1')
    .replace(/[^a-z0-9]/g, '');
  return createHash('sha256').update(letters).digest();
}
