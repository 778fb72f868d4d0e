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

/** An amount as an event says it, and the words for it in docs/audit-rules.md. */
export interface Amount {
  readonly words: string;
  readonly of: (said: Said) => number;
}

/** What an event posts between two kinds of account. */
export interface Flow {
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly by: Division;
  /** What the lines come to, by what the event says. Undefined: what came before decides, and the journey checks it. */
  readonly amount?: Amount;
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
  readonly dayOf?: (event: Said) => number | undefined;
}

/** The sum of what the event says under these names. */
function said(...names: readonly string[]): Amount {
  const words = names.map((name) => `\`${name}\``).join(' + ');
  return { words, of: (event) => names.reduce((sum, name) => sum + event.minor(name), 0) };
}

/** An amount of some events, and nothing of the others. */
function only(words: string, isSo: (event: Said) => boolean, { words: ofWhat, of }: Amount): Amount {
  return { words: `${ofWhat} ${words}`, of: (event) => (isSo(event) ? of(event) : 0) };
}

const flow = (debit: AccountKind, credit: AccountKind, by: Division, amount?: Amount, reverses?: true): Flow => ({
  debit,
  credit,
  by,
  ...(amount && { amount }),
  ...(reverses && { reverses }),
});

const AMOUNT = said('amountMinor');

/** The one shape of an event that says a change of budget; the other says the terms. */
export const isBudgetChange = (event: Said): boolean => event.has('budgetChangeId');

/** A payment outside of the platform was confirmed: the event says whose entry it was. */
export const isConfirmed = (event: Said): boolean => event.has('referenceSha256');

const raised: Amount = {
  words: '`amountMinor` above zero, where there is a `budgetChangeId`',
  of: (event) => (isBudgetChange(event) ? Math.max(event.minor('amountMinor'), 0) : 0),
};
const lowered: Amount = {
  words: 'what `amountMinor` is below zero',
  of: (event) => (isBudgetChange(event) ? Math.max(-event.minor('amountMinor'), 0) : 0),
};

/** What is done about a line of a batch gives budget back; what is done about a claim that only waits moves nothing. */
const RELEASE: readonly Flow[] = [flow('committed', 'budget', 'its_claim')];

const decisions: Readonly<Record<string, readonly Flow[]>> = {
  'contract.authorised': [flow('authorised', 'budget', 'one', raised), flow('budget', 'authorised', 'one', lowered)],
  'batch.submitted': [flow('budget', 'committed', 'one', said('committedMinor'))],
  'batch.approved': [
    flow('activity', 'accrued', 'claim', said('totalMinor')),
    flow('budget', 'committed', 'one'),
    flow('committed', 'spent', 'one', said('totalMinor', 'vatMinor')),
  ],
  'batch.rejected': [flow('committed', 'budget', 'one')],
  'claim.queried': RELEASE,
  'claim.rejected': RELEASE,
  'invoice.issued': [
    flow('accrued', 'owed', 'one', said('netMinor')),
    flow('vat_input', 'owed', 'one'), // the commissioner gets it back
    flow('activity', 'owed', 'one'), // or it is a cost
    flow('budget', 'spent', 'one'),
    flow('spent', 'budget', 'one'),
  ],
  'advance.approved': [flow('advance', 'owed', 'one', AMOUNT)],
  'advance.cancelled': [flow('owed', 'advance', 'one', AMOUNT, true)],
  'advance.recovered': [flow('owed', 'advance', 'one', AMOUNT)],
  'payout.requested': [
    flow('owed', 'in_transit', 'contract', AMOUNT),
    flow(
      'funds_reserved',
      'funds',
      'one',
      only('where `rail` is `stripe`', (event) => event.text('rail') === 'stripe', AMOUNT),
    ),
  ],
};

const BACK: readonly Flow[] = [
  flow('in_transit', 'owed', 'contract', AMOUNT, true),
  flow('funds', 'funds_reserved', 'one', undefined, true),
];

const facts: Readonly<Record<string, readonly Flow[]>> = {
  'funds.received': [flow('funds', 'bank', 'one', AMOUNT)],
  'funds.returned': [flow('bank', 'funds', 'one', AMOUNT, true)],
  'payout.refused': BACK,
  'payout.cancelled': BACK,
  'payout.sent': [flow('rail', 'funds_reserved', 'contract', AMOUNT)],
  'payout.paid': [
    flow(
      'in_transit',
      'rail',
      'contract',
      only('where there is no `referenceSha256`', (event) => !isConfirmed(event), AMOUNT),
    ),
    flow('in_transit', 'bank', 'contract', only('where there is a `referenceSha256`', isConfirmed, AMOUNT)),
  ],
  'payout.failed': [flow('rail', 'in_transit', 'contract')],
  'payout.returned': [flow('funds', 'rail', 'contract', AMOUNT), flow('in_transit', 'owed', 'contract', AMOUNT)],
};

const records: Readonly<Record<Doer, string>> = {
  provider: `session.recorded attendance.recorded milestone.recorded claim.submitted claim.answered claim.nil_declared
    claim.month_completed claim_file.received claim_file.refused claim_file.cancelled self_billing.accepted
    invoice.issue_authorised invoice.own_number_given payout_account.opened payout_account.change_proposed payout_account.update_link_given`,
  commissioner: `advance.proposed advance.declined advance.withdrawn organisation.registered service.added vat_treatment.set rate_card.published purchase_order.raised
    self_billing.proposed invoice.drafted payment_run.made payment_run.cancelled payment_run.finished payout.deferred payout.answer_lost
    payout.forwarded payout.retried payout.decided payout.return_requested payout.payment_entered remittance.issued
    payout_account.linked payout_account.activated payout_account.restricted payout_account.change_applied`,
  either: `referral.made referral.accepted referral.declined referral.closed referral.confirmed claim.withdrawn
    payout_account.change_confirmed payout_account.change_cancelled statement.exported command.refused key.issued
    key.revoked invitation.made invitation.revoked member.joined member.disabled member.enabled member.limit_changed
    member.roles_changed person.erased person.hold_placed person.hold_lifted text.redacted vat_registration.recorded
    vat_registration.ended service.described service.listed service.unlisted`,
};

const REVERSIBLE = new Set(['funds.received', 'payout.requested', 'advance.approved']);

const DAYS: Readonly<Record<string, (event: Said) => number | undefined>> = {
  'contract.authorised': (event) => event.day('effectiveOn'),
  'funds.received': (event) => event.day('receivedOn'),
  'payout.paid': (event) => (isConfirmed(event) ? event.day('paidOn') : undefined),
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
