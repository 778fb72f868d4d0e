import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const signInRefused = defineError({
  code: 'sign_in.refused',
  kind: 'unauthenticated',
  title: 'This did not sign you in.',
  fix: 'Check what you entered; after several tries, wait a quarter of an hour before the next.',
});

export const passkeyRefused = defineError({
  code: 'sign_in.passkey_refused',
  kind: 'unauthenticated',
  title: 'This passkey could not be checked, or nobody here has it.',
  fix: 'Try again with the device that you registered, or use another way to sign in.',
});

export const passkeysUnavailable = defineError({
  code: 'sign_in.passkeys_unavailable',
  kind: 'rule_broken',
  title: 'Passkeys need a name of a site, and this one is reached by a number.',
  fix: 'Set PUBLIC_URL to an address with a domain name, or open http://localhost.',
});

export const requestUnusable = defineError({
  code: 'sign_in.request_unusable',
  kind: 'conflict',
  title: 'This step was done already, took too long, or was begun in another browser.',
  fix: 'Begin again.',
});

export const passwordUnsuitable = defineError({
  code: 'sign_in.password_unsuitable',
  kind: 'invalid',
  title: 'This password cannot be used.',
  fix: 'Choose 12 to 128 characters that others would not try first; details.problem says what is wrong.',
});

export const codeWrong = defineError({
  code: 'sign_in.code_wrong',
  kind: 'invalid',
  title: 'The code is not the one that your app shows now.',
  fix: 'Wait for the next code, check that the time of your phone is right, and enter it again.',
});

export const stepUpRequired = defineError({
  code: 'sign_in.step_up_required',
  kind: 'forbidden',
  title: 'This needs proof that it is still you.',
  fix: 'Confirm with your passkey or a code, and do it within five minutes.',
});

export const lastWayIn = defineError({
  code: 'sign_in.last_way_in',
  kind: 'rule_broken',
  title: 'This is your only way to sign in.',
  fix: 'Add another one first.',
});

export const emailInUse = defineError({
  code: 'sign_in.email_in_use',
  kind: 'conflict',
  title: 'Somebody signs in with this e-mail address and a password already.',
  fix: 'If it is you, sign in first and accept the invitation then; or set up a passkey.',
});

export const passkeyInUse = defineError({
  code: 'sign_in.passkey_in_use',
  kind: 'conflict',
  title: 'This passkey is registered already.',
  fix: 'Use it to sign in, or make another.',
});

export const notYourMembership = defineError({
  code: 'sign_in.not_your_membership',
  kind: 'forbidden',
  title: 'You cannot act for this organisation in this session.',
  fix: 'Choose one of those that are listed, or sign in another way.',
});

export const sessionOver = defineError({
  code: 'sign_in.session_over',
  kind: 'unauthenticated',
  title: 'Your session is over.',
  fix: 'Sign in again.',
});

export const confined = defineError({
  code: 'sign_in.confined',
  kind: 'forbidden',
  title: 'You signed in through an organisation, which vouches for nothing outside of itself.',
  fix: 'Sign in with your passkey, or with your password and a code, and try again.',
});

export const providerUnknown = defineError({
  code: 'sign_in.provider_unknown',
  kind: 'not_found',
  title: 'This organisation does not sign its people in.',
  fix: 'Use another way to sign in.',
});

export const providerUnavailable = defineError({
  code: 'sign_in.provider_unavailable',
  kind: 'rule_broken',
  title: 'The sign-in service of this organisation does not answer as it should.',
  fix: 'Try again later, or use another way to sign in.',
});

export const identityRefused = defineError({
  code: 'sign_in.identity_refused',
  kind: 'unauthenticated',
  title: 'The sign-in service of this organisation did not confirm who you are.',
  fix: 'Begin again; if it happens again, tell whoever looks after sign-in at your organisation.',
});

export const identityUnknown = defineError({
  code: 'sign_in.identity_unknown',
  kind: 'forbidden',
  title: 'Nobody here is linked to this account of your organisation.',
  fix: 'Open your invitation and join with this account, or link it from your settings.',
});

export const identityInUse = defineError({
  code: 'sign_in.identity_in_use',
  kind: 'conflict',
  title: 'This account of your organisation is linked to somebody already.',
  fix: 'Sign in with it, or use another account.',
});

export const sandboxOnly = defineError({
  code: 'sign_in.sandbox_only',
  kind: 'forbidden',
  title: 'Signing in without proof is for the sandbox.',
  fix: 'Sign in with a passkey, or with a password and a code.',
});

onConstraint('login_email_taken', emailInUse);
onConstraint('passkey_taken', passkeyInUse);
onConstraint('oidc_identity_taken', identityInUse);
