import { Journal, type JournalContract, sumsOf } from '../../test/support/journal.js';
import { replayJournal } from '../../test/support/replay-journal.js';

/** A journal with one contract, on which whatever is told is told rightly but for one thing. */
interface Stage {
  readonly journal: Journal;
  readonly contract: JournalContract;
}

type Lie = readonly [lie: string, codes: string[], tell: (stage: Stage) => void];

function codesOf(tell: (stage: Stage) => void, terms: Record<string, unknown> = {}): string[] {
  const journal = new Journal();
  tell({ journal, contract: journal.contract(terms) });
  return replayJournal(journal).codes;
}

const CONTRACTS: readonly Lie[] = [
  [
    'is not there',
    ['contract_missing'],
    ({ journal, contract }) => journal.budget({ ...contract, id: journal.newId() }, 5),
  ],
  [
    'is of another provider',
    ['other_provider'],
    ({ journal, contract }) => journal.referral({ ...contract, providerId: journal.newId() }),
  ],
  [
    'is amended by a version that is not the next',
    ['version_differs'],
    ({ journal, contract: { id, providerId, terms } }) =>
      journal.tell('contract.authorised', id, { providerId, data: { ...terms, version: 3 } }),
  ],
  [
    'lends its budget to another',
    ['other_contract'],
    ({ journal, contract }) => {
      const other = journal.contract({}, 0);
      const change = journal.budget(contract, 500);
      const lent = journal.budget({ ...other, providerId: contract.providerId }, 500);
      change.transfers = lent.transfers;
      journal.forget(lent);
    },
  ],
  [
    'has its budget lowered below what is left',
    ['floor_broken'],
    ({ journal, contract }) => journal.budget(contract, -1_000_001),
  ],
  [
    'has a purchase order whose versions leave one out',
    ['version_differs'],
    ({ journal, contract }) => raise(journal, contract, '4000', 2),
  ],
  [
    'has a purchase order lowered below what is charged to it',
    ['order_exceeded'],
    ({ journal, contract }) => {
      raise(journal, contract, '4000', 1);
      journal.claim(contract, 3_200);
      journal.submit(contract, { more: { purchaseOrderNumber: 'PO-1' } });
      raise(journal, contract, '3199', 2);
    },
  ],
  [
    'has the same rate card published twice',
    ['published_twice'],
    ({ journal, contract: { id: contractId, cardId, providerId, serviceId } }) =>
      journal.tell('rate_card.published', cardId, {
        providerId,
        data: { contractId, serviceId, chargeKind: 'primary' },
      }),
  ],
];

function raise(journal: Journal, { id, providerId }: JournalContract, valueMinor: string, version: number): void {
  journal.tell('purchase_order.raised', id, { providerId, data: { number: 'PO-1', valueMinor, version } });
}

const DELIVERY: readonly Lie[] = [
  [
    'a referral is accepted that nobody made',
    ['step_not_possible'],
    ({ journal, contract: { providerId } }) =>
      journal.tell('referral.accepted', journal.newId(), { by: 'provider', providerId, data: {} }),
  ],
  [
    'a referral is declined after it was accepted',
    ['step_not_possible'],
    ({ journal, contract }) =>
      journal.tell('referral.declined', journal.referral(contract), { providerId: contract.providerId, data: {} }),
  ],
  [
    'a referral is confirmed that was never in doubt',
    ['confirmed_twice'],
    ({ journal, contract }) =>
      journal.tell('referral.confirmed', journal.referral(contract), { providerId: contract.providerId, data: {} }),
  ],
  [
    'somebody attends who was not referred',
    ['referral_missing'],
    ({ journal, contract }) => journal.session(contract, journal.newId(), '2026-10-06'),
  ],
  [
    'somebody attends whose referral was not accepted',
    ['referral_missing'],
    ({ journal, contract }) => {
      const referral = journal.referral(contract);
      journal.forget(journal.find('referral.accepted'));
      journal.session(contract, referral, '2026-10-06');
    },
  ],
  [
    'somebody attends who was referred under another contract',
    ['referral_of_other_contract'],
    ({ journal, contract }) => journal.session(contract, journal.referral(journal.contract()), '2026-10-06'),
  ],
  [
    'the same session is recorded twice',
    ['recorded_twice'],
    ({ journal, contract }) => {
      const { event } = journal.session(contract, journal.referral(contract), '2026-10-06');
      const { subjectId, data, providerId } = event.body;
      journal.tell('session.recorded', subjectId, { by: 'provider', providerId, data: { ...data, attendances: [] } });
    },
  ],
  [
    'a person is added to a session that was not recorded',
    ['session_missing'],
    ({ journal, contract }) => {
      const { id: contractId, providerId } = contract;
      const data = {
        contractId,
        sessionId: journal.newId(),
        referralId: journal.referral(contract),
        outcome: 'attended',
      };
      journal.tell('attendance.recorded', journal.newId(), { by: 'provider', providerId, data });
    },
  ],
];

