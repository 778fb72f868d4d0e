import type { NoticeContent } from './notice.rules.js';

/** Pages that notices lead to. */
export const PAGES = {
  referrals: '/referrals',
  claims: '/claims',
  queries: '/queries',
  batches: '/batches',
  payouts: '/payouts',
  payoutAccounts: '/payout-accounts',
  account: '/account',
  invitations: '/join',
} as const;

/** In place of the token of an invitation that is wiped already. */
const WIPED = '…';

/** The page on which something can be done about a notice. `token`: that of an invitation, which nothing else has. */
export function pathOf({ kind, data }: NoticeContent, token: string | null = null): string {
  switch (kind) {
    case 'referral_waiting':
      return PAGES.referrals;
    case 'claim_due':
    case 'rejection':
      return PAGES.claims;
    case 'query':
      return PAGES.queries;
    case 'batch_waiting':
      return PAGES.batches;
    case 'remittance':
      return `${PAGES.payouts}/${data.payoutId}`;
    case 'bank_details_changed':
      return `${PAGES.payoutAccounts}/${data.accountId}`;
    case 'credential_added':
    case 'credential_removed':
      return PAGES.account;
    default:
      return `${PAGES.invitations}/${token ?? WIPED}`;
  }
}
