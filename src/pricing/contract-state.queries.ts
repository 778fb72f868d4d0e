import {
  as,
  eventsOf,
  latest,
  registerStateTable,
  registerText,
  said,
  saidHash,
  saidHashOfJson,
  saidText,
  type StateTable,
} from '../ledger/index.js';

const AUTHORISED = eventsOf('contract.authorised');

/** Beside the figures of a row: when and by whom it was made. */
const MADE = { created_at: as('t.occurred_at'), created_by: as('t.member_id') };

const CONTRACTS: StateTable = {
  table: 'contract',
  sentence: 'Every contract is what its first authorisation says.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${AUTHORISED}) t where not data ? 'budgetChangeId' and data->>'version' = '1'`,
  columns: { provider_id: as('t.provider_id'), code: said('code'), title: saidHash('titleSha256'), ...MADE },
};

const VERSIONS: StateTable = {
  table: 'contract_version',
  sentence: 'Every version of a contract is what its authorisation says.',
  key: ['contract_id', 'version'],
  told: `select t.*, subject_id as contract_id, (data->>'version')::int as version from (${AUTHORISED}) t
         where not data ? 'budgetChangeId'`,
  columns: {
    provider_id: as('t.provider_id'),
    effective_from: said('effectiveFrom', 'date'),
    agreed_on: said('agreedOn', 'date'),
    starts_on: said('startsOn', 'date'),
    ends_on: said('endsOn', 'date'),
    document_mode: said('documentMode'),
    standing_authority: said('standingAuthority', 'boolean'),
    rail: said('rail'),
    po_required: said('poRequired', 'boolean'),
    cost_code: said('costCode'),
    buyer_reference: said('buyerReference'),
    payables_address: saidHashOfJson('payablesAddressSha256'),
    payment_days: said('paymentDays', 'int'),
    claim_day: said('claimDay', 'int'),
    late_window_days: said('lateWindowDays', 'int'),
    decide_days: said('decideDays', 'int'),
    regime: said('regime'),
    budget_rule: said('budgetRule'),
    vat_recoverable: said('vatRecoverable', 'boolean'),
    ...MADE,
  },
};

const BUDGET_CHANGES: StateTable = {
  table: 'budget_change',
  sentence: 'Every change of a budget is what its event says.',
  key: ['id'],
  told: `select t.*, (data->>'budgetChangeId')::uuid as id from (${AUTHORISED}) t where data ? 'budgetChangeId'`,
  columns: {
    contract_id: as('t.subject_id'),
    provider_id: as('t.provider_id'),
    amount_minor: said('amountMinor', 'bigint'),
    effective_on: said('effectiveOn', 'date'),
    event_id: as('t.event_id'),
    ...saidText('reason', { name: 'reason' }),
    ...MADE,
  },
};

const PURCHASE_ORDERS: StateTable = {
  table: 'purchase_order',
  sentence: 'Every version of a purchase order is what its event says.',
  key: ['id'],
  told: `select t.*, (data->>'purchaseOrderId')::uuid as id from (${eventsOf('purchase_order.raised')}) t`,
  columns: {
    contract_id: as('t.subject_id'),
    provider_id: as('t.provider_id'),
    number: said('number'),
    version: said('version', 'int'),
    value_minor: said('valueMinor', 'bigint'),
    starts_on: said('startsOn', 'date'),
    ends_on: said('endsOn', 'date'),
    ...MADE,
  },
};

const SERVICES: StateTable = {
  table: 'service',
  sentence: 'Every service is what was said of it when it was added.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${eventsOf('service.added')}) t`,
  columns: {
    provider_id: as('t.provider_id'),
    code: said('code'),
    name: saidHash('nameSha256'),
    kind: said('kind'),
    created_at: as('t.occurred_at'),
  },
};

const VAT_TREATMENTS: StateTable = {
  table: 'vat_treatment',
  sentence: 'Every VAT treatment of a service is what its event says.',
  key: ['id'],
  told: `select t.*, (data->>'vatTreatmentId')::uuid as id from (${eventsOf('vat_treatment.set')}) t`,
  columns: {
    service_id: as('t.subject_id'),
    provider_id: as('t.provider_id'),
    effective_from: said('effectiveFrom', 'date'),
    category: said('category'),
    rate_basis_points: said('rateBasisPoints', 'int'),
    reason: said('reason'),
    ...MADE,
  },
};

const RATE_CARDS: StateTable = {
  table: 'rate_card',
  sentence: 'Every rate card is what was published.',
  key: ['id'],
  told: `select t.*, subject_id as id from (${eventsOf('rate_card.published')}) t`,
  columns: {
    contract_id: said('contractId', 'uuid'),
    provider_id: as('t.provider_id'),
    service_id: said('serviceId', 'uuid'),
    charge_kind: said('chargeKind'),
    basis: said('basis'),
    effective_from: said('effectiveFrom', 'date'),
    effective_to: said('effectiveTo', 'date'),
    agreed_on: said('agreedOn', 'date'),
    terms: saidHashOfJson('termsSha256'),
    published_at: as('t.occurred_at'),
    published_by: as('t.member_id'),
  },
};

const PROPOSED = `type = 'self_billing.proposed'`;
const ACCEPTED = `type = 'self_billing.accepted'`;

const AGREEMENTS: StateTable = {
  table: 'self_billing_agreement',
  sentence: 'Every self-billing agreement is what was proposed, and accepted by whom its event says.',
  key: ['id'],
  told: `
select commissioner_id, subject_id as id, ${latest('provider_id', PROPOSED)} as provider_id,
       ${latest('data', PROPOSED)} as data, ${latest('member_id', PROPOSED)} as proposed_by,
       ${latest('occurred_at', PROPOSED)} as created_at, ${latest('member_id', ACCEPTED)} as accepted_by,
       ${latest('occurred_at', ACCEPTED)} as accepted_at
from (${eventsOf('self_billing.proposed', 'self_billing.accepted')}) e group by 1, 2`,
  columns: {
    provider_id: as('t.provider_id'),
    vat_number: saidHash('vatNumberSha256'),
    starts_on: said('startsOn', 'date'),
    ends_on: said('endsOn', 'date'),
    proposed_by: as('t.proposed_by'),
    accepted_by: as('t.accepted_by'),
    accepted_at: as('t.accepted_at'),
    created_at: as('t.created_at'),
  },
};

/** Adds what was agreed to the tables that are held to the journal. */
export function registerContractState(): void {
  const states = [
    CONTRACTS,
    VERSIONS,
    BUDGET_CHANGES,
    PURCHASE_ORDERS,
    SERVICES,
    VAT_TREATMENTS,
    RATE_CARDS,
    AGREEMENTS,
  ];
  for (const state of states) registerStateTable(state);
  registerText({
    eventType: 'contract.authorised',
    name: 'reason',
    table: 'budget_change',
    column: 'reason',
    row: `s.id = (e.data->>'budgetChangeId')::uuid`,
  });
}
