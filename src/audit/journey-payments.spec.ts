import { Journal, type JournalContract, type JournalInvoice } from '../../test/support/journal.js';
import { replayJournal } from '../../test/support/replay-journal.js';

/** A journal with one contract and money in the funds, on which all is told rightly but for one thing. */
interface Stage {
  readonly journal: Journal;
  readonly contract: JournalContract;
}

type Lie = readonly [lie: string, codes: string[], tell: (stage: Stage) => void];

function codesOf(tell: (stage: Stage) => void, terms: Record<string, unknown> = {}): string[] {
  const journal = new Journal();
  const contract = journal.contract(terms);
  journal.fund(100_000);
  tell({ journal, contract });
  return replayJournal(journal).codes;
}

/** A batch that is approved, of one claim of £32. */
function approved({ journal, contract }: Stage) {
  journal.claim(contract, 3_200);
  const batch = journal.submit(contract);
  journal.approve(batch);
  return batch;
}

function paid({ journal, contract }: Stage) {
  const payout = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
  journal.happen(payout, 'sent');
  journal.happen(payout, 'paid');
  return payout;
}

const INVOICES: readonly Lie[] = [
  [
    'its batch was not approved',
    ['batch_not_approved'],
    ({ journal, contract }) => {
      journal.claim(contract, 3_200);
      journal.draft(journal.submit(contract));
    },
  ],
  [
    'it was not drafted',
    ['step_not_possible'],
    (stage) => {
      stage.journal.issue(stage.journal.draft(approved(stage)));
      stage.journal.forget(stage.journal.find('invoice.drafted'));
    },
  ],
  [
    'the documents of its batch come to less',
    ['documents_differ'],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      Object.assign(stage.journal.find('invoice.drafted').body.data, { netMinor: '3000', grossMinor: '3000' });
      expect(draft.net).toBe(3_200);
    },
  ],
  [
    'a part of its batch has two documents',
    ['documents_differ', 'drafted_twice'],
    (stage) => {
      const batch = approved(stage);
      stage.journal.draft(batch);
      stage.journal.draft(batch);
    },
  ],
  [
    'its net and VAT are not its gross',
    ['total_differs'],
    (stage) => {
      stage.journal.draft(approved(stage));
      stage.journal.find('invoice.drafted').body.data.grossMinor = '3300';
    },
  ],
  [
    'its batch is of another contract',
    ['other_contract'],
    (stage) => {
      const { id } = stage.journal.contract({}, 0, stage.contract.providerId);
      stage.journal.draft(approved(stage));
      stage.journal.find('invoice.drafted').body.data.contractId = id;
    },
  ],
  [
    'it makes another contract owe',
    ['floor_broken', 'other_contract'],
    (stage) => {
      const other = stage.journal.contract({}, 0, stage.contract.providerId);
      const draft = stage.journal.draft(approved(stage));
      const issued = stage.journal.issue(draft);
      const moved = stage.journal.issue({ ...draft, batch: { ...draft.batch, contract: other } });
      stage.journal.forget(moved);
      issued.transfers = moved.transfers;
    },
  ],
  [
    'it is for another amount than was drafted',
    ['floor_broken', 'owed_beyond_approved', 'total_differs'],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      const document = { ...draft.document, netMinor: '3300', grossMinor: '3300' };
      stage.journal.issue({ ...draft, net: 3_300, document });
    },
  ],
  [
    'it is not of the kind that its contract has',
    ['other_document'],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      stage.journal.find('invoice.drafted').body.data.kind = 'grant_notice';
      stage.journal.issue(draft, { kind: 'grant_notice' });
    },
  ],
  [
    'its number is not the next of its series',
    ['number_gap'],
    (stage) =>
      stage.journal.issue(stage.journal.draft(approved(stage)), { series: { prefix: 'P', year: 2026, count: 2 } }),
  ],
  [
    'its number is of no series',
    ['number_gap'],
    (stage) => stage.journal.issue(stage.journal.draft(approved(stage)), { series: null }),
  ],
  [
    'its number is that of another',
    ['number_repeated'],
    ({ journal, contract }) => {
      journal.owed(contract, 3_200);
      journal.owed(contract, 1_600);
      journal.find('invoice.issued', 1).body.data.number = 'P1';
    },
  ],
  [
    'it is issued twice',
    ['floor_broken', 'step_not_possible'],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      stage.journal.issue(draft);
      stage.journal.issue(draft);
    },
  ],
  [
    'the hash of its bytes is missing',
    ['body_incomplete'],
    (stage) => stage.journal.issue(stage.journal.draft(approved(stage)), { file: { fileId: '' } }),
  ],
  [
    'it makes VAT a cost that its commissioner gets back',
    ['budget_differs'],
    (stage) => {
      const batch = approved(stage);
      const draft = stage.journal.draft(batch, 640);
      stage.journal.issue({
        ...draft,
        batch: { ...batch, contract: { ...batch.contract, terms: { vatRecoverable: false } } },
      });
    },
  ],
];

