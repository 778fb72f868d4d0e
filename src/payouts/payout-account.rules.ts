import type { Actor, Role } from '../platform/actor.js';
import type { PayoutAccount, PayoutAccountState } from './payout-account.entity.js';
import type { NewRecipient } from './rail.js';

/** An account that was never ready is being opened; one that no longer is has been restricted. */
export function accountStateOf(ready: boolean, before: PayoutAccountState): PayoutAccountState {
  if (ready) return 'active';
  return before === 'pending' ? 'pending' : 'restricted';
}

type LegalForm =
  | 'charity'
  | 'cic'
  | 'company'
  | 'council'
  | 'nhs_body'
  | 'unincorporated'
  | 'sole_trader'
  | 'public_body';

/** What the platform calls a legal form; undefined for a person in business, whom it would have to identify. */
export function structureOf(legalForm: LegalForm): NewRecipient['structure'] | undefined {
  switch (legalForm) {
    case 'charity':
      return 'registered_charity';
    case 'unincorporated':
      return 'unincorporated_association';
    case 'company':
      return 'company';
    case 'sole_trader':
      return undefined;
    default:
      return 'incorporated_non_profit';
  }
}

export type WaitReason =
  | 'not_onboarded'
  | 'account_pending'
  | 'account_restricted'
  | 'account_change_pending'
  | 'insufficient_funds'
  | 'owed_too_low';

/**
 * Why a provider cannot be paid through a rail now, for the sake of its account; undefined when it can. Outside of the
 * platform accounts payable pays from its own register of suppliers, so that no account is needed here. While where an
 * account leads is being changed, nothing is sent: neither to what may be wrong already, nor to what may be wrong yet.
 */
export function whyNotPayInto(
  rail: 'stripe' | 'outside',
  account: { readonly state: PayoutAccountState } | null,
  isChanging: boolean,
): WaitReason | undefined {
  if (rail === 'stripe') {
    if (account === null) return 'not_onboarded';
    if (account.state !== 'active') return account.state === 'pending' ? 'account_pending' : 'account_restricted';
  }
  return isChanging ? 'account_change_pending' : undefined;
}

/** All but the last four digits hidden. */
export function maskedNumber(digits: string): string {
  return `${'•'.repeat(Math.max(digits.length - 4, 0))}${digits.slice(-4)}`;
}

/** Who looks at bank details. */
export type Viewer = Pick<Actor, 'kind' | 'side' | 'roles'>;

const SEES_DETAILS: readonly Role[] = ['finance', 'treasurer', 'admin'];

/** An account as somebody may see it: whole for the people who pay or are paid into it, else its last four digits. */
export function accountAsSeenBy(viewer: Viewer, account: PayoutAccount) {
  const { externalId: _externalId, contactEmail: _email, createdAt: _at, salt: _salt, ...rest } = account;
  const { sortCode, accountNumber, ...shown } = rest;
  return { ...shown, ...detailsAsSeenBy(viewer, { sortCode, accountNumber }) };
}

/** Bank details as somebody may see them: whole for the people who pay or are paid into them, else their last digits. */
export function detailsAsSeenBy(viewer: Viewer, details: Pick<PayoutAccount, 'sortCode' | 'accountNumber'>) {
  const whole = viewer.kind === 'person' && viewer.roles.some((role) => SEES_DETAILS.includes(role));
  return whole ? details : masked(details.accountNumber);
}

/** Bank details without what would do to pay into them. */
export function masked(accountNumber: string | null): { sortCode: null; accountNumber: string | null } {
  return { sortCode: null, accountNumber: accountNumber === null ? null : maskedNumber(accountNumber) };
}
