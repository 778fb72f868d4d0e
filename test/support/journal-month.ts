import {
  Journal,
  type JournalBatch,
  type JournalClaim,
  type JournalContract,
  type JournalEvent,
  type JournalInvoice,
  type JournalPayout,
} from './journal.js';

/** What was told of a month, by its names: a lie changes one of these. */
export interface Month {
  readonly journal: Journal;
  readonly contract: JournalContract;
  readonly claims: readonly [first: JournalClaim, asked: JournalClaim, second: JournalClaim, free: JournalClaim];
  readonly batch: JournalBatch;
  readonly queried: JournalEvent;
  readonly invoice: JournalInvoice;
  readonly issued: JournalEvent;
  readonly arrival: JournalEvent;
  readonly run: JournalEvent;
  readonly payout: JournalPayout;
  readonly sent: JournalEvent;
  readonly paid: JournalEvent;
  readonly failed: JournalEvent;
  readonly returned: JournalEvent;
  readonly cancelled: JournalPayout;
  readonly outside: JournalPayout;
  readonly confirmed: JournalEvent;
  readonly takenBack: JournalEvent;
}

/**
 * A month with all that can rightly happen to money: a line is queried and answered, a payout arrives, comes back after all
 * and is owed again, one is lost and cancelled, accounts payable pays the rest, and the bank takes its funds back.
 */
export function wholeMonth(): Month {
  const journal = new Journal();
  const contract = journal.contract();
  const claims = [
    journal.claim(contract, 3_200),
    journal.claim(contract, 1_600),
    journal.claim(contract, 900),
    journal.claim(contract, 0),
  ] as const;
  const batch = journal.submit(contract);
  const queried = journal.review(batch, claims[1], 'queried');
  journal.seal();
  journal.answer(batch, claims[1]);
  journal.approve(batch);
  const invoice = journal.draft(batch);
  const issued = journal.issue(invoice);
  const arrival = journal.fund(10_000);
  journal.seal();
  const run = journal.run();
  const payout = journal.request(run, [invoice]);
  journal.finishRun(run, 1);
  const sent = journal.happen(payout, 'sent');
  journal.happen(payout, 'forwarded');
  const paid = journal.happen(payout, 'paid');
  journal.remit(payout);
  journal.seal();
  const failed = journal.happen(payout, 'failed', { more: { wasPaid: true } });
  const returned = journal.happen(payout, 'returned');
  journal.seal();
  const cancelled = journal.request(journal.run(), [invoice]);
  journal.happen(cancelled, 'answer_lost');
  journal.happen(cancelled, 'cancelled');
  const outside = journal.request(journal.run(), [invoice], 'outside');
  const confirmed = journal.confirm(outside);
  const takenBack = journal.takeBack(arrival);
  journal.seal();
  return {
    journal,
    contract,
    claims,
    batch,
    queried,
    invoice,
    issued,
    arrival,
    run,
    payout,
    sent,
    paid,
    failed,
    returned,
    cancelled,
    outside,
    confirmed,
    takenBack,
  };
}