const PERMITS: readonly (readonly [
  lie: string,
  terms: Record<string, unknown>,
  codes: string[],
  tell: (stage: Stage) => void,
])[] = [
  [
    'a provider has not let it be issued',
    { standingAuthority: false },
    ['not_permitted'],
    (stage) => stage.journal.issue(stage.journal.draft(approved(stage))),
  ],
  [
    'a provider has let it be issued',
    { standingAuthority: false },
    [],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      permit(stage, draft, 'invoice.issue_authorised', { grossMinor: '3200' });
      stage.journal.issue(draft);
    },
  ],
  [
    'a provider has let another amount be issued',
    { standingAuthority: false },
    ['total_differs'],
    (stage) => permit(stage, stage.journal.draft(approved(stage)), 'invoice.issue_authorised', { grossMinor: '3000' }),
  ],
  [
    'another provider has let it be issued',
    { standingAuthority: false },
    ['other_provider'],
    (stage) => {
      const { event } = permit(stage, stage.journal.draft(approved(stage)), 'invoice.issue_authorised', {
        grossMinor: '3200',
      });
      event.body.providerId = event.body.actor.orgId = stage.journal.newId();
    },
  ],
  [
    'a provider has given the number of its own invoice',
    { documentMode: 'provider_own' },
    [],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      permit(stage, draft, 'invoice.own_number_given', { grossMinor: '3200', number: 'OWN-7' });
      stage.journal.issue(draft);
    },
  ],
  [
    'a provider has given another number',
    { documentMode: 'provider_own' },
    ['not_permitted'],
    (stage) => {
      const draft = stage.journal.draft(approved(stage));
      permit(stage, draft, 'invoice.own_number_given', { grossMinor: '3200', number: 'OWN-8' });
      stage.journal.issue(draft);
    },
  ],
  [
    'a provider gives a number to what is made for it',
    {},
    ['other_document'],
    (stage) =>
      permit(stage, stage.journal.draft(approved(stage)), 'invoice.own_number_given', {
        grossMinor: '3200',
        number: '7',
      }),
  ],
  [
    'nobody has agreed to self-billing',
    { documentMode: 'self_billed' },
    ['not_permitted'],
    (stage) => {
      agree(stage, 'self_billing.proposed');
      stage.journal.issue(stage.journal.draft(approved(stage)));
    },
  ],
  [
    'a provider has agreed to self-billing',
    { documentMode: 'self_billed' },
    [],
    (stage) => {
      agree(stage, 'self_billing.proposed', 'self_billing.accepted');
      stage.journal.issue(stage.journal.draft(approved(stage)));
    },
  ],
];

function permit({ journal, contract }: Stage, { id }: JournalInvoice, type: string, data: Record<string, unknown>) {
  return { event: journal.tell(type, id, { by: 'provider', providerId: contract.providerId, data }) };
}

function agree({ journal, contract }: Stage, ...types: string[]): void {
  const id = journal.newId();
  for (const type of types) {
    const by = type === 'self_billing.accepted' ? { by: 'provider' as const } : {};
    journal.tell(type, id, { ...by, providerId: contract.providerId, data: { startsOn: '2026-04-01' } });
  }
}

