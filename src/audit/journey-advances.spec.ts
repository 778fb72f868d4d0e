import { hash } from 'node:crypto';
import { Journal, type JournalContract, type JournalEvent, type JournalInvoice } from '../../test/support/journal.js';
import { replayJournal } from '../../test/support/replay-journal.js';
import { accounts } from '../ledger/rules.js';
import { canonicalJson } from '../platform/canonical-json.js';

const AMOUNT = 10_000;

/** An advance of £100 at a quarter of each invoice, told step by step. */
class Stage {
  readonly journal = new Journal();
  readonly contract: JournalContract = this.journal.contract({});
  readonly id = this.journal.newId();
  proposed = this.journal.tell('advance.proposed', this.id, { data: this.terms({}) });
  approved?: JournalEvent;

  constructor() {
    this.journal.fund(100_000);
  }

  private terms(more: Record<string, unknown>): Record<string, unknown> {
    const { id: contractId } = this.contract;
    const recovery = { sharePercent: 25, instalmentMinor: null, recoverBy: '2027-03-31' };
    return { contractId, amountMinor: String(AMOUNT), reasonCommitment: hash('sha256', 'why'), ...recovery, ...more };
  }

  propose(more: Record<string, unknown>): void {
    this.journal.forget(this.proposed);
    this.proposed = this.journal.tell('advance.proposed', this.id, { data: this.terms(more) });
  }

  approve(member = this.journal.people.approver, amount = AMOUNT): JournalEvent {
    const { id: contractId, providerId } = this.contract;
    this.approved = this.journal.tell('advance.approved', this.id, {
      member,
      providerId,
      causeId: this.proposed.body.id,
      data: { contractId, amountMinor: String(amount) },
      lines: [[accounts.advance(providerId, contractId), accounts.owed(providerId, contractId), amount]],
    });
    return this.approved;
  }

  cancel(): void {
    const { id: contractId, providerId } = this.contract;
    const approved = this.approved as JournalEvent;
    this.journal.tell('advance.cancelled', this.id, {
      providerId,
      causeId: approved.body.id,
      data: { contractId, amountMinor: String(AMOUNT) },
      reverses: approved,
    });
  }

  /** The advance, and what is left of an invoice, go into a payout. */
  pay(advanceMinor: number, invoice?: JournalInvoice, invoiceMinor = 0): JournalEvent {
    const { journal, contract } = this;
    const { id: contractId, providerId, accountId } = contract;
    const run = journal.run();
    const amount = advanceMinor + invoiceMinor;
    const items = invoice ? [{ id: invoice.id, amountMinor: String(invoiceMinor) }] : [];
    const payout = journal.newId();
    const reference = `ICB-A${payout.slice(-4)}`;
    const requested = journal.tell('payout.requested', payout, {
      by: 'system',
      providerId,
      causeId: run.body.id,
      data: {
        reference,
        accountId,
        runId: run.body.subjectId,
        rail: 'stripe',
        amountMinor: String(amount),
        invoices: { count: items.length, sha256: hash('sha256', canonicalJson(items)), items },
        ...(advanceMinor > 0 && { advances: [{ id: this.id, contractId, amountMinor: String(advanceMinor) }] }),
      },
      lines: [
        [accounts.owed(providerId, contractId), accounts.inTransit(providerId, contractId), amount],
        [accounts.fundsReserved(), accounts.funds(), amount],
      ],
    });
    const told = { id: payout, event: requested, invoices: [], rail: 'stripe' as const, amount, reference };
    journal.happen(told, 'sent');
    return journal.happen(told, 'paid');
  }

  paid(): this {
    this.approve();
    this.pay(AMOUNT);
    return this;
  }

  recover(invoice: JournalInvoice, amount: number, remaining: number): JournalEvent {
    const { id: contractId, providerId } = this.contract;
    return this.journal.tell('advance.recovered', this.id, {
      by: 'system',
      providerId,
      causeId: this.approved?.body.id ?? null,
      data: { contractId, amountMinor: String(amount), invoiceId: invoice.id, remainingMinor: String(remaining) },
      lines: [[accounts.owed(providerId, contractId), accounts.advance(providerId, contractId), amount]],
    });
  }

  owed(minor = 3_200): JournalInvoice {
    return this.journal.owed(this.contract, minor);
  }
}

const codesOf = (tell: (stage: Stage) => void): string[] => {
  const stage = new Stage();
  tell(stage);
  return replayJournal(stage.journal).codes;
};

const redact = ({ journal, id, proposed }: Stage, more: Partial<{ causeId: string | null; data: object }> = {}) =>
  journal.tell('text.redacted', id, { causeId: proposed.body.id, data: { ground: 'objection' }, ...more } as never);

