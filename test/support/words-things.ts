import { BATCH_STATES, LINE_STATES } from '../../src/batches/batch.rules.js';
import { CLAIM_STATES } from '../../src/delivery/claim.entity.js';
import { MODES, OUTCOMES } from '../../src/delivery/sessions.schemas.js';
import { COSTS, DAYS, PLACES } from '../../src/directory/listing.rules.js';
import type { InvoiceUnit } from '../../src/invoicing/invoice-lines.rules.js';
import { DOCUMENT_KINDS, INVOICE_SPLITS, INVOICE_STATES, INVOICE_WAITS } from '../../src/invoicing/issue.rules.js';
import { VAT_CATEGORIES } from '../../src/money/index.js';
import { LEGAL_FORMS, ORGANISATION_KINDS } from '../../src/organisations/organisation.entity.js';
import { ADVANCE_REASONS, ADVANCE_STANDINGS } from '../../src/payouts/advance.rules.js';
import type { WaitReason } from '../../src/payouts/payout-account.rules.js';
import { CHANGE_STATES } from '../../src/payouts/payout-account-change.entity.js';
import type { Observation } from '../../src/payouts/payout-observer.service.js';
import { PAYOUT_STATES } from '../../src/payouts/payout-state.rules.js';
import type { AttemptOutcome, AttemptStep } from '../../src/payouts/payout-step.rules.js';
import { PaymentRunView } from '../../src/payouts/payouts.schemas.js';
import type { UnknownReason } from '../../src/payouts/rail.js';
import { BUDGET_RULES, DOCUMENT_MODES, RAILS, REGIMES, SERVICE_KINDS } from '../../src/pricing/contract.rules.js';
import { PRIMARY, type LineKind, type Unit } from '../../src/pricing/index.js';
import type {
  Basis,
  BlockTerms,
  EarningFact,
  GroupSplitTerms,
  HourTerms,
  Supplement,
  Tiers,
} from '../../src/pricing/rate-card.rules.js';
import { SERVICE_VAT_REASONS, type VatReason } from '../../src/pricing/vat-treatment.rules.js';
import { REFERRAL_SOURCES, REFERRAL_STATES } from '../../src/referrals/referral.entity.js';
import { CLOSE_REASONS, DECLINE_REASONS } from '../../src/referrals/referral.rules.js';
import type { PasswordProblem } from '../../src/sign-in/password.rules.js';
import { HOLD_CODES } from '../../src/sealing/checkpoint-signing.rules.js';
import { SIGN_IN_METHODS } from '../../src/sign-in/web-session.entity.js';
import type { StatementLineKind } from '../../src/statements/statement.document.js';
import { STATEMENT_FORMATS, STATEMENT_PARTIES } from '../../src/statements/statements.schemas.js';
import { ERASURE_ASKERS, ERASURE_GROUNDS, HOLD_REASONS } from '../../src/privacy/erasure.rules.js';
import { TRACE_KINDS } from '../../src/assurance/trace.rules.js';
import type { Book } from '../../src/ledger/accounts.js';
import { ACCESS_KINDS } from '../../src/platform/access-log.js';
import { SERVICE_SCOPES } from '../../src/platform/actor.js';
import { LOCALES } from '../../src/words/index.js';

/** The members of a type: one that is left out does not compile. */
function all<T extends string>(members: Readonly<Record<T, true>>): readonly string[] {
  return Object.keys(members);
}

const named = (list: string): string[] => list.split(' ');
const yes = true as const;
/** Ours, in payouts/. */
const OUR_REASONS =
  'not_sealed not_to_be_found rail_contradicts needs_decision balance_unread balance_pending throttled not_authorised refused';
/** Stripe's, of its errors and of its bank payouts (docs.stripe.com/api/payouts/failures), and the states they end in. */
const STRIPE_REASONS =
  'balance_insufficient insufficient_funds account_closed account_frozen bank_account_restricted bank_ownership_changed ' +
  'could_not_process debit_not_authorized declined incorrect_account_holder_name incorrect_account_holder_details ' +
  'invalid_account_number invalid_currency no_account canceled failed';