const PAYOUTS: readonly Lie[] = [
  [
    'it pays an invoice that was not issued',
    ['floor_broken', 'invoice_not_payable', 'shares_differ', 'total_differs'],
    (stage) => stage.journal.request(stage.journal.run(), [stage.journal.draft(approved(stage))]),
  ],
  [
    'it pays an invoice that another pays',
    ['floor_broken', 'invoice_not_payable', 'shares_differ', 'total_differs'],
    ({ journal, contract }) => {
      const invoice = journal.owed(contract, 3_200);
      const run = journal.run();
      journal.request(run, [invoice]);
      journal.request(run, [invoice]);
    },
  ],
  [
    'it pays a part of an invoice',
    ['invoice_not_payable', 'shares_differ', 'total_differs'],
    ({ journal, contract }) => {
      const invoice = journal.owed(contract, 3_200);
      journal.request(journal.run(), [{ ...invoice, net: 3_000 }]);
    },
  ],
  [
    'it pays an invoice of another provider',
    ['floor_broken', 'invoice_not_payable', 'shares_differ', 'total_differs'],
    ({ journal, contract }) => {
      const invoice = journal.owed(journal.contract(), 3_200);
      const mine = { ...invoice, batch: { ...invoice.batch, contract } };
      journal.request(journal.run(), [mine]);
    },
  ],
  [
    'it pays nothing that is said',
    ['invoice_not_payable'],
    ({ journal, contract }) => {
      const { event } = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      event.body.data.invoices = { count: 0, sha256: '0'.repeat(64) };
    },
  ],
  [
    'more was paid than was owed on its contract',
    ['floor_broken', 'invoice_not_payable', 'paid_beyond_owed', 'shares_differ', 'total_differs'],
    ({ journal, contract }) => {
      const invoice = journal.owed(contract, 3_200);
      for (const run of [journal.run(), journal.run()]) journal.confirm(journal.request(run, [invoice], 'outside'));
    },
  ],
  [
    'somebody enters what the platform pays',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const { id, event } = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      const data = { paidOn: journal.today(), referenceSha256: '0'.repeat(64) };
      const { id: causeId } = event.body;
      journal.tell('payout.payment_entered', id, { providerId: contract.providerId, causeId, data });
    },
  ],
  [
    'its account outside of the platform is being changed',
    ['account_changing'],
    ({ journal, contract }) => {
      change({ journal, contract });
      const { event } = journal.request(journal.run(), [journal.owed(contract, 3_200)], 'outside');
      event.body.data.accountId = contract.accountId;
    },
  ],
  [
    'its digest is of other invoices than it lists',
    ['digest_differs'],
    ({ journal, contract }) => {
      const { event } = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      (event.body.data.invoices as Record<string, unknown>).sha256 = '0'.repeat(64);
    },
  ],
  [
    'it is of another amount than its invoices',
    ['posting_differs', 'total_differs'],
    ({ journal, contract }) => {
      const { event } = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      event.body.data.amountMinor = '3300';
    },
  ],
  [
    'no run ordered it',
    ['cause_missing', 'run_missing'],
    ({ journal, contract }) => {
      const run = journal.run();
      journal.request(run, [journal.owed(contract, 3_200)]);
      journal.forget(run);
    },
  ],
  [
    'its run was cancelled',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const run = journal.run();
      const invoice = journal.owed(contract, 3_200);
      journal.tell('payment_run.cancelled', run.body.subjectId, { causeId: run.body.id });
      journal.request(run, [invoice]);
    },
  ],
  [
    'its run pays on a later day',
    ['run_too_early'],
    ({ journal, contract }) => {
      const run = journal.run();
      run.body.data.paysOn = '2026-11-09';
      journal.request(run, [journal.owed(contract, 3_200)]);
    },
  ],
  ['its run says more payouts than there are', ['lines_differ'], ({ journal }) => journal.finishRun(journal.run(), 1)],
  [
    'there is too little in the funds',
    ['floor_broken'],
    ({ journal, contract }) => journal.request(journal.run(), [journal.owed(contract, 100_001)]),
  ],
  [
    'its account was never ready',
    ['account_not_ready'],
    ({ journal, contract }) => {
      journal.forget(journal.find('payout_account.activated'));
      journal.request(journal.run(), [journal.owed(contract, 3_200)]);
    },
  ],
  [
    'its account is of another provider',
    ['other_provider'],
    ({ journal, contract }) => {
      const { accountId } = journal.contract();
      journal.request(journal.run(), [journal.owed({ ...contract, accountId }, 3_200)]);
    },
  ],
  [
    'where its account leads is being changed',
    ['account_changing'],
    ({ journal, contract }) => {
      change({ journal, contract });
      journal.request(journal.run(), [journal.owed(contract, 3_200)]);
    },
  ],
  [
    'it arrives before it is sent',
    ['step_not_possible'],
    ({ journal, contract }) => {
      const payout = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      journal.happen(payout, 'paid');
    },
  ],
  ['it arrives twice', ['step_not_possible'], (stage) => stage.journal.happen(paid(stage), 'paid')],
  ['it comes back before it failed', ['step_not_possible'], (stage) => stage.journal.happen(paid(stage), 'returned')],
  [
    'it is cancelled after it was sent',
    ['step_not_possible'],
    (stage) => stage.journal.happen(paid(stage), 'cancelled'),
  ],
  [
    'it is sent under another reference',
    ['other_reference'],
    ({ journal, contract }) => {
      const payout = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      journal.happen({ ...payout, reference: 'ICB-P9' }, 'sent');
    },
  ],
  [
    'what happens to it is not caused by its request',
    ['other_cause'],
    (stage) =>
      (stage.journal.happen(paid(stage), 'forwarded').body.causeId = stage.journal.find('claim.submitted').body.id),
  ],
  [
    'the rail says nothing of what it sent',
    ['body_incomplete'],
    ({ journal, contract }) => {
      const payout = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      journal.happen(payout, 'sent', { more: { railId: null } });
    },
  ],
  [
    'what the platform pays is confirmed by a person',
    ['entry_missing', 'same_person', 'step_not_possible'],
    ({ journal, contract }) => {
      const payout = journal.request(journal.run(), [journal.owed(contract, 3_200)]);
      const { finance: enteredBy } = journal.people;
      const more = { paidOn: journal.today(), referenceSha256: '0'.repeat(64), enteredBy };
      journal.happen(payout, 'paid', { more, member: enteredBy });
    },
  ],
  [
    'who confirms it has entered it',
    ['same_person'],
    ({ journal, contract }) => {
      const payout = journal.request(journal.run(), [journal.owed(contract, 3_200)], 'outside');
      journal.confirm(payout).body.actor.memberId = journal.people.finance;
    },
  ],
  [
    'nobody entered what is confirmed',
    ['entry_missing'],
    ({ journal, contract }) => {
      journal.confirm(journal.request(journal.run(), [journal.owed(contract, 3_200)], 'outside'));
      journal.forget(journal.find('payout.payment_entered'));
    },
  ],
  [
    'an advice says that it was paid before it was',
    ['step_not_possible'],
    ({ journal, contract }) => journal.remit(journal.request(journal.run(), [journal.owed(contract, 3_200)])),
  ],
  [
    'it has two advices',
    ['issued_twice'],
    (stage) => {
      const payout = paid(stage);
      stage.journal.remit(payout);
      stage.journal.remit(payout);
    },
  ],
  [
    'its reference is that of another',
    ['number_repeated'],
    (stage) => {
      paid(stage);
      const { event } = stage.journal.request(stage.journal.run(), [stage.journal.owed(stage.contract, 1_600)]);
      event.body.data.reference = 'ICB-P1';
    },
  ],
];

