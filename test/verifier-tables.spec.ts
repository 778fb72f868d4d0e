import { EVENT_TYPES } from '../src/audit/event-types.rules.js';
import { stateCode, stateName, stepTo, SUBJECTS } from '../src/audit/journey-steps.rules.js';
import { consequenceOf, type Happening } from '../src/payouts/payout-consequence.rules.js';
import { HAPPENINGS, type PayoutPosition, transitionOf } from '../src/payouts/payout-state.rules.js';
import type { Payout } from '../src/payouts/payout.entity.js';
import { projectRoot } from '../src/platform/paths.js';
import { EVENT_TYPES as CHOSEN_TYPES } from '../src/portal/audit/event-types.rules.js';
import { possibleSteps, type ReferralStep } from '../src/referrals/referral.rules.js';
import { isSpec } from './support/architecture.layers.js';
import { readTree } from './support/architecture.tree.js';

/** The verifier has tables of its own, so that it trusts nothing; here they are held against those of the product. */
describe('the types of events that the verifier knows', () => {
  /** They have words before there is a command that brings them about, and nothing says yet what they post. */
  const DESIGNED = `claim.flagged claim.disputed claim.reinstated claim.upheld credit_note.issued period.closed
    reconciliation.signed_off`.split(/\s+/);

  const known = EVENT_TYPES.map(({ name }) => name);

  it('are all that people can choose from', () => {
    expect(CHOSEN_TYPES.filter((type) => !DESIGNED.includes(type) && !known.includes(type))).toEqual([]);
    expect(known.filter((type) => DESIGNED.includes(type))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });

  it('are each recorded by the product', () => {
    const product = readTree(projectRoot(import.meta.url)).filter(({ path }) =>
      /^src\/(?!audit\/|portal\/)/.test(path),
    );
    const texts = product.filter(({ path }) => !isSpec(path)).map(({ text }) => text);
    expect(known.filter((type) => !texts.some((text) => text.includes(`'${type}'`)))).toEqual([]);
  });
});

describe('the journey of a payout', () => {
  const POSITIONS: Readonly<Record<string, PayoutPosition>> = {
    requested: 'requested',
    sent: 'sent',
    paid: 'paid',
    failed: 'failed',
    returned: 'returned',
    cancelled: 'cancelled',
    'unknown to the platform': 'transfer_unknown',
    'unknown to the bank': 'bank_unknown',
  };
  const states = SUBJECTS.payout.filter((state) => state !== 'none');
  const now = new Date('2026-11-25T09:00:00Z');

  /** What an event of the product leads to, by the verifier's table; where nothing would be recorded, undefined. */
  function recorded(state: string, kind: (typeof HAPPENINGS)[number]) {
    const to = transitionOf(POSITIONS[state] ?? 'cancelled', kind);
    const word = state.startsWith('unknown') ? 'unknown' : state;
    if (to === undefined || (to === word && kind !== 'bank_begun')) return undefined;
    const happening = {
      kind,
      attempt: 1,
      externalId: 'x',
      reasonCode: 'r',
      tryAt: null,
      confirmedBy: 'p',
    } as unknown as Happening;
    const { eventType } = consequenceOf({ state: word, settledAt: null } as unknown as Payout, happening, now);
    return { eventType, to };
  }

  it.each(states)('goes on from %s as the product has it', (state) => {
    for (const kind of HAPPENINGS) {
      const happened = recorded(state, kind);
      if (!happened) continue;
      const code = stepTo('payout', happened.eventType, stateCode('payout', state));
      const to = code === undefined ? 'nowhere' : stateName('payout', code).replace(/ to the .*/, '');
      expect([kind, to]).toEqual([kind, happened.to]);
    }
  });

  it('has no step that the product has not', () => {
    const own = ['payout.requested', 'payout.payment_entered', 'payout.decided', 'payout.return_requested'];
    const types = EVENT_TYPES.map(({ name }) => name).filter(
      (name) => name.startsWith('payout.') && !own.includes(name),
    );
    for (const state of states) {
      const possible = new Set(HAPPENINGS.map((kind) => recorded(state, kind)?.eventType));
      const known = types.filter((type) => stepTo('payout', type, stateCode('payout', state)) !== undefined);
      expect([state, known.filter((type) => !possible.has(type))]).toEqual([state, []]);
    }
  });
});

describe('the journey of a referral', () => {
  const PAST: Readonly<Record<ReferralStep, string>> = {
    accept: 'referral.accepted',
    decline: 'referral.declined',
    close: 'referral.closed',
    confirm: 'referral.confirmed',
  };

  it.each(['made', 'accepted', 'declined', 'closed'] as const)('goes on from %s as the product has it', (state) => {
    const steps = possibleSteps({ state, confirmedAt: null });
    const possible = (Object.keys(PAST) as ReferralStep[]).filter(
      (step) => stepTo('referral', PAST[step], stateCode('referral', state)) !== undefined,
    );
    expect(possible.toSorted()).toEqual(steps.toSorted());
  });
});
