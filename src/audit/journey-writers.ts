import { EVENT_TYPES } from './event-types.rules.js';
import { ADVANCE_WRITERS } from './journey-advances.js';
import { BATCH_WRITERS } from './journey-batch-tape.js';
import { CLAIM_WRITERS } from './journey-claims.js';
import { CONTRACT_WRITERS } from './journey-contracts.js';
import { DELIVERY_WRITERS } from './journey-delivery.js';
import { INVOICE_WRITERS } from './journey-invoice-tape.js';
import { RUN_WRITERS } from './journey-payment-runs.js';
import { ACCOUNT_WRITERS } from './journey-payout-accounts.js';
import { PAYOUT_WRITERS } from './journey-payout-tape.js';
import type { WriteSaid } from './journey-reading.js';
import { TEXT_WRITERS } from './journey-texts.js';
import { STATEMENT_WRITERS } from './replay-statements.js';

const WRITERS: Readonly<Record<string, WriteSaid>> = {
  ...CONTRACT_WRITERS,
  ...DELIVERY_WRITERS,
  ...CLAIM_WRITERS,
  ...BATCH_WRITERS,
  ...INVOICE_WRITERS,
  ...ADVANCE_WRITERS,
  ...RUN_WRITERS,
  ...ACCOUNT_WRITERS,
  ...PAYOUT_WRITERS,
  ...STATEMENT_WRITERS,
  ...TEXT_WRITERS,
};

/** What is written of the `data` of each type, in the order of the types; undefined where nothing is needed of it. */
export const WRITER_OF: readonly (WriteSaid | undefined)[] = EVENT_TYPES.map(({ name }) => WRITERS[name]);
