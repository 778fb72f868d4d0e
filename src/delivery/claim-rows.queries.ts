import { column, sendRows, type BulkColumn } from '../platform/bulk-insert.js';
import type { Tx } from '../platform/database.js';
import type { Claim } from './claim.entity.js';

/** A claim that no batch has seen: what it will have besides is null until then. */
const COLUMNS: readonly BulkColumn<Claim>[] = [
  column.uuid('commissioner_id', ({ commissionerId }) => commissionerId),
  column.uuid('id', ({ id }) => id),
  column.uuid('provider_id', ({ providerId }) => providerId),
  column.uuid('contract_id', ({ contractId }) => contractId),
  column.uuid('service_id', ({ serviceId }) => serviceId),
  column.uuid('rate_card_id', ({ rateCardId }) => rateCardId),
  column.text('fact_kind', ({ factKind }) => factKind),
  column.uuid('fact_id', ({ factId }) => factId),
  column.text('charge_kind', ({ chargeKind }) => chargeKind),
  column.uuid('referral_id', ({ referralId }) => referralId),
  column.uuid('person_id', ({ personId }) => personId),
  column.uuid('session_id', ({ sessionId }) => sessionId),
  column.uuid('attendance_id', ({ attendanceId }) => attendanceId),
  column.uuid('paid_to', ({ paidTo }) => paidTo),
  column.uuid('delivered_by', ({ deliveredBy }) => deliveredBy),
  column.date('served_on', ({ servedOn }) => servedOn),
  column.timestamptz('served_at', ({ servedAt }) => servedAt),
  column.date('period_ends_on', ({ periodEndsOn }) => periodEndsOn),
  column.date('for_period', ({ forPeriod }) => forPeriod),
  column.text('state', ({ state }) => state),
  column.bigint('provisional_minor', ({ provisionalMinor }) => provisionalMinor),
  column.bigint('indicative_minor', ({ indicativeMinor }) => indicativeMinor),
  column.jsonb('pricing', ({ pricing }) => JSON.stringify(pricing)),
  column.codes('flags', ({ flags }) => flags.join(' ')),
  column.text('line_kind', ({ lineKind }) => lineKind),
  column.int('units', ({ units }) => units),
  column.bigint('expected_minor', ({ expectedMinor }) => expectedMinor),
  column.text('your_reference', ({ yourReference }) => yourReference),
  column.uuid('claim_file_id', ({ claimFileId }) => claimFileId),
  column.int('row_number', ({ rowNumber }) => rowNumber),
  column.uuid('event_id', ({ eventId }) => eventId),
  column.timestamptz('submitted_at', ({ submittedAt }) => submittedAt),
  column.uuid('submitted_by', ({ submittedBy }) => submittedBy),
];

export function sendClaims(tx: Pick<Tx, 'send'>, claims: readonly Claim[]): void {
  sendRows(tx, 'claim', COLUMNS, claims);
}
