import { accountStateOf, maskedNumber, structureOf, whyNotPayInto } from './payout-account.rules.js';
import { aboutOf } from './notice.rules.js';

describe('an account that is paid into', () => {
  it.each([
    [true, 'pending', 'active'],
    [true, 'restricted', 'active'],
    [false, 'pending', 'pending'],
    [false, 'active', 'restricted'],
    [false, 'restricted', 'restricted'],
  ] as const)('ready: %s after %s is %s', (ready, before, expected) => {
    expect(accountStateOf(ready, before)).toBe(expected);
  });

  it.each([
    ['stripe', null, 'not_onboarded'],
    ['stripe', { state: 'pending' }, 'account_pending'],
    ['stripe', { state: 'restricted' }, 'account_restricted'],
    ['stripe', { state: 'active' }, undefined],
    ['outside', null, undefined],
  ] as const)('through %s with %j: %s', (rail, account, expected) => {
    expect(whyNotPayInto(rail, account)).toBe(expected);
  });

  it('is an organisation’s', () => {
    expect(structureOf('charity')).toBe('registered_charity');
    expect(structureOf('unincorporated')).toBe('unincorporated_association');
    expect(structureOf('cic')).toBe('incorporated_non_profit');
    expect(structureOf('company')).toBe('company');
    expect(structureOf('sole_trader')).toBeUndefined();
  });

  it('shows its last four digits', () => {
    expect(maskedNumber('00012345')).toBe('••••2345');
    expect(maskedNumber('12')).toBe('12');
  });
});

describe('a notice', () => {
  it.each([
    ['topup.succeeded', 'funds'],
    ['transfer.reversed', 'transfer'],
    ['payout.failed', 'bank_payout'],
    ['v2.core.account[configuration.recipient].capability_status_updated', 'account'],
    ['balance.available', 'nothing'],
  ])('%s is a reason to read %s', (type, expected) => {
    expect(aboutOf(type)).toBe(expected);
  });
});
