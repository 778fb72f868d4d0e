import {
  backOffMs,
  BANK_ATTEMPTS_MAX,
  choicesOf,
  isFirstCall,
  KEY_LIFE_MS,
  nextStep,
  RESEND_MS,
  RETURN_PAID_MS,
  RETURN_UNPAID_MS,
  REVERSAL_ATTEMPTS_MAX,
  whyNotDecide,
  type AttemptFacts,
  type AttemptStep,
  type NextStep,
  type PayoutFacts,
} from './payout-step.rules.js';

const NOW = new Date('2026-11-02T12:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const HOUR = 3_600_000;

function payout(differs: Partial<PayoutFacts> = {}): PayoutFacts {
  return {
    rail: 'stripe',
    state: 'requested',
    transferId: null,
    settledAt: null,
    failedAt: null,
    nextTryAt: NOW,
    ...differs,
  };
}

function attempt(differs: Partial<AttemptFacts> = {}): AttemptFacts {
  return { step: 'transfer', attempt: 1, outcome: 'planned', reasonCode: null, firstCalledAt: null, ...differs };
}

const SENT = { state: 'sent', transferId: 'tr_1' } as const;
const FAILED = { state: 'failed', transferId: 'tr_1', failedAt: ago(HOUR) } as const;
const bank = (differs: Partial<AttemptFacts> = {}) => attempt({ step: 'bank_payout', ...differs });
const reversal = (differs: Partial<AttemptFacts> = {}) => attempt({ step: 'reversal', ...differs });

/** Each line: what is stored, and what a worker does then. */
const CASES: readonly [string, PayoutFacts, readonly AttemptFacts[], string][] = [
  ['a planned transfer', payout(), [attempt()], 'send transfer 1'],
  ['another worker is on it', payout({ nextTryAt: new Date(NOW.getTime() + 1) }), [attempt()], 'rest'],
  ['nothing is to be done', payout({ nextTryAt: null }), [attempt()], 'rest'],
  ['a payment outside', payout({ rail: 'outside' }), [], 'rest'],
  [
    'a worker died in the call',
    payout(),
    [attempt({ outcome: 'calling', firstCalledAt: ago(HOUR) })],
    'send transfer 1',
  ],
  [
    'the answer was lost a moment less than 23 hours ago',
    payout({ state: 'unknown' }),
    [attempt({ outcome: 'unknown', reasonCode: 'connection', firstCalledAt: ago(RESEND_MS - 1) })],
    'send transfer 1',
  ],
  [
    'the answer was lost 23 hours ago',
    payout({ state: 'unknown' }),
    [attempt({ outcome: 'unknown', reasonCode: 'connection', firstCalledAt: ago(RESEND_MS) })],
    'find transfer 1',
  ],
  [
    'a worker died in a call 23 hours ago',
    payout(),
    [attempt({ outcome: 'calling', firstCalledAt: ago(RESEND_MS) })],
    'find transfer 1',
  ],
  [
    'the answer was not what was ordered',
    payout({ state: 'unknown' }),
    [attempt({ outcome: 'unknown', reasonCode: 'answer_mismatch', firstCalledAt: NOW })],
    'find transfer 1',
  ],
  [
    'the key had another body',
    payout({ state: 'unknown' }),
    [attempt({ outcome: 'unknown', reasonCode: 'key_reused', firstCalledAt: NOW })],
    'find transfer 1',
  ],
  [
    'transferred, the bank payout is planned',
    payout(SENT),
    [attempt({ outcome: 'done' }), bank()],
    'send bank_payout 1',
  ],
  ['on its way to the bank', payout(SENT), [bank({ outcome: 'done' })], 'watch'],
  [
    'the answer about the bank payout was lost',
    payout({ state: 'unknown', transferId: 'tr_1' }),
    [attempt({ outcome: 'done' }), bank({ outcome: 'unknown', firstCalledAt: ago(24 * HOUR) })],
    'find bank_payout 1',
  ],
  [
    'the latest of two attempts counts',
    payout(SENT),
    [bank({ attempt: 2 }), bank({ outcome: 'failed' })],
    'send bank_payout 2',
  ],
  ['paid', payout({ ...SENT, state: 'paid', settledAt: NOW }), [bank({ outcome: 'done' })], 'watch'],
  ['the bank did not take it', payout(FAILED), [bank({ outcome: 'failed' })], 'recheck'],
  [
    'the bank did not take it for two weeks',
    payout({ ...FAILED, failedAt: ago(RETURN_UNPAID_MS) }),
    [bank({ outcome: 'failed' })],
    'plan reversal 1',
  ],
  [
    'the bank did not take it five times',
    payout(FAILED),
    [bank({ outcome: 'failed', attempt: BANK_ATTEMPTS_MAX })],
    'plan reversal 1',
  ],
  [
    'the bank gave it back an hour ago',
    payout({ ...FAILED, settledAt: ago(2 * HOUR) }),
    [bank({ outcome: 'failed' })],
    'rest',
  ],
  [
    'the bank gave it back a day ago',
    payout({ ...FAILED, settledAt: ago(48 * HOUR), failedAt: ago(RETURN_PAID_MS) }),
    [bank({ outcome: 'failed' })],
    'plan reversal 1',
  ],
  ['somebody wants it home', payout(FAILED), [bank({ outcome: 'failed' }), reversal()], 'send reversal 1'],
  ['it could not go home', payout(FAILED), [reversal({ outcome: 'refused' })], 'plan reversal 2'],
  [
    'it could not go home ten times',
    payout(FAILED),
    [reversal({ outcome: 'refused', attempt: REVERSAL_ATTEMPTS_MAX })],
    'rest',
  ],
  [
    'the answer about going home was lost yesterday',
    payout(FAILED),
    [reversal({ outcome: 'unknown', firstCalledAt: ago(24 * HOUR) })],
    'find reversal 1',
  ],
  ['returned', payout({ state: 'returned', transferId: 'tr_1' }), [reversal({ outcome: 'done' })], 'rest'],
  ['cancelled', payout({ state: 'cancelled' }), [attempt({ outcome: 'refused' })], 'rest'],
];

describe('the next step of a payout', () => {
  it.each(CASES)('%s', (_name, facts, attempts, expected) => {
    const next = nextStep(facts, attempts, NOW);
    expect('step' in next ? `${next.kind} ${next.step} ${next.attempt}` : next.kind).toBe(expected);
  });

  it('waits longer each time, and an hour at the most', () => {
    const waits = [1, 2, 3, 4, 5, 6, 60].map(backOffMs);
    expect(waits).toEqual([10_000, 30_000, 120_000, 600_000, 1_800_000, HOUR, HOUR]);
    expect(backOffMs(0)).toBe(10_000);
  });
});

describe('the first call of a transfer', () => {
  const step = (kind: 'send' | 'find' | 'plan', of: AttemptStep = 'transfer') =>
    ({ kind, step: of, attempt: 1 }) as const;

  it.each<[NextStep, AttemptFacts[], boolean]>([
    [step('send'), [attempt({ outcome: 'planned' })], true],
    [step('send'), [attempt({ outcome: 'calling' })], false],
    [step('send'), [attempt({ outcome: 'unknown' })], false],
    [step('find'), [attempt({ outcome: 'planned' })], false],
    [step('send', 'bank_payout'), [attempt({ outcome: 'done' }), bank({ outcome: 'planned' })], false],
    [step('plan', 'reversal'), [attempt({ outcome: 'done' })], false],
    [{ kind: 'watch' }, [attempt({ outcome: 'planned' })], false],
  ])('is known by %j after %j: %s', (next, attempts, expected) => {
    expect(isFirstCall(next, attempts)).toBe(expected);
  });
});

describe('a decision about what is unknown', () => {
  it.each([
    ['sent', true, 1, undefined],
    ['sent', false, 48, 'contradicts'],
    ['not_sent', true, 48, 'contradicts'],
    ['not_sent', false, 23.9, 'too_early'],
    ['not_sent', false, 24, undefined],
  ] as const)('%s, found: %s, first called %s hours ago', (decision, found, hours, expected) => {
    expect(whyNotDecide(decision, found, ago(hours * HOUR), NOW)).toBe(expected);
  });
});

describe('what finance can do about a payout', () => {
  const NONE = { decide: false, absentFrom: null, askReturn: false, returnsBy: null };
  const later = (since: Date, ms: number) => new Date(since.getTime() + ms);
  const lost = (ms: number) => attempt({ outcome: 'unknown', firstCalledAt: ago(ms) });

  it.each(['requested', 'sent', 'paid', 'returned', 'cancelled'] as const)('is nothing while it is %s', (state) => {
    expect(choicesOf(payout({ state, transferId: 'tr_1' }), [lost(HOUR)], NOW)).toEqual(NONE);
  });

  it('is to say what the platform shows of it, and that it is not there only once no late answer can come', () => {
    const unknown = payout({ state: 'unknown' });
    expect(choicesOf(unknown, [lost(HOUR)], NOW)).toEqual({
      ...NONE,
      decide: true,
      absentFrom: later(ago(HOUR), KEY_LIFE_MS),
    });
    expect(choicesOf(unknown, [lost(KEY_LIFE_MS)], NOW)).toEqual({ ...NONE, decide: true });
  });

  it('looks at the step whose answer was lost', () => {
    const attempts = [
      attempt({ outcome: 'done', firstCalledAt: ago(HOUR) }),
      bank({ firstCalledAt: ago(KEY_LIFE_MS) }),
    ];
    const unknown = payout({ state: 'unknown', transferId: 'tr_1' });
    expect(choicesOf(unknown, attempts, NOW)).toMatchObject({ decide: true, absentFrom: null });
  });

  it('is to ask for what the bank did not take, which comes home by itself after a time', () => {
    expect(choicesOf(payout(FAILED), [bank()], NOW)).toEqual({
      ...NONE,
      askReturn: true,
      returnsBy: later(ago(HOUR), RETURN_UNPAID_MS),
    });
    const once = payout({ ...FAILED, settledAt: ago(2 * HOUR) });
    expect(choicesOf(once, [bank()], NOW).returnsBy).toEqual(later(ago(HOUR), RETURN_PAID_MS));
  });

  it('is nothing while it is on its way home, and to ask again once that was refused', () => {
    expect(choicesOf(payout(FAILED), [bank(), reversal({ outcome: 'calling' })], NOW)).toEqual(NONE);
    const refused = choicesOf(payout(FAILED), [bank(), reversal({ outcome: 'refused' })], NOW);
    expect(refused).toEqual({ ...NONE, askReturn: true });
  });
});
