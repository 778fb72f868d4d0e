import { accounts, LedgerService, type NewTransfer, type PostedEvent } from '../../src/ledger/index.js';
import { systemActor } from '../../src/platform/actor.js';
import type { IsoDate } from '../../src/platform/clock.js';
import { newId } from '../../src/platform/ids.js';
import type { Agreement } from './agreement.js';
import type { TestApp } from './app.js';
import { plantRow } from './planted-rows.js';
import type { Party } from './world.js';

export interface PlayedInvoice {
  id: string;
  batchId: string;
  number: string;
}

export interface PlayedPayout {
  id: string;
  reference: string;
  amountMinor: bigint;
}

let numbers = 0;

/** What money does on one contract, posted through the ledger, with the rows that name it: without the modules between. */
export class PlayedMoney {
  constructor(
    private readonly app: TestApp,
    private readonly commissioner: Party,
    private readonly provider: Party,
    private readonly agreement: Agreement,
  ) {}

  async fund(amountMinor: bigint, day: IsoDate): Promise<void> {
    await this.post(
      'funds.received',
      newId(),
      day,
      [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor }],
      {
        fact: true,
      },
    );
  }

  /** Cost is accrued for each claim of a batch. */
  async approve(
    claims: readonly { id: string | null; amountMinor: bigint }[],
    day: IsoDate,
    batchId = newId(),
  ): Promise<string> {
    const transfers = claims.map(({ id, amountMinor }) => ({
      debit: accounts.activity(),
      credit: this.account('accrued'),
      amountMinor,
      claimId: id,
    }));
    await this.post('batch.approved', batchId, day, transfers);
    return batchId;
  }

  /** A batch of one line is approved and invoiced on one day. */
  async invoice(
    netMinor: bigint,
    vatMinor: bigint,
    day: IsoDate,
    { dueOn = day, batchId = newId(), approved = false, kind = 'invoice' } = {},
  ): Promise<PlayedInvoice> {
    if (!approved) await this.approve([{ id: null, amountMinor: netMinor }], day, batchId);
    const id = newId();
    const number = `${this.provider.code}${String(++numbers).padStart(6, '0')}`;
    const { id: eventId } = await this.post('invoice.issued', id, day, [
      { debit: this.account('accrued'), credit: this.account('owed'), amountMinor: netMinor },
      { debit: accounts.vatInput(), credit: this.account('owed'), amountMinor: vatMinor },
    ]);
    await this.plant('invoice', {
      id,
      contract_id: this.agreement.contractId,
      batch_id: batchId,
      split: 'taxed',
      kind,
      state: 'issued',
      number,
      issued_on: day,
      due_on: dueOn,
      file_id: newId(),
      net_minor: netMinor,
      vat_minor: vatMinor,
      gross_minor: netMinor + vatMinor,
      event_id: eventId,
    });
    return { id, batchId, number };
  }

  async requestPayout(
    amountMinor: bigint,
    day: IsoDate,
    invoices: readonly PlayedInvoice[] = [],
  ): Promise<PlayedPayout> {
    const id = newId();
    const reference = `WP${String(++numbers).padStart(6, '0')}`;
    const { id: eventId } = await this.post('payout.requested', id, day, [
      { debit: this.account('owed'), credit: this.account('inTransit'), amountMinor },
      { debit: accounts.fundsReserved(), credit: accounts.funds(), amountMinor },
    ]);
    await this.plant('payout', {
      id,
      reference,
      rail: 'stripe',
      account_id: newId(),
      amount_minor: amountMinor,
      state: 'requested',
      event_id: eventId,
    });
    for (const invoice of invoices) {
      await this.plant('payout_item', {
        payout_id: id,
        invoice_id: invoice.id,
        contract_id: this.agreement.contractId,
        amount_minor: amountMinor,
      });
    }
    return { id, reference, amountMinor };
  }

  async settle({ id, amountMinor }: PlayedPayout, day: IsoDate): Promise<void> {
    await this.post(
      'payout.sent',
      id,
      day,
      [{ debit: this.account('rail'), credit: accounts.fundsReserved(), amountMinor }],
      { fact: true },
    );
    await this.post(
      'payout.paid',
      id,
      day,
      [{ debit: this.account('inTransit'), credit: this.account('rail'), amountMinor }],
      { fact: true },
    );
  }

  /** The bank sends it back after it was paid, and the rail gives it back: the provider is owed again. */
  async giveBack({ id, amountMinor }: PlayedPayout, day: IsoDate): Promise<void> {
    await this.app.admin.query('update payout_item set live = false where payout_id = $1', [id]);
    await this.post(
      'payout.failed',
      id,
      day,
      [{ debit: this.account('rail'), credit: this.account('inTransit'), amountMinor }],
      { fact: true },
    );
    await this.post(
      'payout.returned',
      id,
      day,
      [
        { debit: accounts.funds(), credit: this.account('rail'), amountMinor },
        { debit: this.account('inTransit'), credit: this.account('owed'), amountMinor },
      ],
      { fact: true },
    );
  }

  async payOutside(amountMinor: bigint, day: IsoDate): Promise<void> {
    await this.post('payout.paid', newId(), day, [
      { debit: this.account('owed'), credit: accounts.bank(), amountMinor },
    ]);
  }

  async advance(amountMinor: bigint, day: IsoDate): Promise<void> {
    await this.post('advance.approved', newId(), day, [
      { debit: this.account('advance'), credit: this.account('owed'), amountMinor },
    ]);
  }

  async recoverAdvance(amountMinor: bigint, day: IsoDate): Promise<void> {
    await this.post('advance.recovered', newId(), day, [
      { debit: this.account('owed'), credit: this.account('advance'), amountMinor },
    ]);
  }

  /** A credit note for what was paid already. */
  async creditPaid(amountMinor: bigint, day: IsoDate): Promise<void> {
    await this.post('credit_note.issued', newId(), day, [
      { debit: this.account('recoverable'), credit: accounts.activity(), amountMinor },
    ]);
  }

  async repay(amountMinor: bigint, day: IsoDate): Promise<void> {
    await this.post(
      'debt.repaid',
      newId(),
      day,
      [{ debit: accounts.bank(), credit: this.account('recoverable'), amountMinor }],
      { fact: true },
    );
  }

  account(kind: 'accrued' | 'owed' | 'inTransit' | 'rail' | 'advance' | 'recoverable') {
    return accounts[kind](this.provider.id, this.agreement.contractId);
  }

  post(
    type: string,
    subjectId: string,
    effectiveOn: IsoDate,
    transfers: readonly NewTransfer[],
    { fact = false } = {},
  ): Promise<PostedEvent> {
    const actor = systemActor(this.commissioner.id, 'played');
    const event = {
      type,
      subjectId,
      actor,
      commissionerId: this.commissioner.id,
      providerId: type.startsWith('funds') ? null : this.provider.id,
      data: {},
    };
    return this.app.database.transaction(actor, (tx) =>
      this.app.nest.get(LedgerService).post(tx, { event, transfers, effectiveOn, fact }),
    );
  }

  plant(table: string, given: Record<string, unknown>): Promise<string> {
    return plantRow(this.app.admin, table, {
      commissioner_id: this.commissioner.id,
      provider_id: this.provider.id,
      ...given,
    });
  }
}