function change({ journal, contract: { accountId, providerId } }: Stage) {
  const id = journal.newId();
  const data = { payoutAccountId: accountId, kind: 'link' };
  const proposed = journal.tell('payout_account.change_proposed', id, {
    by: 'provider',
    member: journal.people.treasurer,
    providerId,
    data,
  });
  const step = (what: string, member: string, more: Record<string, unknown> = {}) =>
    journal.tell(`payout_account.change_${what}`, id, {
      member,
      providerId,
      causeId: proposed.body.id,
      data: { ...data, ...more },
    });
  return { step, proposed };
}

const CHANGES: readonly Lie[] = [
  [
    'all goes as it must',
    [],
    (stage) => {
      const { step } = change(stage);
      step('confirmed', stage.journal.people.finance, { appliesAt: '2026-11-01T09:00:00.000Z' });
      step('applied', stage.journal.people.finance);
      stage.journal.request(stage.journal.run(), [stage.journal.owed(stage.contract, 3_200)]);
    },
  ],
  [
    'who proposed it confirms it',
    ['same_person'],
    (stage) =>
      change(stage).step('confirmed', stage.journal.people.treasurer, { appliesAt: '2026-11-01T09:00:00.000Z' }),
  ],
  [
    'it is applied before its hold is over',
    ['hold_not_over'],
    (stage) => {
      const { step } = change(stage);
      step('confirmed', stage.journal.people.finance, { appliesAt: '2026-12-01T09:00:00.000Z' });
      step('applied', stage.journal.people.finance);
    },
  ],
  [
    'it is applied without being confirmed',
    ['step_not_possible'],
    (stage) => change(stage).step('applied', stage.journal.people.finance),
  ],
  [
    'another is open',
    ['second_change'],
    (stage) => {
      change(stage);
      change(stage);
    },
  ],
  [
    'it is of no account',
    ['account_missing'],
    (stage) => change({ ...stage, contract: { ...stage.contract, accountId: stage.journal.newId() } }),
  ],
];

