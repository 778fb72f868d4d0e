import { accounts } from '../ledger/rules.js';
import type { JournalEvent, JournalTransfer } from '../../test/support/journal.js';
import { type Month, wholeMonth } from '../../test/support/journal-month.js';
import { replayJournal } from '../../test/support/replay-journal.js';

function line({ transfers }: JournalEvent, place = 0): JournalTransfer {
  const transfer = transfers[place];
  if (!transfer) throw new Error('it moves nothing');
  return transfer;
}

function approval({ batch }: Month): JournalEvent {
  if (!batch.approval) throw new Error('it is not approved');
  return batch.approval;
}

type Lie = readonly [lie: string, codes: string[], change: (month: Month) => void];

/** Each changes one posting of a month, and is found by what the event says, or by the event before it. */
const POSTINGS: readonly Lie[] = [
  ['more is posted than said', ['posting_differs', 'shares_differ'], ({ sent }) => (line(sent).amountMinor += 1)],
  [
    'more is said than posted',
    ['posting_differs', 'total_differs'],
    ({ sent }) => (sent.body.data.amountMinor = '4101'),
  ],
  [
    'more is said and posted than was asked for',
    ['shares_differ', 'total_differs'],
    ({ sent }) => {
      line(sent).amountMinor += 1;
      sent.body.data.amountMinor = '4101';
    },
  ],
  [
    'it goes to another kind of account',
    ['posting_differs', 'posting_unexpected', 'shares_differ'],
    ({ sent }) => (line(sent).debit = accounts.bank()),
  ],
  [
    'it goes to another contract of the provider',
    ['shares_differ'],
    ({ sent, contract, journal }) => (line(sent).debit = accounts.rail(contract.providerId, journal.newId())),
  ],
  [
    'it goes to another provider',
    ['other_provider', 'shares_differ'],
    ({ sent, journal }) => (line(sent).debit = accounts.rail(journal.newId(), journal.newId())),
  ],
  [
    'the two sides are of two contracts',
    ['two_contracts'],
    ({ paid, contract, journal }) => (line(paid).credit = accounts.rail(contract.providerId, journal.newId())),
  ],
  [
    'the two sides are of two providers',
    ['two_providers'],
    ({ paid, journal }) => (line(paid).credit = accounts.rail(journal.newId(), journal.newId())),
  ],
  [
    'what moves nothing moves something',
    ['posting_unexpected'],
    ({ journal, arrival }) =>
      journal.find('referral.accepted').transfers.push({ ...line(arrival), id: journal.newId() }),
  ],
  [
    'the two sides are of two books',
    ['book_unbalanced', 'posting_differs', 'posting_unexpected', 'shares_differ'],
    ({ sent, contract }) => (line(sent).debit = accounts.spent(contract.providerId, contract.id)),
  ],
  [
    'it is of more pence than can be counted',
    ['beyond_counting', 'posting_differs', 'reversal_bent'],
    ({ arrival, journal }) => {
      const million = Array.from({ length: 20 }, () => ({
        ...line(arrival),
        id: journal.newId(),
        amountMinor: 999_999_999_999_999,
      }));
      arrival.transfers.push(...million);
    },
  ],
  [
    'a batch moves the budget of two contracts',
    ['floor_broken', 'other_contract', 'posting_differs', 'two_contracts'],
    ({ batch, contract, journal }) => {
      const id = journal.newId();
      const [debit, credit] = [accounts.budget(contract.providerId, id), accounts.committed(contract.providerId, id)];
      batch.event.transfers.push({ ...line(batch.event), id: journal.newId(), debit, credit });
    },
  ],
  ['it is dated back', ['effective_day_differs'], ({ sent }) => (line(sent).day = '2026-10-01')],
  ['it is dated forward', ['effective_day_differs'], ({ arrival }) => (line(arrival).day = '2026-12-01')],
  [
    'a confirmed payment counts on another day than it says',
    ['effective_day_differs'],
    ({ confirmed }) => (confirmed.body.data.paidOn = '2026-10-30'),
  ],
  ['an invoice names a claim', ['posting_unexpected'], (month) => (line(month.issued).claimId = month.claims[0].id)],
  [
    'an approval does not name the claim',
    ['digest_differs', 'posting_unexpected'],
    (month) => (line(approval(month)).claimId = null),
  ],
  [
    'a line that leaves a batch names another claim',
    ['posting_unexpected'],
    ({ queried, claims }) => (line(queried).claimId = claims[0].id),
  ],
  [
    'less budget goes back than a line had taken',
    ['posting_differs'],
    ({ queried }) => (line(queried).amountMinor -= 100),
  ],
  ['VAT is posted that was not said', ['posting_differs'], (month) => addVat(month)],
  [
    'an approval posts more than it says',
    ['digest_differs', 'posting_differs'],
    (month) => (line(approval(month)).amountMinor += 1),
  ],
  [
    'an approval posts as much for other lines',
    ['digest_differs'],
    (month) => {
      line(approval(month), 0).amountMinor += 1;
      line(approval(month), 1).amountMinor -= 1;
    },
  ],
  [
    'an approval posts a line twice',
    ['claim_approved_twice', 'digest_differs'],
    (month) => (line(approval(month), 1).claimId = line(approval(month), 0).claimId),
  ],
  [
    'a payout that failed before it was paid moves money',
    ['posting_differs'],
    ({ journal, paid, failed }) => {
      journal.forget(paid);
      journal.forget(journal.find('remittance.issued'));
      expect(failed.transfers).toHaveLength(1);
    },
  ],
  [
    'a payout comes back and less is owed again',
    ['floor_broken', 'posting_differs', 'shares_differ'],
    ({ returned }) => (line(returned, 1).amountMinor -= 100),
  ],
  ['a payout that failed after it was paid moves none', ['posting_differs'], ({ failed }) => (failed.transfers = [])],
];

