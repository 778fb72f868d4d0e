import type { PayoutAccount } from './payout-account.entity.js';
import { accountAsSeenBy, accountStateOf, maskedNumber, structureOf, whyNotPayInto } from './payout-account.rules.js';
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
    ['stripe', null, false, 'not_onboarded'],
    ['stripe', { state: 'pending' }, false, 'account_pending'],
    ['stripe', { state: 'pending' }, true, 'account_pending'],
    ['stripe', { state: 'restricted' }, false, 'account_restricted'],
    ['stripe', { state: 'restricted' }, true, 'account_restricted'],
    ['stripe', { state: 'active' }, false, undefined],
    ['stripe', { state: 'active' }, true, 'account_change_pending'],
    ['outside', null, false, undefined],
    ['outside', { state: 'active' }, false, undefined],
    ['outside', { state: 'active' }, true, 'account_change_pending'],
  ] as const)('through %s with %j, changing: %s: %s', (rail, account, isChanging, expected) => {
    expect(whyNotPayInto(rail, account, isChanging)).toBe(expected);
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

  const account = { id: 'a', sortCode: '123456', accountNumber: '00012345' } as PayoutAccount;
  const hidden = { sortCode: null, accountNumber: '••••2345' };
  it.each([
    [{ kind: 'person', side: 'provider', roles: ['treasurer'] }, account],
    [{ kind: 'person', side: 'commissioner', roles: ['auditor', 'finance'] }, account],
    [{ kind: 'person', side: 'commissioner', roles: ['auditor', 'approver'] }, hidden],
    [{ kind: 'person', side: 'provider', roles: ['coordinator'] }, hidden],
    [{ kind: 'service', side: 'provider', roles: ['treasurer'] }, hidden],
  ] as const)('is seen by %j as %j', (viewer, { sortCode, accountNumber }) => {
    expect(accountAsSeenBy(viewer, account)).toMatchObject({ sortCode, accountNumber });
  });

  it('is seen by nobody with its id at the platform', () => {
    const onPlatform = { id: 'a', externalId: 'acct_1', accountNumber: null, sortCode: null } as PayoutAccount;
    const seen = accountAsSeenBy({ kind: 'person', side: 'commissioner', roles: ['finance'] }, onPlatform);
    expect(JSON.stringify(seen)).not.toContain('acct_1');
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
