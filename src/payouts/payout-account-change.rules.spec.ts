import fc from 'fast-check';
import {
  appliesAtOf,
  detailsText,
  HOLD_MS,
  isOpen,
  kindOfChange,
  LINK_MS,
  mayApply,
  purposeOfLink,
  whyNotConfirm,
  whyNotPropose,
} from './payout-account-change.rules.js';
import { CHANGE_STATES } from './payout-account-change.entity.js';

const AT = new Date('2026-10-29T09:00:00Z');
const after = (ms: number) => new Date(AT.getTime() + ms);

describe('proposing a change', () => {
  const details = { accountName: 'Choir', sortCode: '123456', accountNumber: '00012345' };
  const outside = { rail: 'outside', externalId: null, ...details } as const;
  const none = { accountName: null, sortCode: null, accountNumber: null };
  const stripe = { rail: 'stripe', externalId: 'acct_1', ...none } as const;

  it.each([
    ['other details', outside, { kind: 'details', ...details, accountNumber: '00012346' }, undefined],
    ['another name', outside, { kind: 'details', ...details, accountName: 'The Choir' }, undefined],
    ['another branch', outside, { kind: 'details', ...details, sortCode: '123457' }, undefined],
    ['the same details', outside, { kind: 'details', ...details }, 'nothing_new'],
    ['a link for details kept here', outside, { kind: 'link' }, 'not_for_rail'],
    ['details for the platform', stripe, { kind: 'details', ...details }, 'not_for_rail'],
    ['a link to the platform', stripe, { kind: 'link' }, undefined],
    ['a link to an account it never made', { ...stripe, externalId: null }, { kind: 'link' }, 'not_on_platform'],
  ] as const)('to %s', (_what, account, proposed, expected) => {
    expect(whyNotPropose(account, proposed)).toBe(expected);
  });
});

describe('confirming a change of where money goes', () => {
  const proposed = { state: 'proposed', proposedBy: 'ann', needsCommissioner: false } as const;
  const alone = { ...proposed, needsCommissioner: true };

  it.each([
    ['a colleague', proposed, { memberId: 'ben', side: 'provider' }, undefined],
    ['the one who proposed it', proposed, { memberId: 'ann', side: 'provider' }, 'own'],
    ['the one who proposed it, alone', alone, { memberId: 'ann', side: 'provider' }, 'own'],
    ['the same person at the commissioner', alone, { memberId: 'ann', side: 'commissioner' }, 'own'],
    ['the commissioner, for a provider of one', alone, { memberId: 'fin', side: 'commissioner' }, undefined],
    ['the commissioner, for others', proposed, { memberId: 'fin', side: 'commissioner' }, 'not_needed'],
    ['a second person who came later', alone, { memberId: 'ben', side: 'provider' }, undefined],
    ['nobody', proposed, { memberId: null, side: 'provider' }, 'own'],
    ['twice', { ...proposed, state: 'confirmed' }, { memberId: 'ben', side: 'provider' }, 'not_proposed'],
    ['when cancelled', { ...proposed, state: 'cancelled' }, { memberId: 'ben', side: 'provider' }, 'not_proposed'],
    ['when applied', { ...proposed, state: 'applied' }, { memberId: 'ben', side: 'provider' }, 'not_proposed'],
  ] as const)('by %s', (_who, change, confirmer, expected) => {
    expect(whyNotConfirm(change, confirmer)).toBe(expected);
  });

  it('is never for the one who proposed it', () => {
    const change = fc.record({
      state: fc.constantFrom(...CHANGE_STATES),
      proposedBy: fc.constantFrom('ann', 'ben'),
      needsCommissioner: fc.boolean(),
    });
    const side = fc.constantFrom('provider' as const, 'commissioner' as const);
    fc.assert(
      fc.property(change, side, (one, of) => {
        expect(whyNotConfirm(one, { memberId: one.proposedBy, side: of })).toBeDefined();
      }),
    );
  });
});

describe('the hold', () => {
  it('lasts two days from the confirmation', () => {
    expect(appliesAtOf(AT)).toEqual(new Date('2026-10-31T09:00:00Z'));
  });

  it.each([
    ['confirmed', HOLD_MS, true],
    ['confirmed', HOLD_MS + 1, true],
    ['confirmed', HOLD_MS - 1, false],
    ['proposed', HOLD_MS, false],
    ['cancelled', HOLD_MS, false],
    ['applied', HOLD_MS, false],
  ] as const)('%s, %i ms later: %s', (state, ms, expected) => {
    expect(mayApply({ state, appliesAt: appliesAtOf(AT) }, after(ms))).toBe(expected);
  });

  it('has no end before it began', () => {
    expect(mayApply({ state: 'confirmed', appliesAt: null }, AT)).toBe(false);
  });

  it('keeps payments waiting from the proposal until the end', () => {
    expect(CHANGE_STATES.filter(isOpen)).toEqual(['proposed', 'confirmed']);
  });
});

describe('a link to the platform’s pages', () => {
  it.each([
    ['pending', null, 0, 'onboarding'],
    ['restricted', null, 0, 'onboarding'],
    ['restricted', AT, 0, 'onboarding'],
    ['active', null, 0, undefined],
    ['active', AT, 0, 'update'],
    ['active', AT, LINK_MS - 1, 'update'],
    ['active', AT, LINK_MS, undefined],
  ] as const)('of an account that is %s, changed at %s, after %i ms', (state, appliedAt, ms, expected) => {
    expect(purposeOfLink(state, appliedAt, after(ms))).toBe(expected);
  });
});

it('is of details outside of the platform, and a link on it', () => {
  expect(kindOfChange('outside')).toBe('details');
  expect(kindOfChange('stripe')).toBe('link');
});

it('binds every one of the details', () => {
  const details = { accountName: 'Choir', sortCode: '123456', accountNumber: '00012345' };
  const texts = [
    details,
    { ...details, accountName: 'Chois' },
    { ...details, sortCode: '123457' },
    { ...details, accountNumber: '00012346' },
  ].map(detailsText);
  expect(new Set(texts).size).toBe(4);
});