const TRUTHS: readonly (readonly [truth: string, tell: (stage: Stage) => void])[] = [
  [
    'was proposed before reasons were salted',
    (stage) => stage.propose({ reasonCommitment: null, reasonSha256: hash('sha256', 'why') }),
  ],
  ['has a reason that is redacted', (stage) => redact(stage)],
  ['is proposed and cancelled', (stage) => (stage.approve(), stage.cancel())],
  [
    'is paid, and given back by its share until nothing is left',
    (stage) => {
      stage.paid();
      const [one, other] = [stage.owed(), stage.owed(40_000)];
      stage.recover(one, 800, 9_200);
      stage.pay(0, one, 2_400);
      stage.recover(other, 9_200, 0);
      stage.pay(0, other, 30_800);
    },
  ],
  [
    'is given back by instalments',
    (stage) => {
      stage.propose({ sharePercent: null, instalmentMinor: '3000' });
      stage.paid().recover(stage.owed(), 3_000, 7_000);
    },
  ],
  [
    'is given back whole after the last day of its terms',
    (stage) => {
      stage.propose({ recoverBy: '2026-11-01' });
      stage.paid().recover(stage.owed(), 3_200, 6_800);
    },
  ],
];

const LIES: readonly (readonly [lie: string, codes: string[], tell: (stage: Stage) => void])[] = [
  ['binds no reason', ['body_incomplete'], (stage) => stage.propose({ reasonCommitment: null })],
  ['binds a reason by no hash', ['body_incomplete'], (stage) => stage.propose({ reasonCommitment: 'why' })],
  ['has some text redacted that is not named', ['body_incomplete'], (stage) => redact(stage, { causeId: null })],
  ['has a text redacted for nothing', ['body_incomplete'], (stage) => redact(stage, { data: {} })],
  [
    'has a text redacted before it was written',
    ['cause_missing'],
    (stage) => redact(stage, { causeId: stage.journal.newId() }),
  ],
  ['is approved by its author', ['same_person'], (stage) => stage.approve(stage.journal.people.maker)],
  ['is approved for more', ['total_differs'], (stage) => stage.approve(undefined, AMOUNT + 1)],
  ['is approved twice', ['step_not_possible'], (stage) => (stage.approve(), stage.approve())],
  ['has no terms', ['terms_differ'], (stage) => stage.propose({ sharePercent: null })],
  [
    'is paid without approval',
    ['advance_not_payable', 'floor_broken', 'invoice_not_payable', 'paid_beyond_owed'],
    (stage) => stage.pay(AMOUNT),
  ],
  [
    'is paid twice',
    ['advance_not_payable', 'floor_broken', 'invoice_not_payable', 'paid_beyond_owed'],
    (stage) => stage.paid().pay(AMOUNT),
  ],
  [
    'is paid for less',
    ['advance_not_payable', 'invoice_not_payable'],
    (stage) => {
      stage.approve();
      stage.pay(AMOUNT - 1);
    },
  ],
  ['is cancelled after it was paid', ['floor_broken', 'step_not_possible'], (stage) => stage.paid().cancel()],
  [
    'is recovered before it is paid',
    ['step_not_possible'],
    (stage) => {
      stage.approve();
      stage.recover(stage.owed(), 800, 9_200);
    },
  ],
  ['takes more than its share', ['recovery_differs'], (stage) => stage.paid().recover(stage.owed(), 801, 9_199)],
  ['takes less than its share', ['recovery_differs'], (stage) => stage.paid().recover(stage.owed(), 799, 9_201)],
  ['leaves another rest', ['recovery_differs'], (stage) => stage.paid().recover(stage.owed(), 800, 9_300)],
  [
    'takes twice of one invoice',
    ['recovered_twice'],
    (stage) => {
      const invoice = stage.paid().owed();
      stage.recover(invoice, 800, 9_200);
      stage.recover(invoice, 800, 8_400);
    },
  ],
  [
    'takes of an invoice that is paid',
    ['invoice_not_payable'],
    (stage) => {
      const invoice = stage.paid().owed();
      const other = stage.owed();
      stage.pay(0, invoice, 3_200);
      stage.recover(invoice, 800, 9_200);
      expect(other.net).toBe(3_200);
    },
  ],
  [
    'leaves an invoice to be paid in full',
    ['invoice_not_payable', 'shares_differ', 'total_differs'],
    (stage) => {
      const invoice = stage.paid().owed();
      stage.owed();
      stage.recover(invoice, 800, 9_200);
      stage.pay(0, invoice, 3_200);
    },
  ],
];

describe('an advance in the journal', () => {
  it.each(TRUTHS)('%s, and nothing is found', (_, tell) => {
    expect(codesOf(tell)).toEqual([]);
  });

  it.each(LIES)('is found out when it %s', (_, codes, tell) => {
    expect(codesOf(tell)).toEqual(codes);
  });
});
