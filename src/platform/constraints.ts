import { badReference, type DomainError, type ErrorFactory } from './errors.js';

const byName = new Map<string, ErrorFactory>();

/**
 * Says which domain error a constraint of the database stands for.
 *
 * @throws Error when the constraint stands for another error already
 */
export function onConstraint(name: string, error: ErrorFactory): void {
  if ((byName.get(name) ?? error) !== error) throw new Error(`The constraint ${name} already stands for another error`);
  byName.set(name, error);
}

interface DatabaseFailure {
  code?: string;
  constraint?: string;
  driverError?: { code?: string; constraint?: string };
}

/** SQLSTATE of a failure from pg or TypeORM, if it is one. */
export function sqlState(error: unknown): string | undefined {
  const failure = error as DatabaseFailure | null;
  return failure?.driverError?.code ?? failure?.code;
}

/**
 * The domain error that a constraint's name stands for; an unknown name gives undefined and the error is rethrown as a
 * bug. A foreign key of a tenant table that is not named is a reference to something that does not exist there.
 */
export function domainErrorOf(error: unknown): DomainError | undefined {
  const failure = error as DatabaseFailure | null;
  const constraint = failure?.driverError?.constraint ?? failure?.constraint;
  if (constraint === undefined) return undefined;
  const named = byName.get(constraint);
  if (named) return named();
  return sqlState(error) === '23503' ? badReference({ constraint }) : undefined;
}
