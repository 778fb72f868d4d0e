import { hash } from 'node:crypto';
import { type Account, accountId, accounts, CURRENCY } from '../ledger/rules.js';
import { whyNotAccounts } from './replay-accounts.js';
import type { BundleAccount } from './segment.js';

const [COMMISSIONER, PROVIDER, CONTRACT] = ['1', '2', '3'].map((n) => `01a20000-0000-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];

function listed(account: Account, changed: Partial<BundleAccount> = {}): BundleAccount {
  const id = accountId(COMMISSIONER, account, (bytes) => hash('sha256', bytes, 'buffer'));
  return { id, ...account, currency: CURRENCY, ...changed };
}

function codesOf(...list: BundleAccount[]): string[] {
  return whyNotAccounts(COMMISSIONER, list).map(({ code }) => code);
}

const owed = accounts.owed(PROVIDER, CONTRACT);

describe('the list of accounts', () => {
  it('is in order when each id follows from what its account is', () => {
    expect(codesOf(listed(accounts.funds()), listed(owed), listed(accounts.budget(PROVIDER, CONTRACT)))).toEqual([]);
  });

  it.each<[string, string[], Partial<BundleAccount>]>([
    ['another provider', ['account_id_differs'], { providerId: COMMISSIONER }],
    ['another contract', ['account_id_differs'], { contractId: COMMISSIONER }],
    ['another kind', ['account_id_differs'], { kind: 'advance' }],
    ['another id', ['account_id_differs'], { id: COMMISSIONER }],
    ['another currency', ['account_in_other_currency'], { currency: 'EUR' }],
    ['a kind that is none', ['account_not_of_the_chart'], { kind: 'petty_cash' }],
    ['a kind that every object has', ['account_not_of_the_chart'], { kind: 'constructor' }],
    ['no provider', ['account_of_nobody', 'account_id_differs'], { providerId: null, contractId: null }],
    ['no contract', ['account_of_nobody', 'account_id_differs'], { contractId: null }],
  ])('is found out when an account has %s', (_, codes, changed) => {
    expect(codesOf(listed(owed, changed))).toEqual(codes);
  });

  it('says whose the account is said to be, and whose id it would have', () => {
    const [finding] = whyNotAccounts(COMMISSIONER, [listed(accounts.funds(), { kind: 'bank' })]);
    const { id } = listed(accounts.funds());
    expect(finding).toEqual({
      code: 'account_id_differs',
      at: { member: 'accounts' },
      what: `The account ${id} is said to be bank, whose id would be ${listed(accounts.bank()).id}.`,
    });
  });
});
