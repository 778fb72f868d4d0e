import {
  Journal,
  type JournalBatch,
  type JournalContract,
  type JournalInvoice,
  type JournalPayout,
  totalOf,
} from './journal.js';

interface Paying {
  readonly payout: JournalPayout;
  state: 'requested' | 'sent' | 'paid' | 'failed' | 'unknown' | 'over';
  hasAdvice: boolean;
}

const BUDGET = 100_000;

/** What is going on: a rightful next thing is chosen among what is possible, so that any choices make a rightful journal. */
class Play {
  readonly journal = new Journal();
  private readonly contracts: JournalContract[] = [];
  private readonly batches: JournalBatch[] = [];
  private readonly drafts: JournalInvoice[] = [];
  private readonly owed: JournalInvoice[] = [];
  private readonly paying: Paying[] = [];
  private readonly left = new Map<JournalContract, number>();
  private funds = 0;

  /** @param choice any number: its remainders choose what happens, to what, and how much */
  step(choice: number): void {
    const steps: ((choice: number) => void)[] = [
      (one) => this.claim(one),
      (one) => this.claim(one),
      (one) => this.review(one),
      (one) => this.submit(one),
      (one) => this.approve(one),
      (one) => this.draft(one),
      (one) => this.issue(one),
      (one) => this.pay(one),
      (one) => this.proceed(one),
      (one) => this.proceed(one),
    ];
    steps[choice % steps.length]?.(Math.floor(choice / steps.length));
    if (choice % 3 === 0) this.journal.seal();
  }

  private claim(choice: number): void {
    if (this.contracts.length < 1 + (choice % 3)) this.authorise(choice);
    const contract = pick(this.contracts, choice);
    if (contract)
      this.journal.claim(contract, (choice % 7) * 400, ['2026-09-08', '2026-10-06', '2026-10-27'][choice % 3]);
  }

  private authorise(choice: number): void {
    const vatRecoverable = choice % 2 === 0;
    const contract = this.journal.contract({ vatRecoverable }, BUDGET);
    this.contracts.push(contract);
    this.left.set(contract, BUDGET);
  }

  private submit(choice: number): void {
    const contract = pick(
      this.contracts.filter((one) => one.open.length > 0 && !this.isUnderReview(one)),
      choice,
    );
    if (!contract) return;
    const vat = contract.terms.vatRecoverable === true ? 0 : Math.floor(totalOf(contract.open) / 5);
    const cost = totalOf(contract.open) + vat;
    if (cost > (this.left.get(contract) ?? 0)) return;
    this.spend(contract, cost);
    this.batches.push(this.journal.submit(contract, { vat }));
  }

  private review(choice: number): void {
    const batch = pick(
      this.batches.filter(({ lines }) => lines.length > 1),
      choice,
    );
    const claim = batch && pick(batch.lines, choice);
    if (!batch || !claim) return;
    const before = totalOf(batch.lines) + batch.vat;
    const vat = batch.vat === 0 ? 0 : Math.floor((totalOf(batch.lines) - claim.minor) / 5);
    this.journal.review(batch, claim, choice % 4 === 0 ? 'rejected' : 'queried', vat);
    this.spend(batch.contract, totalOf(batch.lines) + batch.vat - before);
    if (choice % 4 > 1) this.journal.answer(batch, claim);
  }

  private approve(choice: number): void {
    const batch = pick(this.batches, choice);
    if (!batch) return;
    remove(this.batches, batch);
    if (choice % 5 === 0) {
      this.spend(batch.contract, -(totalOf(batch.lines) + batch.vat));
      this.journal.rejectBatch(batch);
      return;
    }
    this.journal.approve(batch);
    this.approved.push(batch);
  }

  private readonly approved: JournalBatch[] = [];

