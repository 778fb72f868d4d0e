/** What has states of its own, each in the words that a finding uses. Of `none` nothing is known yet. */
export const SUBJECTS = {
  referral: ['none', 'made', 'accepted', 'declined', 'closed'],
  claim: ['none', 'open', 'queried', 'in a batch', 'approved', 'rejected', 'withdrawn'],
  batch: ['none', 'under review', 'approved', 'rejected'],
  invoice: ['none', 'drafted', 'permitted', 'issued'],
  advance: ['none', 'proposed', 'declined', 'withdrawn', 'approved', 'cancelled'],
  'payment run': ['none', 'made', 'cancelled', 'finished'],
  payout: [
    'none',
    'requested',
    'sent',
    'paid',
    'failed',
    'returned',
    'cancelled',
    'unknown to the platform',
    'unknown to the bank',
  ],
  funding: ['none', 'received', 'returned'],
  agreement: ['none', 'proposed', 'accepted'],
  'payout account': ['none', 'opened', 'active', 'restricted'],
  'change of account': ['none', 'proposed', 'confirmed', 'applied', 'cancelled'],
} as const;

export type Subject = keyof typeof SUBJECTS;
export type StateOf<S extends Subject> = (typeof SUBJECTS)[S][number];

interface Steps<S extends Subject> {
  readonly of: S;
  /** To which state each leads, by type of event. */
  readonly steps: Readonly<Record<string, Readonly<Partial<Record<StateOf<S>, StateOf<S>>>>>>;
}

function steps<S extends Subject>(of: S, table: Steps<S>['steps']): Steps<S> {
  return { of, steps: table };
}

/** The journey of each subject: which event is possible in which state, and where it leads. What is not here cannot be. */
const JOURNEYS = [
  steps('referral', {
    'referral.made': { none: 'made' },
    'referral.accepted': { made: 'accepted' },
    'referral.declined': { made: 'declined' },
    'referral.closed': { accepted: 'closed' },
    'referral.confirmed': { made: 'made', accepted: 'accepted', declined: 'declined', closed: 'closed' },
  }),
  steps('claim', {
    'claim.submitted': { none: 'open' },
    'batch.submitted': { open: 'in a batch' },
    'claim.queried': { 'in a batch': 'queried' },
    'claim.answered': { queried: 'open' },
    'claim.rejected': { 'in a batch': 'rejected', queried: 'rejected' },
    'claim.withdrawn': { open: 'withdrawn', queried: 'withdrawn' },
    'batch.rejected': { 'in a batch': 'open' },
    'batch.approved': { 'in a batch': 'approved' },
  }),
  steps('batch', {
    'batch.submitted': { none: 'under review' },
    'claim.queried': { 'under review': 'under review' },
    'claim.rejected': { 'under review': 'under review' },
    'batch.approved': { 'under review': 'approved' },
    'batch.rejected': { 'under review': 'rejected' },
  }),
  steps('invoice', {
    'invoice.drafted': { none: 'drafted' },
    'invoice.issue_authorised': { drafted: 'permitted' },
    'invoice.own_number_given': { drafted: 'permitted' },
    'invoice.issued': { drafted: 'issued', permitted: 'issued' },
  }),
  steps('advance', {
    'advance.proposed': { none: 'proposed' },
    'advance.declined': { proposed: 'declined' },
    'advance.withdrawn': { proposed: 'withdrawn' },
    'advance.approved': { proposed: 'approved' },
    'advance.cancelled': { approved: 'cancelled' },
    'advance.recovered': { approved: 'approved' },
  }),
  steps('payment run', {
    'payment_run.made': { none: 'made' },
    'payment_run.cancelled': { made: 'cancelled' },
    'payment_run.finished': { made: 'finished' },
    // Two workers may carry out one run; what became payable meanwhile is started after the other has finished it.
    'payout.requested': { made: 'made', finished: 'finished' },
    'payout.deferred': { made: 'made', finished: 'finished' },
  }),
  steps('payout', {
    'payout.requested': { none: 'requested' },
    'payout.payment_entered': { requested: 'requested' },
    'payout.sent': { requested: 'sent', 'unknown to the platform': 'sent' },
    'payout.refused': { requested: 'cancelled', 'unknown to the platform': 'cancelled' },
    'payout.cancelled': { requested: 'cancelled', 'unknown to the platform': 'cancelled' },
    'payout.answer_lost': { requested: 'unknown to the platform', sent: 'unknown to the bank' },
    'payout.decided': {
      'unknown to the platform': 'unknown to the platform',
      'unknown to the bank': 'unknown to the bank',
    },
    'payout.forwarded': { sent: 'sent', 'unknown to the bank': 'sent', paid: 'paid' },
    'payout.paid': { requested: 'paid', sent: 'paid', 'unknown to the bank': 'paid' },
    'payout.failed': { sent: 'failed', 'unknown to the bank': 'failed', paid: 'failed' },
    'payout.retried': { failed: 'sent' },
    'payout.return_requested': { failed: 'failed' },
    'payout.returned': { sent: 'returned', failed: 'returned' },
  }),
  steps('funding', {
    'funds.received': { none: 'received' },
    'funds.returned': { received: 'returned' },
  }),
  steps('agreement', {
    'self_billing.proposed': { none: 'proposed' },
    'self_billing.accepted': { proposed: 'accepted' },
  }),
  steps('payout account', {
    'payout_account.opened': { none: 'opened' },
    'payout_account.activated': { opened: 'active', restricted: 'active' },
    'payout_account.restricted': { active: 'restricted' },
  }),
  steps('change of account', {
    'payout_account.change_proposed': { none: 'proposed' },
    'payout_account.change_confirmed': { proposed: 'confirmed' },
    'payout_account.change_applied': { confirmed: 'applied' },
    'payout_account.change_cancelled': { proposed: 'cancelled', confirmed: 'cancelled' },
  }),
] as const;

/** The same by subject, for whoever writes it down. */
export const STEPS: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> =
  Object.fromEntries(JOURNEYS.map(({ of, steps: table }) => [of, table]));

/** The place of a state among those of its subject: how it is kept. */
export function stateCode<S extends Subject>(of: S, state: StateOf<S>): number {
  const states: readonly string[] = SUBJECTS[of];
  return states.indexOf(state);
}

export function stateName(of: Subject, code: number): string {
  return SUBJECTS[of][code] ?? 'none';
}

const IMPOSSIBLE = -1;

/** By subject and type of event: the code of the state that each of the subject's states leads to. */
const TABLES: ReadonlyMap<Subject, ReadonlyMap<string, readonly number[]>> = new Map(
  JOURNEYS.map(({ of, steps: table }) => [
    of,
    new Map(Object.entries(table).map(([type, step]) => [type, codesOf(of, step)])),
  ]),
);

function codesOf(of: Subject, step: Readonly<Record<string, string>>): number[] {
  const states: readonly string[] = SUBJECTS[of];
  return states.map((state) => states.indexOf(step[state] ?? ''));
}

/** The code of the state that an event leads to; undefined when it cannot happen in this one. */
export function stepTo(of: Subject, type: string, from: number): number | undefined {
  const to = TABLES.get(of)?.get(type)?.[from] ?? IMPOSSIBLE;
  return to === IMPOSSIBLE ? undefined : to;
}

/** The states in which an event can happen to a subject. */
export function possibleIn(of: Subject, type: string): string[] {
  const table = TABLES.get(of)?.get(type) ?? [];
  return SUBJECTS[of].filter((_, from) => table[from] !== undefined && table[from] !== IMPOSSIBLE);
}
