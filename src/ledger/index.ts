export {
  type Account,
  type AccountKind,
  type Book,
  type NormalSide,
  accountCode,
  accounts,
  CHART,
} from './accounts.js';
export { Apart, type CommandSpec, Commands, type DoneTogether, type PromisedAnswer } from './command.service.js';
export { alreadyReversed, balanceTooLow } from './ledger.errors.js';
export {
  checkInvariants,
  type Finding,
  type Invariant,
  type InvariantQuery,
  LEDGER_INVARIANTS,
  registerInvariant,
} from './invariants.queries.js';
export { LedgerModule } from './ledger.module.js';
export {
  type ContractBudget,
  LedgerService,
  type NewEvent,
  type NewTransfer,
  type PostedEvent,
  type Posting,
  type RecordedEvent,
  type Reversed,
} from './ledger.service.js';
export {
  as,
  type BoundTable,
  eventsOf,
  type Judgement,
  latest,
  mine,
  registerStateTable,
  said,
  saidBytes,
  saidHash,
  saidHashOfJson,
  sha256Of,
  since,
  stateInvariant,
  type StateTable,
  stateTables,
} from './state-table.queries.js';
export {
  type BoundText,
  bindText,
  registerText,
  saidOfText,
  saidText,
  type TextPlace,
  textPlaces,
  unsaltedTexts,
} from './text.queries.js';