const UNKNOWN_REASONS = all<UnknownReason>({
  connection: yes,
  server_error: yes,
  key_in_use: yes,
  key_reused: yes,
  answer_mismatch: yes,
});

/** Every thing that a page shows in words, and all its values. */
export const THINGS: Readonly<Record<string, readonly string[]>> = {
  referral: REFERRAL_STATES,
  confirmation: ['confirmed', 'unconfirmed'],
  referral_source: REFERRAL_SOURCES,
  decline_reason: DECLINE_REASONS,
  person: ['known', 'held', 'erased'],
  hold_reason: HOLD_REASONS,
  erasure_ground: ERASURE_GROUNDS,
  erasure_asker: ERASURE_ASKERS,
  access_kind: ACCESS_KINDS,
  close_reason: CLOSE_REASONS,
  session_kind: ['one_to_one', 'group'],
  session_mode: MODES,
  session_outcome: ['held', 'cancelled', 'cancelled_late'],
  attendance: OUTCOMES,
  claim: [...new Set([...CLAIM_STATES, ...LINE_STATES])],
  claim_line: all<LineKind>({ delivered: yes, did_not_attend: yes, cancelled_late: yes, nil: yes }),
  earning_fact: all<EarningFact>({ attendance: yes, session: yes, referral: yes, milestone: yes, period: yes }),
  claim_file: ['receiving', 'received', 'refused', 'cancelled'],
  query: ['open', 'answered', 'closed'],
  batch: BATCH_STATES,
  invoice: INVOICE_STATES,
  invoice_wait: INVOICE_WAITS,
  document_kind: DOCUMENT_KINDS,
  invoice_split: INVOICE_SPLITS,
  advance: ADVANCE_STANDINGS,
  advance_reason: ADVANCE_REASONS,
  payout: PAYOUT_STATES,
  payout_reason: [...named(OUR_REASONS), ...named(STRIPE_REASONS), ...UNKNOWN_REASONS, 'unlisted'],
  payment_run: PaymentRunView.shape.state.options,
  payment_wait: all<WaitReason>({
    not_onboarded: yes,
    account_pending: yes,
    account_restricted: yes,
    account_change_pending: yes,
    insufficient_funds: yes,
    owed_too_low: yes,
  }),
  payout_account: ['pending', 'active', 'restricted'],
  payout_account_change: CHANGE_STATES,
  payout_account_change_kind: ['details', 'link'],
  attempt_step: all<AttemptStep>({ transfer: yes, bank_payout: yes, reversal: yes }),
  attempt: all<AttemptOutcome>({ planned: yes, calling: yes, done: yes, refused: yes, unknown: yes, failed: yes }),
  rail_notice: ['received', 'done', 'parked'],
  rail_notice_reason: [...all<Observation>({ moved: yes, known: yes, unexpected: yes, foreign: yes }), 'nothing'],
  service_kind: SERVICE_KINDS,
  document_mode: DOCUMENT_MODES,
  rail: RAILS,
  regime: REGIMES,
  budget_rule: BUDGET_RULES,
  legal_form: LEGAL_FORMS,
  organisation_kind: ORGANISATION_KINDS,
  vat_category: VAT_CATEGORIES,
  vat_reason: [...SERVICE_VAT_REASONS, 'not_registered', 'grant'] satisfies VatReason[],
  basis: all<Basis>({
    session: yes,
    attendance: yes,
    group_split: yes,
    hour: yes,
    referral: yes,
    milestone: yes,
    block: yes,
    recognised: yes,
  }),
  unit: all<Unit | InvoiceUnit>({
    session: yes,
    person: yes,
    hour: yes,
    referral: yes,
    milestone: yes,
    month: yes,
    charge: yes,
  }),
  charge_kind: [PRIMARY],
  tier_mode: all<Tiers['mode']>({ marginal: yes, whole_volume: yes }),
  tier_per: all<Tiers['per']>({ contract: yes, month: yes }),
  split_by: all<GroupSplitTerms['splitBy']>({ booked: yes, present: yes }),
  minute_rounding: all<HourTerms['minuteRounding']>({ up: yes, down: yes, nearest: yes }),
  block_rule: all<NonNullable<BlockTerms['ceiling']>['rule']>({
    flag: yes,
    in_proportion: yes,
    each_further_unit: yes,
  }),
  supplement: all<Supplement['kind']>({ fixed: yes, percentage: yes }),
  self_billing: ['proposed', 'accepted'],
  listing_cost: COSTS,
  listing_places: PLACES,
  listing: ['yes', 'no'],
  weekday: DAYS,
  member: ['active', 'disabled'],
  invitation: ['open', 'used', 'expired'],
  sign_in_method: SIGN_IN_METHODS,
  password_problem: all<PasswordProblem>({
    too_short: yes,
    too_long: yes,
    known_word: yes,
    too_common: yes,
    pattern: yes,
  }),
  language: LOCALES,
  scope: SERVICE_SCOPES,
  statement_line: all<StatementLineKind>({
    invoice: yes,
    credit_note: yes,
    grant_notice: yes,
    payout: yes,
    payout_returned: yes,
    payment_outside: yes,
    repayment: yes,
    adjustment: yes,
  }),
  statement_party: STATEMENT_PARTIES,
  file_format: STATEMENT_FORMATS,
  trace_kind: TRACE_KINDS,
  book: all<Book>({ money: yes, budget: yes }),
  balance_side: ['debit', 'credit'],
  notice: named(
    'referral_waiting claim_due query rejection remittance batch_waiting bank_details_changed credential_added ' +
      'credential_removed invitation',
  ),
  notice_sent_to: ['mailbox', 'outbox_page'],
  notice_given_up: ['member_disabled', 'invitation_over', 'too_old', 'not_taken'],
  log_hold: HOLD_CODES,
};

