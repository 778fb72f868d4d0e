/** What went wrong, in the ways that a caller can act upon. Anything else is a bug and answers 500. */
export type ErrorKind = 'unauthenticated' | 'not_found' | 'forbidden' | 'conflict' | 'rule_broken' | 'invalid' | 'busy';

export const STATUS_OF_KIND: Record<ErrorKind, number> = {
  unauthenticated: 401,
  not_found: 404,
  forbidden: 403,
  conflict: 409,
  rule_broken: 422,
  invalid: 400,
  busy: 503,
};

/** A refusal that the caller is told about. `code` is API: it is never renamed. `details` holds no personal data. */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'DomainError';
  }

  get status(): number {
    return STATUS_OF_KIND[this.kind];
  }
}

/** An error as the documentation shows it: one entry for each code. */
export interface ErrorDefinition {
  readonly code: string;
  readonly kind: ErrorKind;
  /** One sentence: what happened. */
  readonly title: string;
  /** One sentence: what the caller can do about it. */
  readonly fix: string;
}

const catalogue = new Map<string, ErrorDefinition>();

/** Makes an error: details for programs, and a message where the title alone does not say enough. */
export interface ErrorFactory {
  (details?: Record<string, unknown>, message?: string): DomainError;
  readonly definition: ErrorDefinition;
}

/**
 * Declares an error once, for throwing and for documentation alike.
 *
 * @throws Error when the code is taken: a code means one thing
 */
export function defineError(definition: ErrorDefinition): ErrorFactory {
  if (catalogue.has(definition.code)) throw new Error(`The error code ${definition.code} is defined twice`);
  catalogue.set(definition.code, definition);
  const make = (details: Record<string, unknown> = {}, message?: string) =>
    new DomainError(definition.kind, definition.code, message ?? `${definition.title} ${definition.fix}`, details);
  return Object.assign(make, { definition });
}

/** The declaration of a code. */
export function findErrorDefinition(code: string): ErrorDefinition | undefined {
  return catalogue.get(code);
}

/** Every declared error, by code. */
export function errorCatalogue(): ErrorDefinition[] {
  return [...catalogue.values()].sort((a, b) => a.code.localeCompare(b.code));
}

export const notFound = defineError({
  code: 'not_found',
  kind: 'not_found',
  title: 'There is no such thing, or it is not yours to see.',
  fix: 'Check the identifier and the organisation that your key belongs to.',
});

export const invalidRequest = defineError({
  code: 'request.invalid',
  kind: 'invalid',
  title: 'The request does not have the right shape.',
  fix: 'See errors: each names the place and what is expected there.',
});

export const notPermitted = defineError({
  code: 'request.not_permitted',
  kind: 'forbidden',
  title: 'Your key does not permit this.',
  fix: 'Use a key with one of the roles or scopes that details name.',
});

export const notSignedIn = defineError({
  code: 'request.not_signed_in',
  kind: 'unauthenticated',
  title: 'There is no valid key in the Authorization header.',
  fix: 'Send "Authorization: Bearer <key>" with a key that has neither expired nor been revoked.',
});

export const badReference = defineError({
  code: 'request.unknown_reference',
  kind: 'invalid',
  title: 'Something that the request refers to does not exist for this commissioner.',
  fix: 'Check the identifiers in the request.',
});

/** For what cannot happen unless the program is wrong. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
