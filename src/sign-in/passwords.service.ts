import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database.js';
import { Login } from './login.entity.js';
import { PasswordHashes } from './password-hashes.service.js';
import { passwordProblem } from './password.rules.js';
import { passwordUnsuitable } from './sign-in.errors.js';
import { AuthenticatorCodesService, type AppEnrolment } from './authenticator-codes.service.js';
import type { Visitor } from './visitor.rules.js';

/** What somebody enters to sign in with a password from now on. */
export interface NewPassword {
  readonly password: string;
  /** From the offer, hidden in the form. */
  readonly enrolment: string;
  /** What the app shows now. */
  readonly code: string;
}

/** A password and an app that are checked and can be stored. */
export interface ReadyPassword {
  /** Stores both, and gives ten recovery codes that are shown once. @throws sign_in.email_in_use */
  store(tx: Tx, loginId: string): Promise<string[]>;
}

/** Passwords, which come with an authenticator app or not at all. */
@Injectable()
export class PasswordsService {
  constructor(
    private readonly hashes: PasswordHashes,
    private readonly codes: AuthenticatorCodesService,
  ) {}

  /** A secret for the app that goes with the password. */
  offer(visitor: Visitor, email: string): Promise<AppEnrolment> {
    return this.codes.offer(visitor, email);
  }

  /** @param words the owner's address and the names of their organisations. @throws sign_in.password_unsuitable */
  check(password: string, words: readonly string[]): void {
    const problem = passwordProblem(password, [...words, ...words.map((word) => word.replace(/@.*$/, ''))]);
    if (problem !== undefined) throw passwordUnsuitable({ problem });
  }

  /** @throws sign_in.password_unsuitable, sign_in.request_unusable, sign_in.code_wrong */
  async prepare(visitor: Visitor, given: NewPassword, words: readonly string[]): Promise<ReadyPassword> {
    this.check(given.password, words);
    const app = await this.codes.confirm(visitor, given.enrolment, given.code);
    const passwordHash = await this.hashes.hash(given.password);
    return {
      store: async (tx, loginId) => {
        const columns = await this.codes.claim(tx, visitor, given.enrolment, loginId, app);
        await tx.update(Login, { id: loginId }, { ...columns, passwordHash });
        return this.codes.renewRecoveryCodes(tx, loginId);
      },
    };
  }

  /** Another password beside the app that is there. @throws sign_in.password_unsuitable */
  async hashOf(password: string, words: readonly string[]): Promise<string> {
    this.check(password, words);
    return this.hashes.hash(password);
  }

  /** Whether it is the password of the hash; without a hash it never is, and that takes as long. */
  matches(password: string, hash: string | null): Promise<boolean> {
    return this.hashes.matches(password, hash);
  }
}
