import { Draft } from './draft.entity.js';
import { Login } from './login.entity.js';
import { Passkey } from './passkey.entity.js';
import { WebSession } from './web-session.entity.js';

export { SignInModule } from './sign-in.module.js';
export { type AppEnrolment } from './authenticator-codes.service.js';
export { CredentialsService, type WaysIn } from './credentials.service.js';
export { DraftsService, type DraftOwner } from './drafts.service.js';
export { JoiningService, type Offer } from './joining.service.js';
export { LoginsService, type LoginAddress } from './logins.service.js';
export { PasskeysService, type Newcomer } from './passkeys.service.js';
export { type NewPassword } from './passwords.service.js';
export { SandboxSignIn, type SandboxPerson } from './sandbox-sign-in.service.js';
export {
  SessionsService,
  type FoundSession,
  type ListedSession,
  type Membership,
  type OpenedSession,
  type Session,
} from './sessions.service.js';
export { SignInService, type PasswordProof } from './sign-in.service.js';
export { SingleSignOnService, type OidcPurpose, type SignedOn, type SignInProvider } from './single-sign-on.service.js';
export { Site } from './site.service.js';
export { FRESH_MS, IDLE_MS } from './session.rules.js';
export { type Visitor } from './visitor.rules.js';
export { credentialAdded, credentialRemoved } from './sign-in.events.js';
export * from './sign-in.errors.js';

export const SIGN_IN_ENTITIES = [Login, Passkey, WebSession, Draft];
