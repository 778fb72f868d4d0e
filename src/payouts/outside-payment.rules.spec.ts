import { outsideStepOf } from './outside-payment.rules.js';

describe('a payment by accounts payable', () => {
  it.each([
    ['outside', 'requested', null, 'enter'],
    ['outside', 'requested', 'me', 'other_confirms'],
    ['outside', 'requested', 'somebody else', 'confirm'],
    ['outside', 'paid', 'somebody else', null],
    ['outside', 'cancelled', null, null],
    ['stripe', 'requested', null, null],
  ] as const)('on %s that is %s, entered by %s, waits for: %s', (rail, state, enteredBy, step) => {
    expect(outsideStepOf({ rail, state, enteredBy }, 'me')).toBe(step);
  });
});