const FUNDS: readonly Lie[] = [
  [
    'the same arrival is booked twice',
    ['arrived_twice'],
    ({ journal }) => {
      const { railId } = journal.find('funds.received').body.data;
      journal.fund(100_000).body.data.railId = railId;
    },
  ],
  [
    'it is taken back twice',
    ['reversed_twice', 'step_not_possible'],
    ({ journal }) => {
      const arrival = journal.find('funds.received');
      journal.takeBack(arrival);
      journal.takeBack(arrival);
    },
  ],
  [
    'it never arrived',
    ['reversal_bent', 'step_not_possible'],
    ({ journal }) => {
      const arrival = journal.find('funds.received');
      journal.takeBack(arrival).body.causeId = null;
      journal.forget(arrival);
    },
  ],
  [
    'another arrival is taken back',
    ['other_cause', 'other_reference', 'reversal_bent'],
    ({ journal }) => {
      const other = journal.fund(500);
      journal.takeBack(journal.find('funds.received')).body.subjectId = other.body.subjectId;
    },
  ],
];

describe.each([
  ['an invoice', INVOICES],
  ['a payout', PAYOUTS],
  ['a change of account', CHANGES],
  ['money that came in', FUNDS],
] as const)('%s is found out when', (_, lies) => {
  it.each(lies)('%s', (__, codes, tell) => {
    expect(codesOf(tell)).toEqual(codes);
  });
});

describe('an invoice is judged by who permits it, when', () => {
  it.each(PERMITS)('%s', (_, terms, codes, tell) => {
    expect(codesOf(tell, terms)).toEqual(codes);
  });
});

describe('a payout of two contracts', () => {
  function ofTwo({ journal, contract }: Stage) {
    const { providerId, accountId } = contract;
    const other = { ...journal.contract({}, 1_000_000, providerId), accountId };
    const invoices = [journal.owed(contract, 3_200), journal.owed(other, 1_600)];
    const payout = journal.request(journal.run(), invoices);
    return { payout, sent: journal.happen(payout, 'sent') };
  }

  it('moves what each is owed', () => {
    expect(codesOf((stage) => stage.journal.happen(ofTwo(stage).payout, 'paid'))).toEqual([]);
  });

  it('is found out when it moves what one is owed on the other', () => {
    const swap = (stage: Stage) => {
      const [one, other] = ofTwo(stage).sent.transfers;
      if (one && other) [one.amountMinor, other.amountMinor] = [other.amountMinor, one.amountMinor];
    };
    expect(codesOf(swap)).toEqual(['shares_differ']);
  });

  it('is found out when it leaves one out', () => {
    const leaveOut = (stage: Stage) => {
      const { sent } = ofTwo(stage);
      const [one] = sent.transfers.splice(1);
      sent.transfers.forEach((transfer) => (transfer.amountMinor += one?.amountMinor ?? 0));
    };
    expect(codesOf(leaveOut)).toEqual(['shares_differ']);
  });

  it('is found out when it was asked for in other shares than it pays', () => {
    const shift = (stage: Stage) => {
      const [one, other] = ofTwo(stage).payout.event.transfers;
      if (one && other) [one.amountMinor, other.amountMinor] = [other.amountMinor, one.amountMinor];
    };
    expect(codesOf(shift)).toEqual(['floor_broken', 'shares_differ']);
  });
});
