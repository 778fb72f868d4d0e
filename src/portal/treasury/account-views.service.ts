import { Inject, Injectable } from '@nestjs/common';
import { OrganisationsService } from '../../organisations/index.js';
import {
  accountAsSeenBy,
  changeAsSeenBy,
  isChangeOpen,
  linkUntilOf,
  PayoutAccountChangesService,
  PayoutAccountsService,
  purposeOfLink,
  whyNotConfirm,
  type PayoutAccount,
  type PayoutAccountChange,
} from '../../payouts/index.js';
import { Clock } from '../../platform/clock.js';
import type { Config } from '../../platform/config.js';
import { CONFIG } from '../../platform/platform.module.js';
import { view, type View } from '../page/answer.rules.js';
import type { Form } from '../page/form.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { askedFor, bankFacts } from './account-words.rules.js';

const CHANGES_MAX = 200;

/** Accounts and changes of them as a visitor may see them, with what the visitor can do. */
@Injectable()
export class AccountViews {
  constructor(
    private readonly accounts: PayoutAccountsService,
    private readonly changes: PayoutAccountChangesService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Every account, with the change of it that is under way. */
  async list(visit: Visit) {
    const accounts = await this.accounts.list(visit.actor);
    const open = [...(await this.changesIn(visit, 'proposed')), ...(await this.changesIn(visit, 'confirmed'))];
    const parties = accounts.flatMap(({ commissionerId, providerId }) => [commissionerId, providerId]);
    return {
      accounts: accounts.map((account) => {
        const change = open.find(({ payoutAccountId }) => payoutAccountId === account.id);
        return {
          ...accountAsSeenBy(visit.actor, account),
          otherId: visit.membership?.kind === 'provider' ? account.commissionerId : account.providerId,
          change,
          toConfirm: change !== undefined && mayConfirm(visit, change),
        };
      }),
      names: Object.fromEntries(await this.organisations.names(visit.actor, parties)),
    };
  }

  /** The page of an account. */
  async show(visit: Visit, id: string, form?: Form): Promise<View> {
    const decides = isPayee(visit);
    const account = decides ? await this.accounts.current(visit.actor, id) : await this.accounts.read(visit.actor, id);
    const { items } = await this.changes.list(visit.actor, { payoutAccountId: id, limit: CHANGES_MAX });
    const all = items.toReversed();
    const open = all.find(({ state }) => isChangeOpen(state));
    const { commissionerId, providerId } = account;
    const names = await this.organisations.names(visit.actor, [commissionerId, providerId]);
    const data = {
      destination: account,
      facts: bankFacts(visit.t, accountAsSeenBy(visit.actor, account)),
      asked: askedFor(visit.t, account.requirements),
      open: open && this.changeFacts(visit, open),
      past: all.filter(({ state }) => !isChangeOpen(state)).map((change) => this.changeFacts(visit, change)),
      link: this.linkOf(account, all),
      payer: names.get(commissionerId) ?? '',
      payee: names.get(providerId) ?? '',
      isProvider: visit.membership?.kind === 'provider',
      decides,
      mayAsk: decides || (visit.membership?.kind === 'commissioner' && hasRole(visit, 'finance')),
      sandbox: this.config.sandbox,
    };
    return view('treasury/account.njk', data, form && { errors: form.errors, values: form.values });
  }

  /** A change with what this visitor may see of it and do about it. */
  changeFacts(visit: Visit, change: PayoutAccountChange) {
    const seen = changeAsSeenBy(visit.actor, change);
    return {
      ...seen,
      facts: bankFacts(visit.t, seen),
      before: seen.replaced === null ? [] : bankFacts(visit.t, seen.replaced),
      isOwn: change.proposedBy === visit.actor.memberId,
      mayConfirm: mayConfirm(visit, change),
      mayCancel: isChangeOpen(change.state) && mayCancel(visit),
    };
  }

  /** What a link to the platform's pages can be had for now, and until when that lasts; null where none can. */
  private linkOf({ externalId, state }: PayoutAccount, changes: readonly PayoutAccountChange[]) {
    if (externalId === null) return null;
    const applied = changes.flatMap(({ appliedAt }) => appliedAt ?? []).toSorted((a, b) => b.getTime() - a.getTime());
    const appliedAt = applied[0] ?? null;
    const purpose = purposeOfLink(state, appliedAt, this.clock.now());
    if (purpose === undefined) return null;
    return { purpose, until: purpose === 'update' && appliedAt !== null ? linkUntilOf(appliedAt) : null };
  }

  private async changesIn(visit: Visit, state: PayoutAccountChange['state']): Promise<PayoutAccountChange[]> {
    return (await this.changes.list(visit.actor, { state, limit: CHANGES_MAX })).items;
  }
}

/** Who decides for a provider where its money goes. */
export function isPayee(visit: Visit): boolean {
  return visit.membership?.kind === 'provider' && hasRole(visit, 'treasurer', 'admin');
}

/** Whether the visitor may be the second person of a change. */
export function mayConfirm(visit: Visit, change: PayoutAccountChange): boolean {
  const { memberId } = visit.actor;
  const isProvider = visit.membership?.kind === 'provider';
  const hasPlace = isProvider ? isPayee(visit) : hasRole(visit, 'finance', 'contract_manager');
  return hasPlace && whyNotConfirm(change, { memberId, side: isProvider ? 'provider' : 'commissioner' }) === undefined;
}

function mayCancel(visit: Visit): boolean {
  return visit.membership?.kind === 'provider' || hasRole(visit, 'finance', 'contract_manager');
}
