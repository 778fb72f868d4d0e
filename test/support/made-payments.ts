import { hash } from 'node:crypto';
import { accounts } from '../../src/ledger/rules.js';
import { canonicalJson, type CanonicalObject } from '../../src/platform/canonical-json.js';
import { SHA } from './made-data.js';
import type { MadeEvent, MadeJournal } from './made-journal.js';

export interface MadeContract {
  readonly id: string;
  readonly providerId: string;
  readonly serviceId: string;
  readonly cardId: string;
  readonly payoutAccountId: string;
  readonly code: string;
  referralId: string;
  readonly numbers: { year: number; count: number };
}

/** What an approval has made payable. */
interface Owed {
  readonly batchId: string;
  readonly approved: MadeEvent;
  readonly amountMinor: bigint;
}

/** What follows an approval: the invoice, and the payment of it through the platform. */
export class MadePayments {
  private payouts = 0;

  constructor(private readonly journal: MadeJournal) {}

  *pay(contract: MadeContract, { batchId, approved, amountMinor }: Owed): Generator<MadeEvent> {
    const { id: contractId, providerId, payoutAccountId } = contract;
    const [invoiceId, runId, payoutId] = [this.journal.newId(), this.journal.newId(), this.journal.newId()];
    const document = { batchId, contractId, documentSha256: SHA, grossMinor: amountMinor, kind: 'invoice' };
    const sums = { netMinor: amountMinor, split: 'outside_scope', vatMinor: 0n };
    const [owed, inTransit] = [accounts.owed(providerId, contractId), accounts.inTransit(providerId, contractId)];
    const rail = accounts.rail(providerId, contractId);
    const cause = { subjectId: invoiceId, providerId, causeId: approved.id };
    yield this.journal.made({ ...cause, type: 'invoice.drafted', data: { ...document, ...sums } });
    yield this.journal.made({
      ...cause,
      type: 'invoice.issued',
      data: { ...document, ...sums, ...this.issued(contract) },
      lines: [{ debit: accounts.accrued(providerId, contractId), credit: owed, amountMinor }],
    });
    const run = this.journal.made({
      type: 'payment_run.made',
      subjectId: runId,
      data: { paysOn: this.journal.today() },
    });
    yield run;
    const number = ++this.payouts;
    const reference = `MADE-P${String(number).padStart(6, '0')}`;
    const items = [{ id: invoiceId, amountMinor }];
    const invoices = { count: 1, sha256: hash('sha256', canonicalJson(items)) };
    const requested = this.journal.made({
      type: 'payout.requested',
      subjectId: payoutId,
      providerId,
      causeId: run.id,
      data: { accountId: payoutAccountId, amountMinor, invoices, number, rail: 'stripe', reference, runId },
      lines: [
        { debit: owed, credit: inTransit, amountMinor },
        { debit: accounts.fundsReserved(), credit: accounts.funds(), amountMinor },
      ],
    });
    yield requested;
    yield this.journal.made({
      type: 'payment_run.finished',
      subjectId: runId,
      causeId: run.id,
      data: { payouts: 1, waits: 0 },
    });
    const payout = { subjectId: payoutId, providerId, causeId: requested.id };
    const step = { amountMinor, attempt: 1, reference, requestSha256: SHA };
    yield this.journal.made({
      ...payout,
      type: 'payout.sent',
      data: { ...step, key: `tr:${payoutId}:1`, railId: `tr_${number}`, state: 'sent', step: 'transfer' },
      lines: [{ debit: rail, credit: accounts.fundsReserved(), amountMinor }],
    });
    const forwarded = { ...step, key: `po:${payoutId}:1`, railId: `po_${number}`, step: 'bank_payout' };
    yield this.journal.made({ ...payout, type: 'payout.forwarded', data: { ...forwarded, state: 'sent' } });
    yield this.journal.made({
      ...payout,
      type: 'payout.paid',
      data: { ...forwarded, state: 'paid' },
      lines: [{ debit: inTransit, credit: rail, amountMinor }],
    });
    const remittance = { reference, fileId: this.journal.newId(), sha256: SHA, renderer: 'made' };
    yield this.journal.made({ ...payout, type: 'remittance.issued', data: remittance });
  }

  /** Numbers are gapless for each provider and year. */
  private issued({ code, numbers }: MadeContract): CanonicalObject {
    const day = this.journal.today();
    const year = Number(day.slice(0, 4));
    if (numbers.year !== year) Object.assign(numbers, { year, count: 0 });
    const count = ++numbers.count;
    const prefix = `${code.replace('-', '')}IN`;
    return {
      dueOn: day,
      file: { fileId: this.journal.newId(), fileSha256: SHA, renderer: 'made' },
      issuedOn: day,
      number: `${prefix}${year}${String(count).padStart(6, '0')}`,
      receivedOn: day,
      series: { count, prefix, year },
    };
  }
}
