import { randomUUID } from 'node:crypto';

/** A token for one sending of a form: sent twice, it is the same command, and has one effect. */
export function newOnce(): string {
  return randomUUID();
}

/** The idempotency key of a command that a form gives; undefined for a form that was sent without its token. */
export function keyOf(once: string, step: string): string | undefined {
  return /^[0-9a-f-]{36}$/.test(once) ? `form:${once}:${step}` : undefined;
}
