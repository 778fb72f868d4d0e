import { invalidRequest } from '../../platform/errors.js';
import type { Fields } from '../page/fields.rules.js';

/** What the authenticator answered, as the browser put it into the form; whether it is right is asked of the service. */
export function passkeyAnswer(fields: Fields): unknown {
  try {
    return JSON.parse(fields.text('response'));
  } catch {
    throw invalidRequest({}, 'The browser sent no answer of a passkey.');
  }
}
