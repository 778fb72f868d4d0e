import { Injectable } from '@nestjs/common';
import { accounts, balanceTooLow, LedgerService, type NewTransfer, type Posting } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import { systemActor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { PayoutAdvance } from './advance.entity.js';
import { AdvanceRecoveries } from './advance-recoveries.service.js';
import type { PayableGroup } from './payable.rules.js';
import { INSERT_WAIT, isDealtWith, type PaymentRun } from './payment-runs.queries.js';
import { readDestination } from './payout-account-changes.queries.js';
import type { PayoutAccount } from './payout-account.entity.js';
import { whyNotPayInto, type WaitReason } from './payout-account.rules.js';
import { PayoutBooks, sha256 } from './payout-books.service.js';
import { PayoutItem } from './payout-item.entity.js';
import { referenceOf } from './payout-orders.rules.js';
import { lockPayments } from './payout-rows.queries.js';
import { Payout, type PayoutRailKind } from './payout.entity.js';
import { payoutDue } from './payouts.events.js';

export interface Payee {
  readonly providerId: string;
  readonly rail: PayoutRailKind;
}

/** An event holds at most 65,535 bytes. More invoices than this are bound by their digest alone. */
const LISTED_MAX = 500;

/** Starts the one payout of a run, a provider and a rail: everything is committed before anything is called. */
@Injectable()
export class PayoutStarter {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly organisations: OrganisationsService,
    private readonly books: PayoutBooks,
    private readonly recoveries: AdvanceRecoveries,
    private readonly clock: Clock,
  ) {}

  /**
   * Reserves the money, and stores the instruction with the key of its first call; or stores why the provider waits. Only
   * one payout of a commissioner is started at a time, so that no invoice is in two and no number is given twice.
   */
  async start(
    commissionerId: string,
    run: PaymentRun,
    payee: Payee,
    payable: (reader: Reader) => Promise<PayableGroup | undefined>,
  ): Promise<void> {
    const begin = (work: (tx: Tx, group: PayableGroup) => Promise<void>) =>
      this.database.transaction(systemActor(commissionerId, run.id), async (tx) => {
        await lockPayments(tx, commissionerId);
        if (await isDealtWith(tx, run.id, payee.providerId, payee.rail)) return;
        const group = await payable(tx);
        if (group) await work(tx, group);
      });
    try {
      await begin((tx, group) => this.payOrWait(tx, commissionerId, run, group));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== balanceTooLow.definition.code) throw error;
      await begin((tx, group) => this.wait(tx, commissionerId, run, group, 'owed_too_low'));
    }
  }

  private async payOrWait(tx: Tx, commissionerId: string, run: PaymentRun, group: PayableGroup): Promise<void> {
    const { providerId, rail } = group;
    if (group.amountMinor === 0n) return this.recoveries.post(tx, commissionerId, group, run); // nothing has to leave
    const { account, isChanging } = await readDestination(tx, { providerId, rail });
    const reason = whyNotPayInto(rail, account, isChanging) ?? (await this.whyNotAfford(tx, commissionerId, group));
    if (reason !== undefined) return this.wait(tx, commissionerId, run, group, reason);
    return this.pay(tx, commissionerId, run, group, account);
  }

  private async whyNotAfford(tx: Tx, commissionerId: string, group: PayableGroup): Promise<WaitReason | undefined> {
    if (group.rail === 'outside') return undefined;
    const fundsMinor = await this.ledger.balance(tx, commissionerId, accounts.funds());
    return fundsMinor < group.amountMinor ? 'insufficient_funds' : undefined;
  }

  private async pay(
    tx: Tx,
    commissionerId: string,
    run: PaymentRun,
    group: PayableGroup,
    account: PayoutAccount | null,
  ): Promise<void> {
    const now = this.clock.now();
    const number = await nextNumber(tx, commissionerId);
    const { code } = await this.organisations.get(tx, commissionerId);
    const payout: Payout = {
      ...UNTOUCHED,
      commissionerId,
      id: newId(),
      providerId: group.providerId,
      runId: run.id,
      accountId: account?.id ?? null,
      number,
      reference: referenceOf(code, number),
      rail: group.rail,
      amountMinor: group.amountMinor,
      eventId: newId(),
      requestedAt: now,
      nextTryAt: group.rail === 'stripe' ? now : null,
    };
    await this.reserve(tx, run, payout, group);
    await tx.insert(Payout, payout);
    const { id: payoutId, providerId } = payout;
    const part = { commissionerId, payoutId, providerId, live: true };
    const items = paidInvoices(group).map(({ id: invoiceId, contractId, amountMinor }) => ({
      ...part,
      invoiceId,
      contractId,
      amountMinor,
    }));
    const advances = group.advances.map(({ id: advanceId, contractId, amountMinor }) => ({
      ...part,
      advanceId,
      contractId,
      amountMinor,
    }));
    if (items.length > 0) await tx.insert(PayoutItem, items);
    if (advances.length > 0) await tx.insert(PayoutAdvance, advances);
    if (payout.rail === 'outside') return;
    await this.books.plan(tx, payout, 'transfer', 1);
    await emit(tx, commissionerId, payoutDue, { commissionerId, id: payout.id });
  }

  /**
   * A decision, so that floors bound it: no more than is owed, and no more than there is. What the invoices give back of
   * advances is posted with it, or not at all.
   */
  private async reserve(tx: Tx, run: PaymentRun, payout: Payout, group: PayableGroup): Promise<void> {
    const { commissionerId, providerId, rail, amountMinor, reference } = payout;
    const owed = perContract(group).map(({ contractId, amountMinor: share }) => ({
      debit: accounts.owed(providerId, contractId),
      credit: accounts.inTransit(providerId, contractId),
      amountMinor: share,
    }));
    const reserved = { debit: accounts.fundsReserved(), credit: accounts.funds(), amountMinor };
    const transfers: NewTransfer[] = rail === 'stripe' ? [...owed, reserved] : owed;
    const items = paidInvoices(group).map(({ id, amountMinor: share }) => ({ id, amountMinor: share }));
    const advances = group.advances.map(({ id, contractId, amountMinor: minor }) => ({
      id,
      contractId,
      amountMinor: minor,
    }));
    const request: Posting = {
      event: {
        id: payout.eventId,
        type: 'payout.requested',
        commissionerId,
        subjectId: payout.id,
        providerId,
        causeId: run.eventId,
        actor: systemActor(commissionerId, run.id),
        occurredAt: payout.requestedAt,
        data: {
          reference,
          number: payout.number,
          runId: run.id,
          rail,
          amountMinor,
          accountId: payout.accountId,
          invoices: {
            count: items.length,
            sha256: sha256(canonicalJson(items)).toString('hex'),
            ...(items.length <= LISTED_MAX && { items }),
          },
          ...(advances.length > 0 && { advances }),
        },
      },
      transfers,
    };
    await this.recoveries.post(tx, commissionerId, group, run, request);
  }

  private async wait(
    tx: Tx,
    commissionerId: string,
    run: PaymentRun,
    group: PayableGroup,
    reasonCode: WaitReason,
  ): Promise<void> {
    const { providerId, rail, amountMinor } = group;
    await tx.execute(INSERT_WAIT, [commissionerId, run.id, providerId, rail, amountMinor.toString(), reasonCode]);
    await this.ledger.record(tx, {
      type: 'payout.deferred',
      commissionerId,
      subjectId: run.id,
      providerId,
      causeId: run.eventId,
      actor: systemActor(commissionerId, run.id),
      data: { runId: run.id, rail, amountMinor, reasonCode },
    });
  }
}

const UNTOUCHED = {
  state: 'requested',
  reasonCode: null,
  transferId: null,
  bankPayoutId: null,
  outsideReference: null,
  outsidePaidOn: null,
  enteredBy: null,
  enteredAt: null,
  confirmedBy: null,
  remittanceId: null,
  sentAt: null,
  settledAt: null,
  failedAt: null,
} as const;

/** Under the lock of payments. */
async function nextNumber(tx: Tx, commissionerId: string): Promise<number> {
  const [row] = await tx.query<{ next: number }>(
    'select coalesce(max(number), 0) + 1 as next from payout where commissioner_id = $1',
    [commissionerId],
  );
  return row?.next ?? 1;
}

/** What advances take whole is not paid. */
function paidInvoices({ invoices }: PayableGroup) {
  return invoices.filter(({ amountMinor }) => amountMinor > 0n);
}

function perContract({ invoices, advances }: PayableGroup): { contractId: string; amountMinor: bigint }[] {
  const shares = new Map<string, bigint>();
  for (const { contractId, amountMinor } of [...invoices, ...advances]) {
    shares.set(contractId, (shares.get(contractId) ?? 0n) + amountMinor);
  }
  return [...shares].map(([contractId, amountMinor]) => ({ contractId, amountMinor }));
}
