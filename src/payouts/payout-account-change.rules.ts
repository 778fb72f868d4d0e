import { canonicalJson } from '../platform/canonical-json.js';
import type {
  PayoutAccountChange,
  PayoutAccountChangeKind,
  PayoutAccountChangeState,
} from './payout-account-change.entity.js';
import type { PayoutAccount, PayoutAccountState } from './payout-account.entity.js';
import { masked, type Viewer } from './payout-account.rules.js';
import type { OnboardingLinkOrder } from './rail.js';

const HOUR_MS = 3_600_000;

/**
 * Between the confirmation and the change lie two days: long enough that whoever is told reads it on a working day or the
 * morning after, and can stop it, and short enough that a payment is not late by a week. The database holds the same.
 */
export const HOLD_MS = 48 * HOUR_MS;

/** An applied change opens the platform's pages for a week: a hold may end on a Friday night, and people are away. */
export const LINK_MS = 7 * 24 * HOUR_MS;

/** Where an account outside of the platform is. */
export interface BankDetails {
  readonly accountName: string;
  readonly sortCode: string;
  readonly accountNumber: string;
}

/**
 * What is hashed, after the salt, to bind an event to bank details; or, of an account on the platform, to the address that
 * the platform writes to.
 */
export function detailsText(details: BankDetails | { readonly contactEmail: string }): string {
  if ('contactEmail' in details) return canonicalJson({ contactEmail: details.contactEmail });
  const { accountName, sortCode, accountNumber } = details;
  return canonicalJson({ accountName, sortCode, accountNumber });
}

/** Bank details are kept here for payments outside of the platform only; on the platform a change is a link to its pages. */
export function kindOfChange(rail: 'stripe' | 'outside'): PayoutAccountChangeKind {
  return rail === 'stripe' ? 'link' : 'details';
}

export function isOpen(state: PayoutAccountChangeState): boolean {
  return state === 'proposed' || state === 'confirmed';
}

/** What is proposed: bank details, or a link to the pages where they are kept. */
export type ProposedChange = { readonly kind: 'link' } | ({ readonly kind: 'details' } & BankDetails);

/** Why a change makes no sense for an account; undefined when it does. */
export function whyNotPropose(
  account: Pick<PayoutAccount, 'rail' | 'externalId' | 'accountName' | 'sortCode' | 'accountNumber'>,
  proposed: ProposedChange,
): 'not_for_rail' | 'not_on_platform' | 'nothing_new' | undefined {
  if (proposed.kind !== kindOfChange(account.rail)) return 'not_for_rail';
  if (proposed.kind === 'link') return account.externalId === null ? 'not_on_platform' : undefined;
  const { accountName, sortCode, accountNumber } = account;
  const isSame =
    proposed.accountName === accountName && proposed.sortCode === sortCode && proposed.accountNumber === accountNumber;
  return isSame ? 'nothing_new' : undefined;
}

interface Proposed {
  readonly state: PayoutAccountChangeState;
  readonly proposedBy: string;
  readonly needsCommissioner: boolean;
}

interface Confirmer {
  readonly memberId: string | null;
  readonly side: 'provider' | 'commissioner';
}

/**
 * Why somebody may not confirm a change; undefined when they may. Nobody confirms what they proposed. The commissioner is
 * the second person only where the provider has none.
 */
export function whyNotConfirm(
  { state, proposedBy, needsCommissioner }: Proposed,
  { memberId, side }: Confirmer,
): 'not_proposed' | 'own' | 'not_needed' | undefined {
  if (state !== 'proposed') return 'not_proposed';
  if (memberId === null || memberId === proposedBy) return 'own';
  return side === 'commissioner' && !needsCommissioner ? 'not_needed' : undefined;
}

export function appliesAtOf(confirmedAt: Date): Date {
  return new Date(confirmedAt.getTime() + HOLD_MS);
}

/** Whether a change takes effect now: confirmed, and held to the end. */
export function mayApply(
  { state, appliesAt }: { readonly state: PayoutAccountChangeState; readonly appliesAt: Date | null },
  now: Date,
): boolean {
  return state === 'confirmed' && appliesAt !== null && appliesAt <= now;
}

/**
 * What a link to the platform's pages may be for now; undefined when none may be given. Where the platform still asks for
 * something, the link answers that. An account that is ready leads somewhere already: for other bank details a change must
 * have been applied, and not long ago.
 *
 * @param appliedAt of the last change of the account that was applied
 */
export function purposeOfLink(
  state: PayoutAccountState,
  appliedAt: Date | null,
  now: Date,
): OnboardingLinkOrder['purpose'] | undefined {
  if (state !== 'active') return 'onboarding';
  return appliedAt !== null && now.getTime() < linkUntilOf(appliedAt).getTime() ? 'update' : undefined;
}

/** Until when an applied change opens the platform's pages. */
export function linkUntilOf(appliedAt: Date): Date {
  return new Date(appliedAt.getTime() + LINK_MS);
}

const DECIDES: ReadonlySet<string> = new Set(['treasurer', 'admin']);

/**
 * A change as somebody may see it. Whoever decides for the provider sees the whole of what is proposed, to check it; for
 * everybody else, and once it is decided, last digits are enough.
 */
export function changeAsSeenBy(viewer: Viewer, change: PayoutAccountChange) {
  const { salt: _salt, detailsSha256: _hash, eventId: _event, replacedSortCode: _code, ...rest } = change;
  const { sortCode, accountNumber, replacedAccountName, replacedAccountNumber, ...shown } = rest;
  const isChecking =
    viewer.kind === 'person' && viewer.side === 'provider' && viewer.roles.some((role) => DECIDES.has(role));
  return {
    ...shown,
    ...(isChecking && isOpen(change.state) ? { sortCode, accountNumber } : masked(accountNumber)),
    replaced:
      replacedAccountName === null ? null : { accountName: replacedAccountName, ...masked(replacedAccountNumber) },
    linkUntil: change.kind === 'link' && change.appliedAt !== null ? linkUntilOf(change.appliedAt) : null,
  };
}
