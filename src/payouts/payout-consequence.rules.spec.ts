import { consequenceOf, outcomeOf, stepOf, verdictOn, type Happening } from './payout-consequence.rules.js';
import { Payout } from './payout.entity.js';
import type { AttemptOutcome, AttemptStep } from './payout-step.rules.js';

const NOW = new Date('2026-11-02T12:00:00Z');
const HOUR = 3_600_000;
const done: Happening = { kind: 'transfer_done', attempt: 1, externalId: 'tr_1' };
const begun: Happening = { kind: 'bank_begun', attempt: 1, externalId: 'po_1' };
const paid: Happening = { kind: 'bank_paid', attempt: 1, externalId: 'po_1' };
const failed: Happening = { kind: 'bank_failed', attempt: 1, externalId: 'po_1', reasonCode: 'account_closed' };
const reversed: Happening = { kind: 'transfer_reversed', attempt: 1, externalId: 'trr_1' };

function at(step: AttemptStep, attempt: number, outcome: AttemptOutcome, externalId: string | null = null) {
  return { step, attempt, outcome, externalId };
}

const requested = { state: 'requested', transferId: null } as const;
const sent = { state: 'sent', transferId: 'tr_1' } as const;
const tr = at('transfer', 1, 'done', 'tr_1');
const calling = at('bank_payout', 1, 'calling');
const under = at('bank_payout', 1, 'done', 'po_1');

describe('what happens to a payout', () => {
  const cases: readonly [string, Parameters<typeof verdictOn>, string][] = [
    ['is sent', [requested, [at('transfer', 1, 'calling')], done], 'sent'],
    ['is sent by what a notice tells before the answer', [requested, [at('transfer', 1, 'unknown')], done], 'sent'],
    ['is sent, as was known', [sent, [tr], done], 'known'],
    ['is sent by another transfer', [sent, [tr], { ...done, externalId: 'tr_2' }], 'unexpected'],
    ['was sent after it was given up', [{ state: 'cancelled', transferId: null }, [tr], done], 'unexpected'],
    ['goes to the bank', [sent, [tr, calling], begun], 'sent'],
    ['goes to the bank, as was known', [sent, [tr, under], begun], 'known'],
    ['goes to the bank under an attempt never made', [sent, [tr, under], { ...begun, attempt: 2 }], 'unexpected'],
    ['goes to the bank as another object', [sent, [tr, under], { ...begun, externalId: 'po_2' }], 'unexpected'],
    ['goes to the bank before it was sent', [requested, [at('transfer', 1, 'planned')], begun], 'unexpected'],
    ['is paid before the answer about it came', [sent, [tr, calling], paid], 'paid'],
    ['is paid', [sent, [tr, under], paid], 'paid'],
    ['fails after it was paid', [{ ...sent, state: 'paid' }, [tr, under], failed], 'failed'],
    [
      'is paid after it failed',
      [{ ...sent, state: 'failed' }, [tr, at('bank_payout', 1, 'failed', 'po_1')], paid],
      'unexpected',
    ],
    [
      'fails in an attempt that failed, while the next is on its way',
      [sent, [tr, at('bank_payout', 1, 'failed', 'po_1'), at('bank_payout', 2, 'done', 'po_2')], failed],
      'known',
    ],
    [
      'is paid by an attempt that failed, while the next is on its way',
      [sent, [tr, at('bank_payout', 1, 'failed', 'po_1'), at('bank_payout', 2, 'done', 'po_2')], paid],
      'unexpected',
    ],
    ['comes home', [{ ...sent, state: 'failed' }, [tr, at('bank_payout', 1, 'failed', 'po_1')], reversed], 'returned'],
    ['comes home while the bank is about to get it', [sent, [tr, under], reversed], 'unexpected'],
    ['comes home before the bank was asked', [sent, [tr, at('bank_payout', 1, 'planned')], reversed], 'returned'],
    ['is confirmed', [requested, [], { kind: 'confirmed', confirmedBy: 'm' }], 'paid'],
  ];
  it.each(cases)('%s', (_name, given, expected) => {
    const verdict = verdictOn(...given);
    expect(verdict.kind === 'moves' ? verdict.to : verdict.kind).toBe(expected);
  });
});

function payout(differs: Partial<Payout> = {}): Payout {
  return Object.assign(new Payout(), { state: 'sent', transferId: 'tr_1', settledAt: null, ...differs });
}

describe('what follows', () => {
  const rows: readonly [Happening, Partial<Payout>, string, string | null, string | null, number | null][] = [
    [done, { state: 'requested' }, 'payout.sent', 'sent', null, 0],
    [{ kind: 'transfer_refused', attempt: 1, reasonCode: 'x' }, {}, 'payout.refused', 'released', null, null],
    [{ kind: 'transfer_absent', attempt: 1 }, {}, 'payout.cancelled', 'released', null, null],
    [{ kind: 'withdrawn' }, {}, 'payout.cancelled', 'released', null, null],
    [
      { kind: 'transfer_unknown', attempt: 1, reasonCode: 'x', tryAt: null },
      {},
      'payout.answer_lost',
      null,
      null,
      null,
    ],
    [begun, {}, 'payout.forwarded', null, null, HOUR],
    [paid, {}, 'payout.paid', 'paid', 'paid', 24 * HOUR],
    [failed, {}, 'payout.failed', null, 'failed', HOUR],
    [failed, { state: 'paid', settledAt: NOW }, 'payout.failed', 'unpaid', 'failed', 24 * HOUR],
    [{ kind: 'bank_retried', attempt: 2 }, {}, 'payout.retried', null, null, 0],
    [reversed, { state: 'failed' }, 'payout.returned', 'returned', 'returned', null],
    [{ kind: 'confirmed', confirmedBy: 'm' }, {}, 'payout.paid', 'confirmed', 'paid', null],
  ];
  it.each(rows)('from %j on %j: %s', (happening, before, eventType, movement, topic, dueMs) => {
    const consequence = consequenceOf(payout(before), happening, NOW);
    expect(consequence).toMatchObject({ eventType, movement, topic });
    expect(consequence.change.nextTryAt).toEqual(dueMs === null ? null : new Date(NOW.getTime() + dueMs));
  });

  it('keeps for each attempt how it ended', () => {
    const outcomes = [done, begun, paid, failed, reversed].map((one) => outcomeOf(one)?.outcome);
    expect(outcomes).toEqual(['done', 'done', 'done', 'failed', 'done']);
    expect(outcomeOf({ ...failed, externalId: null })).toEqual({ outcome: 'refused', reasonCode: 'account_closed' });
    expect(outcomeOf({ kind: 'withdrawn' })).toBeUndefined();
    expect([done, begun, reversed, { kind: 'withdrawn' } as const].map(stepOf)).toEqual([
      'transfer',
      'bank_payout',
      'reversal',
      undefined,
    ]);
  });
});