  private draft(choice: number): void {
    const batch = pick(this.approved, choice);
    if (!batch) return;
    remove(this.approved, batch);
    const vat =
      batch.contract.terms.vatRecoverable === true ? (choice % 2) * Math.floor(totalOf(batch.lines) / 5) : batch.vat;
    this.drafts.push(this.journal.draft(batch, vat));
  }

  private issue(choice: number): void {
    const invoice = pick(this.drafts, choice);
    if (!invoice) return;
    remove(this.drafts, invoice);
    this.journal.issue(invoice);
    if (invoice.net + invoice.vat > 0) this.owed.push(invoice);
  }

  private pay(choice: number): void {
    const first = pick(this.owed, choice);
    if (!first) return;
    const invoices = this.owed.filter(({ batch }) => batch.contract === first.batch.contract);
    const amount = invoices.reduce((sum, { net, vat }) => sum + net + vat, 0);
    const rail = choice % 4 === 0 ? 'outside' : 'stripe';
    if (rail === 'stripe' && this.funds < amount) {
      this.journal.fund(2 * amount);
      this.funds += 2 * amount;
    }
    if (rail === 'stripe') this.funds -= amount;
    for (const invoice of invoices) remove(this.owed, invoice);
    const run = this.journal.run();
    this.paying.push({ payout: this.journal.request(run, invoices, rail), state: 'requested', hasAdvice: false });
    if (choice % 2 === 0) this.journal.finishRun(run, 1);
  }

  private proceed(choice: number): void {
    const paying = pick(
      this.paying.filter(({ state }) => state !== 'over'),
      choice,
    );
    if (!paying) return;
    const { payout, state } = paying;
    if (payout.rail === 'outside') {
      if (choice % 3 === 0) this.giveUp(paying, 'cancelled');
      else this.journal.confirm(payout);
      paying.state = 'over';
      return;
    }
    const possible = NEXT[state] ?? [];
    const what = possible[choice % possible.length] ?? 'sent';
    if (what === 'cancelled' || what === 'refused' || what === 'returned') this.giveUp(paying, what);
    else {
      this.journal.happen(payout, what, { more: { wasPaid: state === 'paid' } });
      paying.state = AFTER[what] ?? state;
    }
    if (what !== 'paid' || paying.hasAdvice || choice % 2 === 0) return;
    this.journal.remit(payout);
    paying.hasAdvice = true;
  }

  private giveUp(paying: Paying, what: 'cancelled' | 'refused' | 'returned'): void {
    this.journal.happen(paying.payout, what);
    paying.state = 'over';
    this.owed.push(...paying.payout.invoices);
    if (paying.payout.rail === 'stripe') this.funds += paying.payout.amount;
  }

  private isUnderReview(contract: JournalContract): boolean {
    return this.batches.some((batch) => batch.contract === contract);
  }

  private spend(contract: JournalContract, minor: number): void {
    this.left.set(contract, (this.left.get(contract) ?? 0) - minor);
  }
}

const NEXT: Readonly<Record<string, readonly string[]>> = {
  requested: ['sent', 'sent', 'refused', 'answer_lost'],
  unknown: ['sent', 'cancelled', 'decided'],
  sent: ['forwarded', 'paid', 'paid', 'failed', 'returned'],
  paid: ['failed', 'forwarded'],
  failed: ['retried', 'return_requested', 'returned'],
};

const AFTER: Readonly<Record<string, Paying['state']>> = {
  sent: 'sent',
  answer_lost: 'unknown',
  paid: 'paid',
  failed: 'failed',
  retried: 'sent',
};

/** A rightful journal of whatever was chosen. */
export function journalOf(choices: readonly number[]): Journal {
  const play = new Play();
  for (const choice of choices) play.step(choice);
  play.journal.seal();
  return play.journal;
}

function pick<T>(from: readonly T[], choice: number): T | undefined {
  return from[choice % from.length];
}

function remove<T>(from: T[], one: T): void {
  from.splice(from.indexOf(one), 1);
}
