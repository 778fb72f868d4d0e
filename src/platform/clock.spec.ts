import { londonDay, SandboxClock, SystemClock, unixMilliseconds } from './clock.js';

describe('the day in London', () => {
  it.each([
    ['2026-01-15T23:59:59Z', '2026-01-15'],
    ['2026-06-15T22:59:59Z', '2026-06-15'],
    ['2026-06-15T23:00:00Z', '2026-06-16'],
    ['2026-03-29T00:59:59Z', '2026-03-29'],
    ['2026-10-24T23:30:00Z', '2026-10-25'],
    ['2026-10-25T23:30:00Z', '2026-10-25'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31'],
    ['2027-01-01T00:00:00Z', '2027-01-01'],
    ['2028-02-29T12:00:00Z', '2028-02-29'],
  ])('at %s is %s', (instant, day) => {
    expect(londonDay(new Date(instant))).toBe(day);
  });
});

describe('a clock of the sandbox', () => {
  it('starts at the chosen instant, goes on from there, and can be moved', () => {
    const clock = new SandboxClock(new Date('2026-10-29T09:00:00Z'));
    const first = clock.now();
    expect(first.getTime() - Date.parse('2026-10-29T09:00:00Z')).toBeLessThan(60_000);
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(first.getTime());
    expect(clock.today()).toBe('2026-10-29');
    clock.moveTo(new Date('2026-06-30T23:00:00Z'));
    expect(clock.today()).toBe('2026-07-01');
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(Date.parse('2026-06-30T23:00:00Z'));
  });

  it('can have started when the process began', () => {
    const passedMs = unixMilliseconds() - performance.timeOrigin;
    const shown = SandboxClock.sinceProcessBegan(new Date('2026-10-29T09:00:00Z')).now();
    expect(passedMs).toBeGreaterThan(0);
    expect(shown.getTime() - Date.parse('2026-10-29T09:00:00Z')).toBeGreaterThanOrEqual(Math.floor(passedMs));
  });

  it('goes as fast as the machine', () => {
    const clock = new SandboxClock(new Date(0));
    const machine = unixMilliseconds();
    const before = clock.now().getTime();
    while (unixMilliseconds() < machine + 5);
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(before + 4);
  });
});

it('the clock of the system is the machine', () => {
  const before = unixMilliseconds();
  const now = new SystemClock().now().getTime();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(unixMilliseconds());
});
