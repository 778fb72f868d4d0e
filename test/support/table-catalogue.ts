/**
 * Every table of the product, by what it is: T, a tenant's (commissioner_id leads its keys); R, reference, the same for
 * all; P, the platform's own. A table that is not here fails the schema test, so that nobody forgets to decide.
 */
export const TABLES: Record<'T' | 'R' | 'P', readonly string[]> = {
  T: [
    'ledger.account',
    'ledger.balance',
    'ledger.event',
    'ledger.transfer',
    'public.attendance',
    'public.batch',
    'public.budget_change',
    'public.claim',
    'public.claim_file',
    'public.claim_file_failure',
    'public.claim_file_row',
    'public.claim_query',
    'public.claim_reminder_day',
    'public.completion_declaration',
    'public.contract',
    'public.contract_version',
    'public.document_file',
    'public.funding',
    'public.invoice',
    'public.invoice_series',
    'public.milestone',
    'public.nil_declaration',
    'public.noticed_event',
    'public.payment_run',
    'public.payment_run_wait',
    'public.payout',
    'public.payout_account',
    'public.payout_account_change',
    'public.payout_attempt',
    'public.payout_item',
    'public.person',
    'public.purchase_order',
    'public.rate_card',
    'public.referral',
    'public.self_billing_agreement',
    'public.service',
    'public.service_listing',
    'public.session',
    'public.vat_treatment',
    'public.webhook_event',
    'public.wording',
  ],
  R: ['ledger.chart', 'public.bank_holiday', 'public.organisation', 'public.vat_registration'],
  P: [
    'public.api_key',
    'public.dead_letter',
    'public.draft',
    'public.idempotency',
    'public.invitation',
    'public.login',
    'public.member',
    'public.notice',
    'public.oidc_identity',
    'public.outbox',
    'public.passkey',
    'public.recovery_code',
    'public.sign_in_challenge',
    'public.sign_in_throttle',
    'public.web_session',
  ],
};

/** Tables without row-level security, each with its reason. */
export const WITHOUT_POLICY: Record<string, string> = {
  'ledger.chart': 'the chart of accounts: the same for every commissioner, and nobody but its owner can write it',
};

/** Not ours: the migration tool's list of what ran. */
export const FOREIGN = ['public.migrations'];
