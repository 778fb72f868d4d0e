import { hash } from 'node:crypto';
import { type AccountKind, accountId, type Book, CHART, CURRENCY } from '../ledger/rules.js';
import type { Finding } from './finding.js';
import type { IdHash } from './id-hash.js';
import type { BundleAccount } from './segment.js';
import { Uuid } from './uuid.rules.js';

/** An account of the bundle with what the chart says of its kind, and its contract as a key. */
export interface KnownAccount {
  readonly id: string;
  readonly kind: AccountKind;
  readonly providerId: string | null;
  readonly contractId: string | null;
  readonly provider: Uuid | null;
  readonly book: Book;
  /** What debits do to its balance: 1, or -1 where it grows by credits. */
  readonly sign: 1 | -1;
  readonly strict: boolean;
  /** Of its contract; noughts for none. */
  readonly contractHigh: number;
  readonly contractLow: number;
}

/**
 * The accounts that transfers name by their place in the list. One whose kind is not of the chart is none: nothing could be
 * said of what it holds, and `whyNotAccounts` has said so.
 */
export function knownAccounts(accounts: readonly BundleAccount[], ids: IdHash): readonly (KnownAccount | undefined)[] {
  return accounts.map(({ id, kind, providerId, contractId }) => {
    if (!isKind(kind)) return undefined;
    const { book, normal, strict } = CHART[kind];
    let [contractHigh, contractLow] = [0, 0];
    if (contractId !== null) {
      ids.take(contractId);
      [contractHigh, contractLow] = [ids.high, ids.low];
    }
    const provider = providerId === null ? null : Uuid.of(providerId);
    const sign = normal === 'D' ? 1 : -1;
    return { id, kind, providerId, contractId, provider, book, sign, strict, contractHigh, contractLow };
  });
}

/**
 * What is wrong with the list: an account's id follows from whose it is and of what kind, so that a transfer, whose hash
 * names only ids, says whose money it moved.
 */
export function whyNotAccounts(commissionerId: string, accounts: readonly BundleAccount[]): Finding[] {
  const findings: Finding[] = [];
  const member = 'accounts';
  for (const { id, kind, providerId, contractId, currency } of accounts) {
    const tell = (code: string, what: string) => findings.push({ code, at: { member }, what });
    if (!isKind(kind)) {
      tell(
        'account_not_of_the_chart',
        `The account ${id} is of the kind "${kind}", which the chart of accounts has not.`,
      );
      continue;
    }
    if (currency !== CURRENCY) tell('account_in_other_currency', `The account ${id} is kept in ${currency}.`);
    const isKeyed = providerId !== null && contractId !== null;
    if (isKeyed !== CHART[kind].keyed || (providerId === null) !== (contractId === null)) {
      const kept = CHART[kind].keyed ? 'for each contract of each provider' : 'once for all of them';
      tell('account_of_nobody', `The account ${id} is of the kind "${kind}", which is kept ${kept}.`);
    }
    const derived = accountId(commissionerId, { kind, providerId, contractId }, (bytes) =>
      hash('sha256', bytes, 'buffer'),
    );
    if (derived !== id) {
      const whose = providerId === null ? kind : `${kind}:${providerId}:${contractId}`;
      tell('account_id_differs', `The account ${id} is said to be ${whose}, whose id would be ${derived}.`);
    }
  }
  return findings;
}

function isKind(kind: string): kind is AccountKind {
  return Object.hasOwn(CHART, kind);
}
