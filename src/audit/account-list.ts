import { type AccountKind, CHART } from '../ledger/rules.js';
import { MalformedError } from '../transparency/index.js';
import type { Finding } from './finding.js';
import { parseAccountLine } from './lines.js';
import { whyNotAccounts } from './replay-accounts.js';
import type { BundleAccount } from './segment.js';

/** The accounts of a bundle, by their places in it. */
export class AccountList {
  private readonly places: ReadonlyMap<string, number>;

  constructor(readonly accounts: readonly BundleAccount[]) {
    this.places = new Map(accounts.map(({ id }, place) => [id, place]));
  }

  /** -1 when the bundle has no such account. */
  indexOf(id: string): number {
    return this.places.get(id) ?? -1;
  }

  /** Why nothing can move between two accounts, as what a transfer would do. */
  whyNotBetween(debit: number, credit: number): string | undefined {
    const from = this.accounts[debit];
    const to = this.accounts[credit];
    if (!from || !to) return 'names an account that the bundle does not have';
    if (debit === credit) return 'has one account on both sides';
    if (bookOf(from) !== bookOf(to)) return 'joins the two books, which never meet';
    return undefined;
  }
}

/** Reads the accounts, and checks that the id of each follows from what it is. */
export function readAccounts(
  lines: Iterable<string>,
  commissionerId: string,
  report: (finding: Finding) => void,
): AccountList {
  const member = 'accounts';
  const accounts: BundleAccount[] = [];
  try {
    for (const line of lines) {
      const account = parseAccountLine(line);
      if (!account) throw new MalformedError('it has a line that is no account');
      const before = accounts.at(-1);
      if (before && before.id >= account.id) throw new MalformedError('its lines are not in order of the ids');
      accounts.push(account);
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    report({
      code: 'accounts_malformed',
      at: { member },
      what: `The list of accounts cannot be read: ${error.message}.`,
    });
  }
  for (const finding of whyNotAccounts(commissionerId, accounts)) report(finding);
  return new AccountList(accounts);
}

function isKind(kind: string): kind is AccountKind {
  return Object.hasOwn(CHART, kind);
}

function bookOf({ kind }: BundleAccount): string | undefined {
  return isKind(kind) ? CHART[kind].book : undefined;
}
