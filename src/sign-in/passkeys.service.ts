import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { ChallengesService } from './challenges.service.js';
import { Passkey } from './passkey.entity.js';
import { AuthenticationAnswer, challengeOf, RegistrationAnswer } from './passkey.schemas.js';
import { SecurityLog } from './security-log.service.js';
import { passkeyRefused, passkeysUnavailable } from './sign-in.errors.js';
import { Site } from './site.service.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;
const TIMEOUT_MS = 5 * 60_000;
const ES256 = -7;
const EDDSA = -8;
const RS256 = -257;
const ALGORITHMS = [EDDSA, ES256, RS256];

/** Loaded with the first passkey: it takes longer than any other part of the program to load. */
const webAuthn = () => import('@simplewebauthn/server');

/** Whom a new passkey is for, as their device shows it. */
export interface PasskeyUser {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

/** Who somebody says they are when they join. */
export interface Newcomer {
  readonly displayName: string;
  readonly locale?: 'en' | 'cy';
}

/** What a passkey is made for, when it is a first one. */
export interface PasskeyToJoin {
  readonly link: string;
  readonly newcomer: Newcomer;
}

interface KeptWithOffer {
  readonly loginId: string;
  readonly join?: PasskeyToJoin | undefined;
}

/** A passkey that was made and proved, and is not stored yet. */
export type NewPasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports' | 'backedUp'>;

/** A passkey that answered a challenge; `use` makes it count. */
export interface ProvedPasskey {
  readonly passkeyId: string;
  readonly loginId: string;
  readonly counter: bigint;
  readonly backedUp: boolean;
}

export type PasskeyPurpose = 'sign_in' | 'step_up';

/**
 * Passkeys (WebAuthn level 3). The device must have verified its user by PIN, finger or face, at registration as well, so
 * that one is two factors; and it keeps the passkey for this site, so that signing in needs no name.
 */
@Injectable()
export class PasskeysService {
  constructor(
    private readonly database: Database,
    private readonly challenges: ChallengesService,
    private readonly site: Site,
    private readonly clock: Clock,
    private readonly log: SecurityLog,
  ) {}

  /** Whether this site has a name that passkeys can be bound to. */
  get available(): boolean {
    return this.site.rpId !== null;
  }

  /** Options for `navigator.credentials.create`; `join` comes back with the answer. */
  async offer(
    visitor: Visitor,
    user: PasskeyUser,
    join?: PasskeyToJoin,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const known = await this.database.read(AUTH, (reader) => reader.findBy(Passkey, { loginId: user.id }));
    const { generateRegistrationOptions } = await webAuthn();
    const options = await generateRegistrationOptions({
      rpName: 'Wellpaid',
      rpID: this.rpId(),
      userID: userHandleOf(user.id),
      userName: user.email,
      userDisplayName: user.displayName,
      challenge: newChallenge(),
      timeout: TIMEOUT_MS,
      attestationType: 'none',
      excludeCredentials: known.map(describe),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    });
    const data: KeptWithOffer = { loginId: user.id, join };
    await this.challenges.begin('passkey_registration', options.challenge, visitor.browserToken, data);
    return options;
  }

