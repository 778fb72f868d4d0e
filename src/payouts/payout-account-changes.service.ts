import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Commands, LedgerService } from '../ledger/index.js';
import { MembersService } from '../organisations/index.js';
import { systemActor, type Actor, type Role } from '../platform/actor.js';
import type { CanonicalObject } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { emit, type Topic } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { pageOf, type Page } from '../platform/page.js';
import { bindDetails, newSalt } from './bank-details.js';
import { PayoutAccountChange } from './payout-account-change.entity.js';
import {
  appliesAtOf,
  isOpen,
  kindOfChange,
  mayApply,
  purposeOfLink,
  whyNotConfirm,
  whyNotPropose,
} from './payout-account-change.rules.js';
import {
  changeNotForRail,
  changeNotPossible,
  changeOpen,
  commissionerNotNeeded,
  linkNeedsChange,
  nothingNew,
  ownChange,
} from './payout-account-changes.errors.js';
import { findLastApplied, hasOpenChange, lockChange } from './payout-account-changes.queries.js';
import type { PayoutAccountChangeQuery, ProposePayoutAccountChange } from './payout-account-changes.schemas.js';
import { PayoutAccount } from './payout-account.entity.js';
import { lockPayments } from './payout-rows.queries.js';
import { accountNotForRail } from './payouts.errors.js';
import {
  accountChangeApplied,
  accountChangeCancelled,
  accountChangeConfirmed,
  accountChangeProposed,
} from './payouts.events.js';
import type { OnboardingLinkOrder } from './rail.js';

/** Who decides for a provider where its money goes. */
export const PAYEE_ROLES: readonly Role[] = ['treasurer', 'admin'];

type Details = Pick<
  PayoutAccountChange,
  'kind' | 'accountName' | 'sortCode' | 'accountNumber' | 'salt' | 'detailsSha256'
>;

/**
 * Changes of where money goes. One person of the provider proposes, another confirms, and after a hold a worker applies
 * it; until then anyone of the provider can stop it, and nothing is paid into the account. Events know the details by a
 * salted hash alone.
 */
