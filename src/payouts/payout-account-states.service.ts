import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import { systemActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { hasOpenChange } from './payout-account-changes.queries.js';
import { PayoutAccount } from './payout-account.entity.js';
import { accountStateOf } from './payout-account.rules.js';
import { accountNotForRail, railNoAnswer } from './payouts.errors.js';
import { payoutDue } from './payouts.events.js';
import { RailCredentials } from './rail-credentials.service.js';
import type { RecipientStatus } from './rail.js';

/** Failed payouts that wait for an account that can be paid again; those once paid go home instead. $1 commissioner, $2 account, $3 now */
const WAKE_FAILED = `
update payout set next_try_at = $3
where commissioner_id = $1 and account_id = $2 and state = 'failed' and settled_at is null
returning commissioner_id as "commissionerId", id`;

/** What accounts on the platform may do, always as it was just read there. */
@Injectable()
export class PayoutAccountStates {
  constructor(
    private readonly database: Database,
    private readonly credentials: RailCredentials,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads an account from the rail and keeps what it says. Before it becomes active the rail is told to pay nothing out by
   * itself, so that every payout is one that was ordered here.
   *
   * @throws not_found, payout_account.not_on_platform, rail.no_answer
   */
  async refresh(commissionerId: string, id: string): Promise<PayoutAccount> {
    const actor = systemActor(commissionerId, id);
    const account = await this.database.read(actor, (reader) =>
      reader.findOneBy(PayoutAccount, { commissionerId, id }),
    );
    if (!account) throw notFound();
    if (account.externalId === null) throw accountNotForRail();
    const rail = await this.credentials.railOf(commissionerId);
    const status = await rail.recipientStatus(account.externalId);
    if (status.kind !== 'done') throw railNoAnswer();
    if (status.value.ready && account.state !== 'active') {
      const held = await rail.holdPayouts(account.externalId, `hold:${id}`);
      if (held.kind !== 'done') throw railNoAnswer();
    }
    return this.keep(commissionerId, id, status.value);
  }

  /** The account at the rail that an id there names; null when it is nobody's. */
  findByExternalId(commissionerId: string, externalId: string): Promise<PayoutAccount | null> {
    return this.database.read(systemActor(commissionerId, externalId), (reader) =>
      reader.findOneBy(PayoutAccount, { commissionerId, externalId }),
    );
  }

  /** Whether a change of where the account leads is being decided or held. */
  isChanging(account: Pick<PayoutAccount, 'commissionerId' | 'id'>): Promise<boolean> {
    return this.database.read(systemActor(account.commissionerId, account.id), (reader) =>
      hasOpenChange(reader, account),
    );
  }

  /** Keeps what the rail says of an account, and says so when it changes what the account may do. */
  keep(commissionerId: string, id: string, status: RecipientStatus): Promise<PayoutAccount> {
    return this.database.transaction(systemActor(commissionerId, id), async (tx) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const account = await tx.findOne(PayoutAccount, { where: { commissionerId, id }, lock });
      if (!account) throw notFound();
      const state = accountStateOf(status.ready, account.state);
      const change = {
        state,
        externalId: account.externalId ?? status.accountId,
        requirements: [...status.requirements],
        checkedAt: this.clock.now(),
      };
      await tx.update(PayoutAccount, { commissionerId, id }, change);
      if (account.externalId === null) await this.recordLink(tx, account, status);
      if (state !== account.state) await this.announce(tx, account, state, status);
      return Object.assign(account, change);
    });
  }

  /** From here on it is known at the rail by an id, which is where money goes. */
  private async recordLink(tx: Tx, account: PayoutAccount, { accountId }: RecipientStatus): Promise<void> {
    const { commissionerId, id, providerId, rail } = account;
    await this.ledger.record(tx, {
      type: 'payout_account.linked',
      commissionerId,
      subjectId: id,
      providerId,
      actor: systemActor(commissionerId, id),
      data: { rail, railId: accountId },
    });
  }

  private async announce(tx: Tx, account: PayoutAccount, state: string, status: RecipientStatus): Promise<void> {
    const { commissionerId, id, providerId } = account;
    await this.ledger.record(tx, {
      type: state === 'active' ? 'payout_account.activated' : 'payout_account.restricted',
      commissionerId,
      subjectId: id,
      providerId,
      actor: systemActor(commissionerId, id),
      data: { rail: account.rail, railId: status.accountId, transfers: status.transfers, payouts: status.payouts },
    });
    if (state !== 'active') return;
    const woken = await tx.query<{ commissionerId: string; id: string }>(WAKE_FAILED, [
      commissionerId,
      id,
      this.clock.now(),
    ]);
    await emit(tx, commissionerId, payoutDue, woken);
  }
}
