import { progressOf, runStateOf } from './payment-run.rules.js';
import type { PayoutState } from './payout-state.rules.js';

const TODAY = '2026-10-29';
const AT = new Date('2026-10-29T09:00:00Z');

describe('a payment run', () => {
  it.each([
    ['2026-10-30', null, null, 'scheduled'],
    ['2026-10-29', null, null, 'running'],
    ['2026-10-28', null, null, 'running'],
    ['2026-10-29', AT, null, 'finished'],
    ['2026-10-30', null, AT, 'cancelled'],
  ])('for %s, finished %s, cancelled %s is %s', (paysOn, finishedAt, cancelledAt, state) => {
    expect(runStateOf({ paysOn, finishedAt, cancelledAt }, TODAY)).toBe(state);
  });

  const payout = (state: PayoutState, rail: 'stripe' | 'outside' = 'stripe', amountMinor = 100n) => ({
    state,
    rail,
    amountMinor,
  });

  it('counts what it has come to and what it has not', () => {
    const payouts = [payout('sent'), payout('requested'), payout('requested', 'outside')];
    expect(progressOf('running', payouts, { waiting: 1, left: 2 })).toEqual({
      state: 'running',
      value: 3,
      max: 6,
      amountMinor: 300n,
      payments: 3,
      waiting: 1,
      done: false,
    });
  });

  it('is not done before the platform has answered for each payment', () => {
    const waits = { waiting: 0, left: 4 };
    expect(progressOf('finished', [payout('sent'), payout('requested')], waits)).toMatchObject({ max: 2, done: false });
    expect(progressOf('finished', [payout('sent'), payout('unknown')], waits)).toMatchObject({ value: 2, done: true });
  });

  it('does not wait for accounts payable', () => {
    const { done } = progressOf('finished', [payout('requested', 'outside')], { waiting: 0, left: 0 });
    expect(done).toBe(true);
  });

  it('does not count what was not made', () => {
    const payouts = [payout('paid', 'stripe', 500n), payout('cancelled'), payout('returned')];
    expect(progressOf('finished', payouts, { waiting: 0, left: 0 })).toMatchObject({ amountMinor: 500n, payments: 1 });
  });

  it('is done when it was cancelled or had nothing to pay', () => {
    expect(progressOf('cancelled', [], { waiting: 0, left: 3 })).toMatchObject({ value: 0, max: 0, done: true });
    expect(progressOf('finished', [], { waiting: 2, left: 0 })).toMatchObject({ value: 2, max: 2, done: true });
  });
});
