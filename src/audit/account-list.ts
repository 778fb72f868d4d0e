import { type AccountKind, CHART } from '../ledger/rules.js';
import { MalformedError } from '../transparency/index.js';
import type { Finding } from './finding.js';
import { parseAccountLine } from './lines.js';
import { whyNotAccounts } from './replay-accounts.js';
import type { BundleAccount } from './segment.js';
import { Uuid } from './uuid.rules.js';

const NONE = -1;
const BITS_21 = 2 ** 21;

/** The first 53 bits, which a double holds. */
function beginningOf({ first, second }: Uuid): number {
  return (first >>> 0) * BITS_21 + (second >>> 11);
}

/** The accounts of a bundle, by their places in it. */
export class AccountList {
  /** The first place of ids that begin alike, and for each place the next one: a number is quicker to find than a text. */
  private readonly first = new Map<number, number>();
  private readonly next: Int32Array;
  private readonly ids: readonly Uuid[];

  constructor(readonly accounts: readonly BundleAccount[]) {
    this.ids = accounts.map(({ id }) => Uuid.of(id));
    this.next = new Int32Array(accounts.length).fill(NONE);
    for (const [place, id] of this.ids.entries()) {
      if (id.toString() !== accounts[place]?.id) continue; // it is no id, and nothing can name it
      this.next[place] = this.first.get(beginningOf(id)) ?? NONE;
      this.first.set(beginningOf(id), place);
    }
  }

  /** -1 when the bundle has no such account. */
  indexOf(id: Uuid): number {
    let place = this.first.get(beginningOf(id)) ?? NONE;
    for (; place !== NONE; place = this.next[place] ?? NONE) if (this.ids[place]?.is(id)) break;
    return place;
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
