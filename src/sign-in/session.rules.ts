const MINUTE_MS = 60_000;
export const IDLE_MS = 30 * MINUTE_MS;
export const SESSION_MS = 12 * 60 * MINUTE_MS;
/** How long somebody counts as having just proved who they are (ASVS 7.5.3). */
export const FRESH_MS = 5 * MINUTE_MS;

export interface SessionTimes {
  readonly lastSeenAt: Date;
  /** At the latest, whatever happens. */
  readonly endsAt: Date;
  /** Signed out, here or from elsewhere. */
  readonly endedAt: Date | null;
}

/** `idle`: nobody used it for half an hour. `ended`: signed out, ended from elsewhere, or half a day old. */
export type SessionState = 'open' | 'idle' | 'ended';

/** What has become of a session. What was ended on purpose says so for good; else whichever end came first. */
export function sessionState({ lastSeenAt, endsAt, endedAt }: SessionTimes, now: Date): SessionState {
  if (endedAt !== null) return 'ended';
  const idleEnd = lastSeenAt.getTime() + IDLE_MS;
  if (now.getTime() >= Math.min(idleEnd, endsAt.getTime())) return idleEnd < endsAt.getTime() ? 'idle' : 'ended';
  return 'open';
}

/** When it ends by itself unless it is used before. */
export function idleEndOf({ lastSeenAt, endsAt }: SessionTimes): Date {
  return new Date(Math.min(lastSeenAt.getTime() + IDLE_MS, endsAt.getTime()));
}

/** Whether the last proof is fresh enough to approve, to pay, or to change who may. */
export function isFresh(steppedUpAt: Date | null, now: Date): boolean {
  return steppedUpAt !== null && now.getTime() - steppedUpAt.getTime() <= FRESH_MS;
}