const CLAIMS: readonly Lie[] = [
  [
    'it charges for a fact that nobody recorded',
    ['fact_missing'],
    ({ journal, contract }) => journal.charge(contract, { kind: 'attendance', id: journal.newId() }, 3_200),
  ],
  [
    'it charges for a session by an attendance of the same id',
    ['fact_missing'],
    ({ journal, contract }) => {
      const { event } = journal.session(contract, journal.referral(contract), '2026-10-06');
      journal.charge(contract, { kind: 'attendance', id: event.body.subjectId }, 3_200);
    },
  ],
  [
    'it charges for a fact of another contract',
    ['fact_missing'],
    ({ journal, contract }) => {
      const other = journal.contract();
      const { attendanceId } = journal.session(other, journal.referral(other), '2026-10-06');
      journal.charge(contract, { kind: 'attendance', id: attendanceId }, 3_200);
    },
  ],
  [
    'it charges for a referral that was not accepted',
    ['referral_missing'],
    ({ journal, contract }) => journal.charge(contract, { kind: 'referral', id: journal.newId() }, 3_200),
  ],
  [
    'it charges for a period of its own making',
    ['fact_missing'],
    ({ journal, contract }) => journal.charge(contract, { kind: 'period', id: journal.newId() }, 3_200),
  ],
  [
    'the same fact is charged twice',
    ['fact_charged_twice'],
    ({ journal, contract }) => {
      const { event } = journal.claim(contract, 3_200);
      journal.charge(contract, event.body.data.fact as { kind: string; id: string }, 3_200);
    },
  ],
  [
    'it names a rate card that was not published',
    ['card_missing'],
    ({ journal, contract }) => journal.claim({ ...contract, cardId: journal.newId() }, 3_200),
  ],
  [
    'it is for another month than it was served in',
    ['other_month'],
    ({ journal, contract }) => journal.claim(contract, 3_200, '2026-10-06', { forPeriod: '2026-09-01' }),
  ],
  [
    'it comes before what it charges for',
    ['cause_missing', 'fact_missing'],
    ({ journal, contract }) => {
      const { event } = journal.claim(contract, 3_200);
      journal.moveBefore(event, journal.find('session.recorded'));
    },
  ],
  [
    'it is withdrawn twice',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const { id } = journal.claim(contract, 3_200);
      for (const _ of [1, 2]) journal.tell('claim.withdrawn', id, { by: 'provider', providerId: contract.providerId });
    },
  ],
  [
    'it is withdrawn from a batch',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const { id } = journal.claim(contract, 3_200);
      journal.submit(contract);
      journal.tell('claim.withdrawn', id, { by: 'provider', providerId: contract.providerId });
    },
  ],
  [
    'an answer comes to what nobody asked',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const { id } = journal.claim(contract, 3_200);
      journal.tell('claim.answered', id, { by: 'provider', providerId: contract.providerId, data: {} });
    },
  ],
  [
    'nothing is said to be claimed of a month that is',
    ['nil_though_claimed'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      const data = { contractId: contract.id, forPeriod: '2026-10-01' };
      journal.tell('claim.nil_declared', journal.newId(), { by: 'provider', providerId: contract.providerId, data });
    },
  ],
  [
    'a month is sent with another number of claims',
    ['lines_differ'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      const data = { contractId: contract.id, forPeriod: '2026-10-01', claimCount: 2 };
      journal.tell('claim.month_completed', journal.newId(), { by: 'provider', providerId: contract.providerId, data });
    },
  ],
  [
    'its file says another total',
    ['total_differs'],
    ({ journal, contract }) => {
      const id = journal.newId();
      journal.claim(contract, 3_200, '2026-10-06', { claimFile: { id, row: 2 } });
      journal.tell('claim_file.received', id, {
        by: 'provider',
        providerId: contract.providerId,
        data: { totalMinor: '3201' },
      });
    },
  ],
  [
    'its file is read twice',
    ['file_ended'],
    ({ journal, contract: { providerId } }) => {
      const id = journal.newId();
      const said = { by: 'provider', providerId, data: { totalMinor: '0' } } as const;
      journal.tell('claim_file.received', id, said);
      journal.tell('claim_file.refused', id, said);
    },
  ],
  [
    'it joins a file that was read before',
    ['file_ended'],
    ({ journal, contract }) => {
      const id = journal.newId();
      journal.tell('claim_file.received', id, {
        by: 'provider',
        providerId: contract.providerId,
        data: { totalMinor: '0' },
      });
      journal.claim(contract, 3_200, '2026-10-06', { claimFile: { id, row: 2 } });
    },
  ],
];

