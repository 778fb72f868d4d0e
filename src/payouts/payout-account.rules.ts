import type { PayoutAccountState } from './payout-account.entity.js';
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
  | 'insufficient_funds'
  | 'owed_too_low';

/**
 * Why a provider cannot be paid through a rail now, for the sake of its account; undefined when it can. Outside of the
 * platform accounts payable pays from its own register of suppliers, so that no account is needed here.
 */
export function whyNotPayInto(
  rail: 'stripe' | 'outside',
  account: { readonly state: PayoutAccountState } | null,
): WaitReason | undefined {
  if (rail === 'outside') return undefined;
  if (account === null) return 'not_onboarded';
  if (account.state === 'active') return undefined;
  return account.state === 'pending' ? 'account_pending' : 'account_restricted';
}

/** All but the last four digits hidden. */
export function maskedNumber(digits: string): string {
  return `${'•'.repeat(Math.max(digits.length - 4, 0))}${digits.slice(-4)}`;
}