@Injectable()
export class PayoutAccountChangesService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly members: MembersService,
    private readonly clock: Clock,
  ) {}

  /**
   * Proposes a change of an account of the actor's organisation, as one of its treasurers or admins. Gives the id alone: an
   * answer that is kept under a key holds no bank details.
   *
   * @throws not_found, payout_account_change.open, payout_account_change.not_for_rail, payout_account_change.nothing_new,
   *   payout_account.not_on_platform
   */
  async propose(actor: Actor, accountId: string, request: ProposePayoutAccountChange): Promise<string> {
    const { commissionerId } = await this.getAccount(actor, accountId);
    const spec = { name: 'payout_account.propose_change', commissionerId, subjectId: accountId };
    return this.commands.run(actor, spec, async (tx) => {
      // A payout that is being started is either wholly before the proposal, or waits.
      await lockPayments(tx, commissionerId);
      const account = await tx.findOneBy(PayoutAccount, { commissionerId, id: accountId });
      if (!account) throw notFound();
      if (await hasOpenChange(tx, account)) throw changeOpen();
      const refusal = whyNotPropose(account, request);
      if (refusal === 'not_for_rail') throw changeNotForRail({ kind: kindOfChange(account.rail) });
      if (refusal === 'not_on_platform') throw accountNotForRail();
      if (refusal === 'nothing_new') throw nothingNew();
      assert(actor.memberId !== null, 'a person proposes');
      const deciders = await this.members.withRoles(tx, PAYEE_ROLES);
      const change: PayoutAccountChange = {
        ...UNDECIDED,
        ...detailsOf(request),
        commissionerId,
        id: newId(),
        providerId: account.providerId,
        payoutAccountId: account.id,
        needsCommissioner: !deciders.some(({ id }) => id !== actor.memberId),
        eventId: newId(),
        proposedBy: actor.memberId,
        proposedAt: this.clock.now(),
      };
      await tx.insert(PayoutAccountChange, change);
      const { rail } = account;
      const more = { rail, needsCommissioner: change.needsCommissioner };
      const at = change.proposedAt;
      await this.tell(tx, change, { actor, at, happened: 'change_proposed', topic: accountChangeProposed, more });
      return change.id;
    });
  }

  /**
   * Confirms a change as a second person: of the provider, or of the commissioner where the provider has nobody else. The
   * hold begins.
   *
   * @throws not_found, payout_account_change.own_confirmation, payout_account_change.provider_confirms,
   *   payout_account_change.step_not_possible
   */
  confirm(actor: Actor, id: string): Promise<void> {
    return this.decide(actor, 'payout_account.confirm_change', id, async (tx, change) => {
      const side = actor.side === 'commissioner' ? 'commissioner' : 'provider';
      const refusal = whyNotConfirm(change, { memberId: actor.memberId, side });
      if (refusal === 'own') throw ownChange();
      if (refusal === 'not_needed') throw commissionerNotNeeded();
      if (refusal === 'not_proposed') throw changeNotPossible({ state: change.state });
      const confirmedAt = this.clock.now();
      const appliesAt = appliesAtOf(confirmedAt);
      const decision = { confirmedBy: actor.memberId, confirmedSide: side, confirmedAt, appliesAt } as const;
      await this.store(tx, change, { state: 'confirmed', ...decision });
      const more = { side, appliesAt: appliesAt.toISOString() };
      const at = confirmedAt;
      await this.tell(tx, change, { actor, at, happened: 'change_confirmed', topic: accountChangeConfirmed, more });
    });
  }

  /**
   * Stops a change that has not been applied: the account stays as it is.
   *
   * @throws not_found, payout_account_change.step_not_possible
   */
  cancel(actor: Actor, id: string): Promise<void> {
    return this.decide(actor, 'payout_account.cancel_change', id, async (tx, change) => {
      if (!isOpen(change.state)) throw changeNotPossible({ state: change.state });
      const at = this.clock.now();
      await this.store(tx, change, { state: 'cancelled', cancelledBy: actor.memberId, cancelledAt: at });
      await this.tell(tx, change, { actor, at, happened: 'change_cancelled', topic: accountChangeCancelled });
    });
  }

  /** Applies a change whose hold is over; does nothing when it is not, or was applied before. */
  async apply(commissionerId: string, id: string): Promise<void> {
    const actor = systemActor(commissionerId, id);
    await this.database.transaction(actor, async (tx) => {
      const change = await lockChange(tx, commissionerId, id);
      const now = this.clock.now();
      if (!mayApply(change, now)) return;
      const where = { commissionerId, id: change.payoutAccountId };
      const account = await tx.findOne(PayoutAccount, { where, lock: { mode: 'pessimistic_write' } });
      assert(account, 'a change has its account');
      const { accountName, sortCode, accountNumber } = account;
      await this.store(tx, change, {
        state: 'applied',
        appliedAt: now,
        replacedAccountName: accountName,
        replacedSortCode: sortCode,
        replacedAccountNumber: accountNumber,
      });
      if (change.kind === 'details') {
        const { accountName: name, sortCode: code, accountNumber: number } = change;
        await tx.update(PayoutAccount, where, { accountName: name, sortCode: code, accountNumber: number });
      }
      await this.tell(tx, change, { actor, at: now, happened: 'change_applied', topic: accountChangeApplied });
    });
  }

  /**
   * Says what a link to the platform's pages may be for, and remembers that one is given with which bank details can be
   * changed. The answer holds for this moment only, so that it is never given again under a key.
   *
   * @throws payout_account.change_needed
   */
  permitLink(actor: Actor, account: PayoutAccount): Promise<OnboardingLinkOrder['purpose']> {
    const { commissionerId, id, providerId, state } = account;
    const { idempotencyKey: _key, ...plain } = actor;
    const spec = { name: 'payout_account.take_link', commissionerId, subjectId: id };
    return this.commands.run(plain, spec, async (tx) => {
      const change = await findLastApplied(tx, account);
      const purpose = purposeOfLink(state, change?.appliedAt ?? null, this.clock.now());
      if (purpose === undefined) throw linkNeedsChange();
      if (purpose === 'update' && change) {
        const event = { type: 'payout_account.update_link_given', commissionerId, subjectId: id, providerId, actor };
        await this.ledger.record(tx, { ...event, causeId: change.eventId, data: { changeId: change.id } });
      }
      return purpose;
    });
  }

  /** @throws not_found */
  async get(actor: Actor, id: string): Promise<PayoutAccountChange> {
    const change = await this.database.read(actor, (reader) => reader.findOneBy(PayoutAccountChange, { id }));
    if (!change) throw notFound();
    return change;
  }

  list(actor: Actor, query: PayoutAccountChangeQuery): Promise<Page<PayoutAccountChange>> {
    const { limit, after, payoutAccountId, state } = query;
    const where = {
      ...(payoutAccountId !== undefined && { payoutAccountId }),
      ...(state !== undefined && { state }),
      ...(after !== undefined && { id: MoreThan(after) }),
    };
    return this.database.read(actor, async (reader) =>
      pageOf(await reader.find(PayoutAccountChange, { where, order: { id: 'ASC' }, take: limit + 1 }), limit),
    );
  }

  private async decide(
    actor: Actor,
    name: string,
    id: string,
    work: (tx: Tx, change: PayoutAccountChange) => Promise<void>,
  ): Promise<void> {
    const { commissionerId, providerId } = await this.get(actor, id);
    await this.commands.run(actor, { name, commissionerId, subjectId: id, providerId }, async (tx) =>
      work(tx, await lockChange(tx, commissionerId, id)),
    );
  }

  private async store(tx: Tx, change: PayoutAccountChange, to: Partial<PayoutAccountChange>): Promise<void> {
    await tx.update(PayoutAccountChange, { commissionerId: change.commissionerId, id: change.id }, to);
    Object.assign(change, to);
  }

  /** The event, and the topic for whoever sends notices. */
  private async tell(
    tx: Tx,
    change: PayoutAccountChange,
    told: { actor: Actor; at: Date; happened: string; topic: Topic; more?: CanonicalObject },
  ): Promise<void> {
    const { commissionerId, id, providerId, payoutAccountId, kind, detailsSha256, eventId } = change;
    const { actor, at, happened, topic, more } = told;
    const isFirst = topic === accountChangeProposed;
    await this.ledger.record(tx, {
      ...(isFirst ? { id: eventId } : { causeId: eventId }),
      type: `payout_account.${happened}`,
      commissionerId,
      subjectId: id,
      providerId,
      actor,
      occurredAt: at,
      data: {
        payoutAccountId,
        kind,
        ...(detailsSha256 !== null && { detailsSha256: detailsSha256.toString('hex') }),
        ...more,
      },
    });
    await emit(tx, actor.orgId, topic, { commissionerId, id });
  }

  private async getAccount(actor: Actor, id: string): Promise<PayoutAccount> {
    const account = await this.database.read(actor, (reader) => reader.findOneBy(PayoutAccount, { id }));
    if (!account) throw notFound();
    return account;
  }
}

const UNDECIDED = {
  state: 'proposed',
  replacedAccountName: null,
  replacedSortCode: null,
  replacedAccountNumber: null,
  confirmedBy: null,
  confirmedSide: null,
  confirmedAt: null,
  appliesAt: null,
  cancelledBy: null,
  cancelledAt: null,
  appliedAt: null,
} as const;

function detailsOf(request: ProposePayoutAccountChange): Details {
  if (request.kind === 'link') {
    const none = { accountName: null, sortCode: null, accountNumber: null, salt: null, detailsSha256: null };
    return { kind: 'link', ...none };
  }
  const { kind, accountName, sortCode, accountNumber } = request;
  const details = { accountName, sortCode, accountNumber };
  const salt = newSalt();
  return { kind, ...details, salt, detailsSha256: bindDetails(salt, details) };
}