function addVat({ issued, contract, journal }: Month): void {
  const [debit, credit] = [accounts.vatInput(), accounts.owed(contract.providerId, contract.id)];
  issued.transfers.push({ ...line(issued), id: journal.newId(), debit, credit, amountMinor: 640 });
}

const REVERSALS: readonly Lie[] = [
  ['it leaves a line standing', ['reversal_bent'], ({ journal }) => journal.find('payout.cancelled').transfers.pop()],
  [
    'it takes back less',
    ['floor_broken', 'posting_differs', 'reversal_bent', 'shares_differ'],
    ({ journal }) => (line(journal.find('payout.cancelled')).amountMinor -= 1),
  ],
  [
    'it names another transfer',
    ['reversal_bent'],
    ({ journal, arrival }) => (line(journal.find('payout.cancelled')).reversesId = line(arrival).id),
  ],
  [
    'it names none',
    ['reversal_bent', 'reversal_unexpected'],
    ({ journal }) => (line(journal.find('payout.cancelled')).reversesId = null),
  ],
  [
    'what reverses nothing names a transfer',
    ['reversal_bent', 'reversal_unexpected'],
    ({ sent, arrival }) => (line(sent).reversesId = line(arrival).id),
  ],
  ['it is told twice', ['reversed_twice', 'step_not_possible'], ({ journal, arrival }) => journal.takeBack(arrival)],
  [
    'another payout is taken back',
    ['reversal_bent', 'reversed_twice'],
    ({ journal, cancelled, outside }) => {
      const again = journal.happen(outside, 'cancelled');
      again.transfers = journal.find('payout.cancelled').transfers.map((one) => ({ ...one, id: journal.newId() }));
      expect(cancelled.amount).toBe(outside.amount);
      journal.moveBefore(again, journal.find('payout.payment_entered'));
      journal.forget(journal.find('payout.payment_entered'));
      journal.forget(journal.find('payout.paid', 1));
    },
  ],
];

describe('what an event posts is found out when', () => {
  it.each(POSTINGS)('%s', (_, codes, change) => {
    const month = wholeMonth();
    change(month);
    expect(replayJournal(month.journal).codes).toEqual(codes);
  });
});

describe('a reversal is found out when', () => {
  it.each(REVERSALS)('%s', (_, codes, change) => {
    const month = wholeMonth();
    change(month);
    expect(replayJournal(month.journal).codes).toEqual(codes);
  });
});

describe('a finding', () => {
  it('names the event, and says in words and figures what is wrong with it', () => {
    const month = wholeMonth();
    line(month.arrival).amountMinor -= 1;
    const index = month.journal.events.indexOf(month.arrival);
    const [finding] = replayJournal(month.journal).findings;
    expect(finding).toEqual({
      code: 'posting_differs',
      at: { index, eventId: month.arrival.body.id },
      what: 'funds.received: It says 10000 for funds to bank, and its transfers come to 9999.',
    });
  });
});
