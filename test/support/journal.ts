import { hash } from 'node:crypto';
import { dayNumber } from '../../src/audit/replay-said.rules.js';
import { type Account, accounts } from '../../src/ledger/rules.js';
import { canonicalJson } from '../../src/platform/canonical-json.js';
import { ClaimsJournal, type JournalBatch, type JournalContract, totalOf } from './journal-claims.js';
import type { JournalEvent, JournalTransfer } from './journal-writer.js';

export { type JournalBatch, type JournalClaim, type JournalContract, sumsOf, totalOf } from './journal-claims.js';
export type { JournalEvent, JournalTransfer } from './journal-writer.js';

export interface JournalInvoice {
  readonly id: string;
  readonly batch: JournalBatch;
  readonly document: Record<string, unknown>;
  readonly net: number;
  readonly vat: number;
}

export interface JournalPayout {
  readonly id: string;
  readonly event: JournalEvent;
  readonly invoices: readonly JournalInvoice[];
  readonly rail: 'stripe' | 'outside';
  readonly amount: number;
  readonly reference: string;
}

const SHA = hash('sha256', 'said');

/**
 * A journal as the services write it, event by event, without a database: what is told is the caller's to keep true. The
 * same calls give the same journal.
 */
export class Journal extends ClaimsJournal {
  private readonly series = new Map<string, number>();
  private payouts = 0;

  draft(batch: JournalBatch, vat = 0): JournalInvoice {
    const { contract } = batch;
    const net = totalOf(batch.lines);
    const id = this.newId();
    const kinds = {
      self_billed: 'self_billed_invoice',
      provider_issued: 'invoice',
      provider_own: 'provider_invoice',
      grant_notice: 'grant_notice',
    };
    const document = {
      contractId: contract.id,
      batchId: batch.id,
      kind: kinds[contract.terms.documentMode as keyof typeof kinds],
      split: vat > 0 ? 'taxed' : 'outside_scope',
      netMinor: String(net),
      vatMinor: String(vat),
      grossMinor: String(net + vat),
      documentSha256: SHA,
    };
    const causeId = batch.approval?.body.id ?? null;
    this.tell('invoice.drafted', id, { by: 'system', providerId: contract.providerId, causeId, data: { ...document } });
    return { id, batch, document, net, vat };
  }

  issue(invoice: JournalInvoice, more: Record<string, unknown> = {}): JournalEvent {
    const { batch, document, net, vat } = invoice;
    const { id: contractId, providerId, terms } = batch.contract;
    const isOwn = document.kind === 'provider_invoice';
    const count = (this.series.get(providerId) ?? 0) + (isOwn ? 0 : 1);
    this.series.set(providerId, count);
    const owed = accounts.owed(providerId, contractId);
    const cost = terms.vatRecoverable === true ? 0 : vat;
    const difference = terms.vatRecoverable === true || vat === 0 ? 0 : vat - batch.vat;
    const [budget, spent] = [accounts.budget(providerId, contractId), accounts.spent(providerId, contractId)];
    return this.tell('invoice.issued', invoice.id, {
      by: 'system',
      providerId,
      causeId: batch.approval?.body.id ?? null,
      data: {
        ...document,
        number: isOwn ? 'OWN-7' : `P${count}`,
        series: isOwn ? null : { prefix: 'P', year: 2026, count },
        file: isOwn ? null : { fileId: this.newId(), fileSha256: SHA },
        ...more,
      },
      lines: [
        [accounts.accrued(providerId, contractId), owed, net],
        [accounts.vatInput(), owed, vat - cost],
        [accounts.activity(), owed, cost],
        difference < 0 ? [spent, budget, -difference] : [budget, spent, difference],
      ],
    });
  }

  /** From a claim to an invoice that is owed. */
  owed(contract: JournalContract, ...minors: number[]): JournalInvoice {
    for (const minor of minors) this.claim(contract, minor);
    const batch = this.submit(contract);
    this.approve(batch);
    const invoice = this.draft(batch);
    this.issue(invoice);
    return invoice;
  }

  fund(minor: number): JournalEvent {
    return this.tell('funds.received', this.newId(), {
      by: 'system',
      data: { rail: 'stripe', railId: `tu_${this.ids}`, amountMinor: String(minor), receivedOn: this.today() },
      lines: [[accounts.funds(), accounts.bank(), minor]],
    });
  }

  takeBack(arrival: JournalEvent): JournalEvent {
    const { data, subjectId, id } = arrival.body;
    return this.tell('funds.returned', subjectId, { by: 'system', causeId: id, data: { ...data }, reverses: arrival });
  }

  run(): JournalEvent {
    return this.tell('payment_run.made', this.newId(), { member: this.people.finance, data: { paysOn: this.today() } });
  }

