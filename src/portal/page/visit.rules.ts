import type { Actor, Role } from '../../platform/actor.js';
import type { FoundSession, Membership, Session } from '../../sign-in/index.js';
import type { Translate } from '../../words/index.js';

/** Somebody looks at a page: who, for which organisation, in which language. */
export interface Visit {
  readonly t: Translate;
  readonly correlationId: string;
  /** The path and query of the request. */
  readonly path: string;
  /** Of a form that was sent: the path and query of the page that it was on. */
  readonly page: string;
  /** Null for somebody who has not signed in. */
  readonly session: {
    readonly id: string;
    readonly loginId: string;
    readonly displayName: string;
    readonly email: string;
    readonly operator: boolean;
    readonly method: Session['method'];
    readonly memberships: readonly Membership[];
    readonly steppedUp: boolean;
  } | null;
  /** A session of this browser that is over, for a stranger who has just lost it. */
  readonly over: Extract<FoundSession, { state: 'idle' | 'ended' }> | null;
  readonly membership: Membership | null;
  /** What was typed before a sign-in came between. */
  readonly kept: Readonly<Record<string, unknown>>;
  /** The secret cookie of this browser, or of the session: binds challenges and form tokens. Never shown. */
  readonly browserToken: string;
  /** Address of the client, for back-off. */
  readonly ip: string;
  /** What the browser calls itself. */
  readonly device: string;
  /** The actor whom services see. @throws Error on a page that does not need an organisation */
  readonly actor: Actor;
  /**
   * The actor of a command that this form gives, once, however often it is sent: the form's token is the idempotency
   * key. An action that gives several commands names each.
   */
  command(step?: string): Actor;
}

/** Whether the visitor has one of the roles, at an organisation of the kind. */
export function hasRole(visit: Visit, ...roles: Role[]): boolean {
  return visit.membership?.roles.some((role) => roles.includes(role)) ?? false;
}
