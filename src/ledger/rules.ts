/** The pure part of the ledger, for programs that have no database: what is hashed, how, and the chart of accounts. */
export {
  type Account,
  type AccountKind,
  type Book,
  type NormalSide,
  accountCode,
  accounts,
  CHART,
} from './accounts.js';
export { type EventActor, eventBody, type StoredEvent } from './event.rules.js';
export {
  accountId,
  CURRENCY,
  LEAF_AT,
  LEAF_BYTES,
  type Sha256,
  type Transfer,
  transferLeafInput,
  type TransfersDigest,
  transfersDigest,
} from './transfer.rules.js';
