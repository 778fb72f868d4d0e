import type { DeliveryPlan, TakenRow } from './delivery-plan.rules.js';

/**
 * Where the rows of a plan are kept, by which they are known again: those about a session that the plan records with it, by
 * its id, each as 72 hexadecimal digits of its number (4 bytes, big-endian) and its hash; those about older ones apart.
 */
export function takenRows({ sessions, hashes }: Pick<DeliveryPlan, 'sessions' | 'hashes'>): {
  readonly withSessions: ReadonlyMap<string, string>;
  readonly apart: readonly TakenRow[];
} {
  const withSessions = new Map(sessions.map(({ id }) => [id, '']));
  const apart: TakenRow[] = [];
  for (const taken of hashes) {
    const { sessionId, row, rowHash } = taken;
    const before = withSessions.get(sessionId);
    if (before === undefined) apart.push(taken);
    else withSessions.set(sessionId, before + row.toString(16).padStart(8, '0') + rowHash);
  }
  return { withSessions, apart };
}
