import type { AccountKind } from '../ledger/rules.js';
import type { Said } from './replay-said.rules.js';

/**
 * What an event is to the ledger. A record moves nothing. A decision may be refused at a floor. A fact has happened outside,
 * and is posted whatever it does to a balance.
 */
export type Nature = 'record' | 'decision' | 'fact';

/** Whose people or programs do it: with `either`, whoever the event concerns. */
export type Doer = 'commissioner' | 'provider' | 'either';

/**
 * Lines of one pair of accounts. How they are divided: one line; one for each contract; one for each claim; or one that
 * names the claim that the event is about.
 */
export type Division = 'one' | 'contract' | 'claim' | 'its_claim';

/** What an event posts between two kinds of account. */
export interface Flow {
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly by: Division;
  /** What the lines come to, by what the event says. Undefined: what came before decides, and the journey checks it. */
  readonly minorOf?: (said: Said) => number;
  /** Moves back what an earlier transfer moved, and names it. */
  readonly reverses?: true;
}

export interface EventType {
  readonly name: string;
  readonly nature: Nature;
  readonly by: Doer;
  readonly flows: readonly Flow[];
  /** Its transfers can be reversed. */
  readonly isReversible: boolean;
  /** Says on which day its money counts; else that is the day on which it was recorded, in London. */
  readonly dayOf?: (said: Said) => number | undefined;
}

const amount = (said: Said): number => said.minor('amountMinor');
const total = (said: Said): number => said.minor('totalMinor');
const above = (minor: number): number => Math.max(minor, 0);

const flow = (
  debit: AccountKind,
  credit: AccountKind,
  by: Division,
  minorOf?: (said: Said) => number,
  reverses?: true,
): Flow => ({ debit, credit, by, ...(minorOf && { minorOf }), ...(reverses && { reverses }) });

/** The one shape of an event that says a change of budget; the other says the terms. */
export const isBudgetChange = (said: Said): boolean => said.has('budgetChangeId');

/** A payment outside of the platform was confirmed: the event says whose entry it was. */
export const isConfirmed = (said: Said): boolean => said.has('referenceSha256');

const budgetChange = (said: Said): number => (isBudgetChange(said) ? amount(said) : 0);

/** What is done about a line of a batch gives budget back; what is done about a claim that only waits moves nothing. */
const RELEASE: readonly Flow[] = [flow('committed', 'budget', 'its_claim')];

const decisions: Readonly<Record<string, readonly Flow[]>> = {
  'contract.authorised': [
    flow('authorised', 'budget', 'one', (said) => above(budgetChange(said))),
    flow('budget', 'authorised', 'one', (said) => above(-budgetChange(said))),
  ],
  'batch.submitted': [flow('budget', 'committed', 'one', (said) => said.minor('committedMinor'))],
  'batch.approved': [
    flow('activity', 'accrued', 'claim', total),
    flow('budget', 'committed', 'one'),
    flow('committed', 'spent', 'one', (said) => total(said) + said.minor('vatMinor')),
  ],
  'batch.rejected': [flow('committed', 'budget', 'one')],
  'claim.queried': RELEASE,
  'claim.rejected': RELEASE,
  'invoice.issued': [
    flow('accrued', 'owed', 'one', (said) => said.minor('netMinor')),
    flow('vat_input', 'owed', 'one'), // the commissioner gets it back
    flow('activity', 'owed', 'one'), // or it is a cost
    flow('budget', 'spent', 'one'),
    flow('spent', 'budget', 'one'),
  ],
  'payout.requested': [
    flow('owed', 'in_transit', 'contract', amount),
    flow('funds_reserved', 'funds', 'one', (said) => (said.text('rail') === 'stripe' ? amount(said) : 0)),
  ],
};

const BACK: readonly Flow[] = [
  flow('in_transit', 'owed', 'contract', amount, true),
  flow('funds', 'funds_reserved', 'one', undefined, true),
];

const facts: Readonly<Record<string, readonly Flow[]>> = {
  'funds.received': [flow('funds', 'bank', 'one', amount)],
  'funds.returned': [flow('bank', 'funds', 'one', amount, true)],
  'payout.refused': BACK,
  'payout.cancelled': BACK,
  'payout.sent': [flow('rail', 'funds_reserved', 'contract', amount)],
  'payout.paid': [
    flow('in_transit', 'rail', 'contract', (said) => (isConfirmed(said) ? 0 : amount(said))),
    flow('in_transit', 'bank', 'contract', (said) => (isConfirmed(said) ? amount(said) : 0)),
  ],
  'payout.failed': [flow('rail', 'in_transit', 'contract')],
  'payout.returned': [flow('funds', 'rail', 'contract', amount), flow('in_transit', 'owed', 'contract', amount)],
};

const records: Readonly<Record<Doer, string>> = {
  provider: `session.recorded attendance.recorded milestone.recorded claim.submitted claim.answered claim.nil_declared
    claim.month_completed claim_file.received claim_file.refused self_billing.accepted invoice.issue_authorised
    invoice.own_number_given payout_account.opened payout_account.change_proposed payout_account.update_link_given`,
  commissioner: `organisation.registered service.added vat_treatment.set rate_card.published purchase_order.raised
    self_billing.proposed invoice.drafted payment_run.made payment_run.cancelled payment_run.finished payout.deferred payout.answer_lost
    payout.forwarded payout.retried payout.decided payout.return_requested payout.payment_entered remittance.issued
    payout_account.linked payout_account.activated payout_account.restricted payout_account.change_applied`,
  either: `referral.made referral.accepted referral.declined referral.closed referral.confirmed claim.withdrawn
    payout_account.change_confirmed payout_account.change_cancelled statement.exported command.refused key.issued
    key.revoked invitation.made invitation.revoked member.joined member.disabled member.enabled member.limit_changed
    member.roles_changed person.erased person.hold_placed person.hold_lifted vat_registration.recorded
    vat_registration.ended service.described service.listed service.unlisted`,
};

const REVERSIBLE = new Set(['funds.received', 'payout.requested']);

const DAYS: Readonly<Record<string, (said: Said) => number | undefined>> = {
  'contract.authorised': (said) => said.day('effectiveOn'),
  'payout.paid': (said) => (isConfirmed(said) ? said.day('paidOn') : undefined),
};

/** Every type of event that this version knows: what it is, whose it is, and what it posts. */
export const EVENT_TYPES: readonly EventType[] = [
  ...moving('decision', decisions),
  ...moving('fact', facts),
  ...(Object.entries(records) as [Doer, string][]).flatMap(([by, names]) =>
    names.split(/\s+/).map((name) => typeOf(name, 'record', by, [])),
  ),
];

/** A type is written on the tape as its place here, counted from 1; 0 is one that this version does not know. */
export const TYPE_CODES: ReadonlyMap<string, number> = new Map(EVENT_TYPES.map(({ name }, place) => [name, place + 1]));

function moving(nature: 'decision' | 'fact', posted: Readonly<Record<string, readonly Flow[]>>): EventType[] {
  return Object.entries(posted).map(([name, flows]) => typeOf(name, nature, 'commissioner', flows));
}

function typeOf(name: string, nature: Nature, by: Doer, flows: readonly Flow[]): EventType {
  const dayOf = DAYS[name];
  return { name, nature, by, flows, isReversible: REVERSIBLE.has(name), ...(dayOf && { dayOf }) };
}