const BATCHES: readonly Lie[] = [
  [
    'a claim that waits is left out',
    ['lines_differ'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      const later = journal.claim(contract, 1_600);
      contract.open.splice(contract.open.indexOf(later), 1);
      journal.submit(contract);
    },
  ],
  [
    'a claim of a later month is taken',
    ['lines_differ'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200, '2026-11-01');
      journal.submit(contract);
    },
  ],
  [
    'a claim of another batch is taken',
    ['claim_not_in_batch', 'digest_differs', 'lines_differ', 'second_batch'],
    ({ journal, contract }) => {
      const claim = journal.claim(contract, 3_200);
      journal.submit(contract);
      contract.open.push(claim);
      journal.approve(journal.submit(contract));
    },
  ],
  [
    'another batch of the month is under review',
    ['second_batch'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.submit(contract);
      journal.claim(contract, 3_200);
      journal.submit(contract);
    },
  ],
  [
    'it is submitted under terms that do not govern it',
    ['version_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.submit(contract, { more: { contractVersion: 2 } });
    },
  ],
  [
    'it goes beyond a budget that refuses that',
    ['budget_exceeded'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.submit(contract, { lacking: 200 });
    },
  ],
  [
    'it costs VAT that its commissioner gets back',
    ['total_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.submit(contract, { vat: 640 });
    },
  ],
  [
    'it commits another amount than it costs',
    ['commitment_differs', 'posting_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.submit(contract, { more: { committedMinor: '3000' } });
    },
  ],
  [
    'it commits more than there is',
    ['floor_broken'],
    ({ journal, contract }) => {
      journal.claim(contract, 1_000_001);
      journal.submit(contract);
    },
  ],
  [
    'it names a purchase order that was not raised',
    ['order_missing'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.submit(contract, { more: { purchaseOrderNumber: 'PO-1' } });
    },
  ],
  [
    'it commits the budget of another contract',
    ['floor_broken', 'other_contract'],
    ({ journal, contract }) => {
      const other = journal.contract({}, 0, contract.providerId);
      journal.claim(contract, 3_200);
      journal.claim(other, 3_200);
      const [mine, theirs] = [journal.submit(contract), journal.submit(other)];
      mine.event.transfers = theirs.event.transfers.map((one) => ({ ...one, id: journal.newId() }));
      journal.forget(theirs.event);
    },
  ],
  [
    'it is approved for another contract',
    ['other_contract'],
    ({ journal, contract }) => {
      const other = journal.contract({}, 0, contract.providerId);
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract)).body.data.contractId = other.id;
    },
  ],
  [
    'it is approved with another VAT',
    ['posting_differs', 'total_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract)).body.data.vatMinor = '640';
    },
  ],
  [
    'it takes budget at its approval that it did not lack',
    ['posting_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      const batch = journal.submit(contract);
      batch.uncommitted = 200;
      journal.approve(batch);
    },
  ],
  [
    'its maker approves it',
    ['maker_approves'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract), journal.people.maker);
    },
  ],
  [
    'nobody approves it',
    ['maker_approves'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract)).body.actor.memberId = null;
    },
  ],
  [
    'its provider approves it',
    ['other_side'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract)).body.actor.orgId = contract.providerId;
    },
  ],
  [
    'it is approved without having been submitted',
    ['cause_missing', 'floor_broken', 'step_not_possible'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      const batch = journal.submit(contract);
      journal.approve(batch);
      journal.forget(batch.event);
    },
  ],
  [
    'it is approved twice',
    ['floor_broken', 'step_not_possible'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      const batch = journal.submit(contract);
      journal.approve(batch);
      journal.approve(batch);
    },
  ],
  [
    'it is approved with another digest than it had',
    ['digest_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract)).body.data.digest = '0'.repeat(64);
    },
  ],
  [
    'it is approved with lines that were not reviewed',
    ['digest_differs', 'total_differs'],
    ({ journal, contract }) => {
      const claims = [journal.claim(contract, 3_200), journal.claim(contract, 1_600)];
      const batch = journal.submit(contract, { more: { ...sumsOf(claims), lineCount: 2, totalMinor: '4800' } });
      const approval = journal.approve(batch);
      Object.assign(approval.body.data, { ...sumsOf(claims.slice(0, 1)), totalMinor: '4800' });
    },
  ],
  [
    'it was submitted with another digest than its lines had',
    ['digest_differs'],
    ({ journal, contract }) => {
      const claim = journal.claim(contract, 3_200);
      journal.claim(contract, 1_600);
      const batch = journal.submit(contract, { more: { digest: '0'.repeat(64) } });
      journal.review(batch, claim, 'rejected');
      journal.approve(batch);
    },
  ],
  [
    'a line leaves a batch that it is not in',
    ['claim_not_in_batch'],
    ({ journal, contract }) => {
      const claim = journal.claim(contract, 3_200);
      const other = journal.contract();
      journal.claim(other, 1_600);
      const [batch, wrong] = [journal.submit(contract), journal.submit(other)];
      const queried = journal.review(batch, claim, 'queried');
      queried.body.data.batchId = wrong.id;
    },
  ],
  [
    'a line leaves and the batch says nothing',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const claim = journal.claim(contract, 3_200);
      const { data } = journal.review(journal.submit(contract), claim, 'queried').body;
      delete data.lineCount;
    },
  ],
  [
    'a claim that waits for an answer is rejected and gives budget back',
    ['floor_broken', 'posting_unexpected'],
    ({ journal, contract }) => {
      const claim = journal.claim(contract, 3_200);
      const batch = journal.submit(contract);
      const queried = journal.review(batch, claim, 'queried');
      const { providerId } = contract;
      const rejected = journal.tell('claim.rejected', claim.id, { providerId, data: { batchId: batch.id } });
      rejected.transfers = queried.transfers.map((one) => ({ ...one, id: journal.newId() }));
    },
  ],
  [
    'a line leaves and the batch is no smaller',
    ['lines_differ', 'posting_differs'],
    ({ journal, contract }) => {
      const claim = journal.claim(contract, 3_200);
      journal.claim(contract, 1_600);
      const queried = journal.review(journal.submit(contract), claim, 'queried');
      Object.assign(queried.body.data, { lineCount: 2, totalMinor: '4800' });
    },
  ],
  [
    'a rejected batch keeps its budget',
    ['posting_differs'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.rejectBatch(journal.submit(contract)).transfers = [];
    },
  ],
  [
    'a decision is not caused by the submission',
    ['other_cause'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.approve(journal.submit(contract)).body.causeId = journal.find('claim.submitted').body.id;
    },
  ],
];

