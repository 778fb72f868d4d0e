import { defineTopic } from '../platform/events.js';

/**
 * Someone's way in has changed, and they are to be told by e-mail. `id` is the login. Topics want a commissioner: it is the
 * organisation of the login's first membership, whatever its kind.
 */
export const credentialAdded = defineTopic('sign_in.credential_added');
export const credentialRemoved = defineTopic('sign_in.credential_removed');