  /**
   * Checks a new passkey against the challenge, which is spent.
   *
   * @throws sign_in.request_unusable, sign_in.passkey_refused
   */
  async accept(visitor: Visitor, answer: unknown): Promise<{ passkey: NewPasskey; kept: KeptWithOffer }> {
    const { data: response } = RegistrationAnswer.safeParse(answer);
    const challenge = response && challengeOf(response.response.clientDataJSON);
    if (!response || challenge === undefined) throw this.refuse(visitor, 'shape');
    const kept = await this.challenges.take<KeptWithOffer>('passkey_registration', challenge, visitor.browserToken);
    const { verifyRegistrationResponse } = await webAuthn();
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: this.site.origin,
      expectedRPID: this.rpId(),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }).catch((error: unknown) => {
      throw this.refuse(visitor, reasonOf(error));
    });
    if (!registrationInfo) throw this.refuse(visitor, 'attestation');
    const { credential, credentialBackedUp } = registrationInfo;
    return {
      passkey: {
        credentialId: Buffer.from(credential.id, 'base64url'),
        publicKey: Buffer.from(credential.publicKey),
        counter: BigInt(credential.counter),
        transports: credential.transports ?? [],
        backedUp: credentialBackedUp,
      },
      kept,
    };
  }

  /** @throws sign_in.passkey_in_use */
  async store(tx: Tx, loginId: string, name: string, passkey: NewPasskey): Promise<string> {
    const id = newId();
    const createdAt = this.clock.now();
    await tx.insert(Passkey, { ...passkey, id, loginId, name: name.trim() || 'Passkey', createdAt, lastUsedAt: null });
    return id;
  }

  /** Options for `navigator.credentials.get`: any passkey of this site signs in, one of the login steps up. */
  async ask(
    visitor: Visitor,
    purpose: PasskeyPurpose,
    loginId?: string,
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const allowed =
      loginId === undefined ? [] : await this.database.read(AUTH, (reader) => reader.findBy(Passkey, { loginId }));
    const { generateAuthenticationOptions } = await webAuthn();
    const options = await generateAuthenticationOptions({
      rpID: this.rpId(),
      challenge: newChallenge(),
      timeout: TIMEOUT_MS,
      allowCredentials: allowed.map(describe),
      userVerification: 'required',
    });
    await this.challenges.begin('passkey_sign_in', options.challenge, visitor.browserToken, { purpose });
    return options;
  }

  /**
   * Checks the answer of a passkey against the challenge, which is spent.
   *
   * @throws sign_in.request_unusable, sign_in.passkey_refused
   */
  async prove(visitor: Visitor, purpose: PasskeyPurpose, answer: unknown): Promise<ProvedPasskey> {
    const { data } = AuthenticationAnswer.safeParse(answer);
    const challenge = data && challengeOf(data.response.clientDataJSON);
    if (!data || challenge === undefined) throw this.refuse(visitor, 'shape');
    const kept = await this.challenges.take<{ purpose: PasskeyPurpose }>(
      'passkey_sign_in',
      challenge,
      visitor.browserToken,
    );
    if (kept.purpose !== purpose) throw this.refuse(visitor, 'purpose');
    const credentialId = Buffer.from(data.id, 'base64url');
    const passkey = await this.database.read(AUTH, (reader) => reader.findOneBy(Passkey, { credentialId }));
    if (!passkey) throw this.refuse(visitor, 'unknown');
    const { userHandle, ...response } = data.response;
    const handle = Buffer.from(userHandleOf(passkey.loginId)).toString('base64url');
    if ((userHandle ?? handle) !== handle) throw this.refuse(visitor, 'user_handle', passkey.loginId);
    const { verifyAuthenticationResponse } = await webAuthn();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...data, response },
      expectedChallenge: challenge,
      expectedOrigin: this.site.origin,
      expectedRPID: this.rpId(),
      requireUserVerification: true,
      credential: {
        id: data.id,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: Number(passkey.counter),
        transports: passkey.transports,
      },
    }).catch((error: unknown) => {
      throw this.refuse(visitor, reasonOf(error), passkey.loginId);
    });
    if (!verified) throw this.refuse(visitor, 'signature', passkey.loginId);
    const { newCounter, credentialBackedUp } = authenticationInfo;
    return {
      passkeyId: passkey.id,
      loginId: passkey.loginId,
      counter: BigInt(newCounter),
      backedUp: credentialBackedUp,
    };
  }

  /** Counts the use, in the transaction that it is for: a copy of the device that lags behind is refused. */
  async use(tx: Tx, visitor: Visitor, { passkeyId, loginId, counter, backedUp }: ProvedPasskey): Promise<void> {
    const used = await tx.execute(
      `update passkey set counter = $2, backed_up = $3, last_used_at = $4
       where id = $1 and (counter < $2 or (counter = 0 and $2 = 0))
         and exists (select from login l where l.id = login_id and l.disabled_at is null)`,
      [passkeyId, counter, backedUp, this.clock.now()],
    );
    if (used !== 1) throw this.refuse(visitor, 'counter', loginId);
  }

  private rpId(): string {
    const { rpId } = this.site;
    if (rpId === null) throw passkeysUnavailable();
    return rpId;
  }

  private refuse({ correlationId }: Visitor, reason: string, loginId: string | null = null) {
    this.log.note('refused', { method: 'passkey', reason, loginId, correlationId });
    return passkeyRefused();
  }
}

function newChallenge(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(32));
}

/** What a device keeps to name the login: its id and nothing that says more. */
function userHandleOf(loginId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(loginId.replaceAll('-', ''), 'hex'));
}

function describe({ credentialId, transports }: Passkey): { id: string; transports: string[] } {
  return { id: credentialId.toString('base64url'), transports };
}

/** The library says what was wrong in words only, some of which repeat what it was sent. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('Response counter value')) return 'counter';
  if (message.includes('user could not be verified')) return 'user_not_verified';
  if (message.includes('origin')) return 'origin';
  return message.includes('RP ID') ? 'rp_id' : 'answer';
}