const TABLES = [
  ['a contract', CONTRACTS],
  ['delivery', DELIVERY],
  ['a claim', CLAIMS],
  ['a batch', BATCHES],
] as const;

describe.each(TABLES)('%s is found out when', (_, lies) => {
  it.each(lies)('%s', (__, codes, tell) => {
    expect(codesOf(tell)).toEqual(codes);
  });
});

describe('a contract with other terms', () => {
  it('lets a batch go beyond its budget, once the budget is raised', () => {
    const tell = ({ journal, contract }: Stage) => {
      journal.claim(contract, 1_000_200);
      const batch = journal.submit(contract, { lacking: 200 });
      journal.budget(contract, 200);
      journal.approve(batch);
    };
    expect(codesOf(tell, { budgetRule: 'flag' })).toEqual([]);
  });

  it('bears VAT that is not got back, as each line leaves', () => {
    const tell = ({ journal, contract }: Stage) => {
      const claim = journal.claim(contract, 3_200);
      journal.claim(contract, 1_600);
      const batch = journal.submit(contract, { vat: 960 });
      journal.review(batch, claim, 'rejected', 320);
      journal.approve(batch);
      journal.issue(journal.draft(batch, 320));
    };
    expect(codesOf(tell, { vatRecoverable: false })).toEqual([]);
  });

  it('charges its purchase order, and gives back what is rejected', () => {
    const tell = ({ journal, contract }: Stage) => {
      raise(journal, contract, '4000', 1);
      const more = { purchaseOrderNumber: 'PO-1' };
      journal.claim(contract, 3_200);
      journal.rejectBatch(journal.submit(contract, { more }));
      journal.approve(journal.submit(contract, { more }));
      journal.claim(contract, 801);
      journal.submit(contract, { more });
    };
    expect(codesOf(tell, { poRequired: true })).toEqual(['order_exceeded']);
  });

  it('needs a purchase order where it says so', () => {
    const tell = ({ journal, contract }: Stage) => {
      journal.claim(contract, 3_200);
      journal.submit(contract);
    };
    expect(codesOf(tell, { poRequired: true })).toEqual(['order_missing']);
  });
});