  request(
    run: JournalEvent,
    invoices: readonly JournalInvoice[],
    rail: 'stripe' | 'outside' = 'stripe',
  ): JournalPayout {
    const contract = invoices[0]?.batch.contract as JournalContract;
    const id = this.newId();
    const items = invoices.map(({ id: invoiceId, net, vat }) => ({ id: invoiceId, amountMinor: String(net + vat) }));
    const amount = invoices.reduce((sum, { net, vat }) => sum + net + vat, 0);
    const reference = `ICB-P${++this.payouts}`;
    const shares = new Map<string, number>();
    for (const { batch, net, vat } of invoices)
      shares.set(batch.contract.id, (shares.get(batch.contract.id) ?? 0) + net + vat);
    const { providerId } = contract;
    const event = this.tell('payout.requested', id, {
      by: 'system',
      providerId,
      causeId: run.body.id,
      data: {
        reference,
        runId: run.body.subjectId,
        rail,
        amountMinor: String(amount),
        accountId: rail === 'stripe' ? contract.accountId : null,
        invoices: { count: items.length, sha256: hash('sha256', canonicalJson(items)), items },
      },
      lines: [
        ...[...shares].map(
          ([one, minor]) => [accounts.owed(providerId, one), accounts.inTransit(providerId, one), minor] as const,
        ),
        [accounts.fundsReserved(), accounts.funds(), rail === 'stripe' ? amount : 0],
      ],
    });
    return { id, event, invoices, rail, amount, reference };
  }

  /** Something that happens to a payout. */
  happen(
    payout: JournalPayout,
    what: string,
    { more = {}, member, day }: { more?: Record<string, unknown>; member?: string; day?: string } = {},
  ): JournalEvent {
    const { id, event, amount, reference } = payout;
    const { providerId } = event.body;
    const { wasPaid, ...said } = more;
    const shares = event.transfers.filter(({ debit }) => debit.kind === 'owed');
    const flows: Record<string, (one: JournalTransfer) => readonly (readonly [Account, Account])[]> = {
      sent: ({ debit }) => [[keyed('rail', debit), accounts.fundsReserved()]],
      paid: ({ debit }) => [
        [keyed('inTransit', debit), said.referenceSha256 === undefined ? keyed('rail', debit) : accounts.bank()],
      ],
      failed: ({ debit }) => (wasPaid ? [[keyed('rail', debit), keyed('inTransit', debit)]] : []),
      returned: ({ debit }) => [
        [accounts.funds(), keyed('rail', debit)],
        [keyed('inTransit', debit), keyed('owed', debit)],
      ],
    };
    const lines = shares.flatMap((one) =>
      (flows[what]?.(one) ?? []).map(([debit, credit]) => [debit, credit, one.amountMinor] as const),
    );
    return this.tell(`payout.${what}`, id, {
      ...(member === undefined ? { by: 'system' as const } : { member }),
      providerId,
      causeId: event.body.id,
      data: { reference, amountMinor: String(amount), ...(what === 'sent' && CALL), ...said },
      lines,
      ...(day !== undefined && { day }),
      ...((what === 'refused' || what === 'cancelled') && { reverses: event }),
    });
  }

  /** Accounts payable has paid, which one person enters and another confirms. */
  confirm(payout: JournalPayout, paidOn = this.today()): JournalEvent {
    const { finance, second } = this.people;
    const said = { paidOn, referenceSha256: SHA };
    this.tell('payout.payment_entered', payout.id, {
      member: finance,
      providerId: payout.event.body.providerId,
      causeId: payout.event.body.id,
      data: said,
    });
    return this.happen(payout, 'paid', { more: { ...said, enteredBy: finance }, member: second, day: paidOn });
  }

  remit(payout: JournalPayout): JournalEvent {
    return this.tell('remittance.issued', payout.id, {
      by: 'system',
      providerId: payout.event.body.providerId,
      causeId: payout.event.body.id,
      data: { reference: payout.reference, fileId: this.newId(), sha256: SHA },
    });
  }

  finishRun(run: JournalEvent, payouts: number): JournalEvent {
    return this.tell('payment_run.finished', run.body.subjectId, {
      by: 'system',
      causeId: run.body.id,
      data: { payouts, waits: 0 },
    });
  }

  statement(
    party: string,
    subjectId: string,
    figures: { opening: number; closing: number; from?: string; to?: string; size?: number | null },
  ): JournalEvent {
    const { opening, closing, from = '2026-11-01', to = '2026-11-30', size = this.cuts.at(-1) ?? null } = figures;
    return this.tell('statement.exported', subjectId, {
      data: {
        party,
        from,
        to,
        openingMinor: String(opening),
        closingMinor: String(closing),
        checkpointSize: size,
        sha256: SHA,
      },
    });
  }
}

function keyed(kind: 'owed' | 'inTransit' | 'rail', { providerId, contractId }: Account): Account {
  return accounts[kind](providerId ?? '', contractId ?? '');
}

/** Days since 2000-01-01, for transfers. */
export function dayOfTransfer({ day }: JournalTransfer): number {
  return dayNumber(day) ?? Number.NaN;
}

const CALL = { railId: 'tr_1', key: 'tr:1', requestSha256: SHA };