/** Which thing a column of the database holds; null for what nobody is shown in words, with the reason. */
export const COLUMNS: Readonly<Record<string, string | null>> = {
  'ledger.chart.book': 'book',
  'organisation.kind': 'organisation_kind',
  'organisation.legal_form': 'legal_form',
  'contract_version.document_mode': 'document_mode',
  'contract_version.rail': 'rail',
  'contract_version.regime': 'regime',
  'contract_version.budget_rule': 'budget_rule',
  'service.kind': 'service_kind',
  'vat_treatment.category': 'vat_category',
  'vat_treatment.reason': 'vat_reason',
  'rate_card.basis': 'basis',
  'session.kind': 'session_kind',
  'session.mode': 'session_mode',
  'session.outcome': 'session_outcome',
  'attendance.outcome': 'attendance',
  'claim_file.state': 'claim_file',
  'claim.fact_kind': 'earning_fact',
  'claim.state': 'claim',
  'claim.line_kind': 'claim_line',
  'claim_tally.line_kind': 'claim_line',
  'referral.source': 'referral_source',
  'referral.state': 'referral',
  'batch.state': 'batch',
  'document_file.kind': null, // how a file is kept
  'invoice_series.kind': 'document_kind',
  'invoice.split': 'invoice_split',
  'invoice.kind': 'document_kind',
  'invoice.state': 'invoice',
  'invoice.waits_for': 'invoice_wait',
  'payout_account.rail': 'rail',
  'payout_account.state': 'payout_account',
  'payout.rail': 'rail',
  'payout.state': 'payout',
  'payout_attempt.step': 'attempt_step',
  'payout_attempt.outcome': 'attempt',
  'webhook_event.state': 'rail_notice',
  'login.locale': 'language',
  'sign_in_challenge.kind': null, // a step between two pages
  'web_session.method': 'sign_in_method',
  'advance.state': 'advance',
  'advance.reason_code': 'advance_reason',
  'payout_account_change.kind': 'payout_account_change_kind',
  'payout_account_change.state': 'payout_account_change',
  'payout_account_change.confirmed_side': 'organisation_kind',
  'service_listing.cost': 'listing_cost',
  'service_listing.places': 'listing_places',
  'wording.locale': 'language',
  'notice.kind': 'notice',
  'notice.sent_to': 'notice_sent_to',
  'notice.given_up_because': 'notice_given_up',
  'person_vault.kind': null, // what a ciphertext is of
  'access_log.actor_kind': null, // said by the words of events: by.<kind>.<side>
  'access_log.kind': 'access_kind',
  'ledger.log_hold.code': 'log_hold',
};
