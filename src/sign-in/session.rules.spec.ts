import { idleEndOf, isFresh, sessionState, type SessionTimes } from './session.rules.js';

const at = (time: string) => new Date(`2026-10-29T${time}Z`);
const session = (given: Partial<SessionTimes> = {}): SessionTimes => ({
  lastSeenAt: at('09:00:00'),
  endsAt: at('21:00:00'),
  endedAt: null,
  ...given,
});

describe('a session', () => {
  it.each([
    ['just begun', session(), '09:00:00', 'open'],
    ['a moment before half an hour', session(), '09:29:59', 'open'],
    ['unused for half an hour', session(), '09:30:00', 'idle'],
    ['used until its last day ended', session({ lastSeenAt: at('20:59:00') }), '21:00:00', 'ended'],
    ['long after that', session({ lastSeenAt: at('20:59:00') }), '23:00:00', 'ended'],
    ['unused before its day ended', session({ lastSeenAt: at('20:00:00') }), '23:00:00', 'idle'],
    ['signed out', session({ endedAt: at('09:10:00') }), '09:11:00', 'ended'],
    ['signed out, and long unused', session({ endedAt: at('09:10:00') }), '12:00:00', 'ended'],
  ])('that is %s', (_, times, now, state) => expect(sessionState(times, at(now))).toBe(state));

  it('ends by itself after half an hour, or with its day', () => {
    expect(idleEndOf(session())).toEqual(at('09:30:00'));
    expect(idleEndOf(session({ lastSeenAt: at('20:45:00') }))).toEqual(at('21:00:00'));
  });

  it.each([
    [null, false],
    ['09:00:00', true],
    ['08:59:59', false],
    ['09:05:00', true],
  ])('is fresh at 09:05 when proved at %s: %s', (provedAt, fresh) =>
    expect(isFresh(provedAt === null ? null : at(provedAt), at('09:05:00'))).toBe(fresh),
  );
});
