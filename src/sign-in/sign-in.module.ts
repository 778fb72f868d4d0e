import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AuthenticatorCodesService } from './authenticator-codes.service.js';
import { ChallengesService } from './challenges.service.js';
import { CredentialsService } from './credentials.service.js';
import { DraftsService } from './drafts.service.js';
import { IdentityProviderGateway } from './identity-provider.gateway.js';
import { JoiningService } from './joining.service.js';
import { LoginsService } from './logins.service.js';
import { PasskeysService } from './passkeys.service.js';
import { FULL_SCRYPT_COST, PasswordHashes, SCRYPT_COST, type ScryptCost } from './password-hashes.service.js';
import { PasswordsService } from './passwords.service.js';
import { SandboxSignIn } from './sandbox-sign-in.service.js';
import { SecurityLog } from './security-log.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';
import { SingleSignOnService } from './single-sign-on.service.js';
import { Site } from './site.service.js';
import { ThrottleService } from './throttle.service.js';
import { SignInUpkeep } from './upkeep.worker.js';

@Global()
@Module({
  providers: [
    { provide: SCRYPT_COST, useValue: FULL_SCRYPT_COST },
    AuthenticatorCodesService,
    ChallengesService,
    CredentialsService,
    DraftsService,
    IdentityProviderGateway,
    JoiningService,
    LoginsService,
    PasskeysService,
    PasswordHashes,
    PasswordsService,
    SandboxSignIn,
    SecurityLog,
    SessionsService,
    SignInService,
    SignInUpkeep,
    SingleSignOnService,
    Site,
    ThrottleService,
  ],
  exports: [
    CredentialsService,
    DraftsService,
    JoiningService,
    LoginsService,
    PasskeysService,
    SandboxSignIn,
    SessionsService,
    SignInService,
    SingleSignOnService,
    Site,
  ],
})
export class SignInModule {
  /** With another cost of passwords than the product has: tests guess a thousand times. */
  static costing(cost: ScryptCost): DynamicModule {
    return { module: SignInModule, providers: [{ provide: SCRYPT_COST, useValue: cost }] };
  }
}
