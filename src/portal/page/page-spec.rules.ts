import type { AccessKind } from '../../platform/access-log.js';
import type { Permit } from '../../platform/operation.js';
import type { Fields } from './fields.rules.js';
import type { Visit } from './visit.rules.js';

export const PAGE = Symbol('Page');

export interface PageSpec {
  /**
   * Roles for each side; `public` for anybody, `signed-in` for whoever has signed in, with or without an organisation,
   * `operator` for who runs the instance.
   */
  readonly permit: Permit | 'public' | 'signed-in' | 'operator';
  /** Whether it needs a sign-in of the last five minutes: approving, paying, bank details, roles, keys. */
  readonly stepUp?: boolean;
  /** Whether the form carries a file, which must be its last field. */
  readonly file?: boolean;
  /** Set where the page reveals who a referral is about, or how it goes with one: each answer is logged then. */
  readonly sensitive?: AccessKind;
}

/** What the guard leaves with a request for the handler. */
export interface PageRequest {
  visit?: Visit;
  fields?: Fields;
}
