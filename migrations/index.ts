import { Platform1764000000001 } from './0001-platform.js';
import { Ledger1764000000002 } from './0002-ledger.js';
import { Organisations1764000000003 } from './0003-organisations.js';
import { Contracts1764000000004 } from './0004-contracts.js';
import { Delivery1764000000005 } from './0005-delivery.js';
import { Batches1764000000006 } from './0006-batches.js';
import { Payouts1764000000007 } from './0007-payouts.js';
import { SignIn1764000000008 } from './0008-sign-in.js';
import { PayoutAccountChanges1764000000009 } from './0009-payout-account-changes.js';
import { ServiceListings1764000000011 } from './0011-service-listings.js';
import { Wording1764000000012 } from './0012-wording.js';
import { Notices1764000000013 } from './0013-notices.js';
import { CompletionDeclarations1764000000014 } from './0014-completion-declarations.js';
import { ReferralServices1764000000016 } from './0016-referral-services.js';
import { BudgetReasons1764000000017 } from './0017-budget-reasons.js';
import { References1764000000019 } from './0019-references.js';
import { Sealing1764000000020 } from './0020-sealing.js';
import { Vault1764000000021 } from './0021-vault.js';
import { DerivableState1764000000022 } from './0022-derivable-state.js';
import { Publishing1764000000023 } from './0023-publishing.js';
import { Figures1764000000024 } from './0024-figures.js';
import { ClaimSpeed1764000000025 } from './0025-claim-speed.js';
import { SessionDays1764000000026 } from './0026-session-days.js';
import { AttendanceDays1764000000027 } from './0027-attendance-days.js';
import { ReferralPersons1764000000028 } from './0028-referral-persons.js';
import { WiderIndexes1764000000029 } from './0029-wider-indexes.js';
import { Advances1764000000032 } from './0032-advances.js';
import { PostingPlans1764000000036 } from './0036-posting-plans.js';
import { TextSalts1764000000037 } from './0037-text-salts.js';
import { SessionKeys1764000000038 } from './0038-session-keys.js';
import { FewerIndexes1764000000039 } from './0039-fewer-indexes.js';
import { TransferReferences1764000000042 } from './0042-transfer-references.js';
import { Causes1764000000043 } from './0043-causes.js';
import { FewerCauses1764000000044 } from './0044-fewer-causes.js';
import { RowsOfSessions1764000000050 } from './0050-rows-of-sessions.js';
import { RowsOfSessionsChecked1764000000051 } from './0051-rows-of-sessions-checked.js';
import { SessionsOfFiles1764000000052 } from './0052-sessions-of-files.js';
import { UntoldNews1764000000055 } from './0055-untold-news.js';
import { OneIndexOfNews1764000000056 } from './0056-one-index-of-news.js';
import { TiesByKey1764000000057 } from './0057-ties-by-key.js';
import { CopiedClusters1764000000058 } from './0058-copied-clusters.js';
import { TiesAtOnce1764000000059 } from './0059-ties-at-once.js';
import { SeldomAskedStatistics1764000000060 } from './0060-seldom-asked-statistics.js';

/** Every migration, in order. A released one is never edited. */
export const migrations = [
  Platform1764000000001,
  Ledger1764000000002,
  Organisations1764000000003,
  Contracts1764000000004,
  Delivery1764000000005,
  Batches1764000000006,
  Payouts1764000000007,
  SignIn1764000000008,
  PayoutAccountChanges1764000000009,
  ServiceListings1764000000011,
  Wording1764000000012,
  Notices1764000000013,
  CompletionDeclarations1764000000014,
  ReferralServices1764000000016,
  BudgetReasons1764000000017,
  References1764000000019,
  Sealing1764000000020,
  Vault1764000000021,
  DerivableState1764000000022,
  Publishing1764000000023,
  Figures1764000000024,
  ClaimSpeed1764000000025,
  SessionDays1764000000026,
  AttendanceDays1764000000027,
  ReferralPersons1764000000028,
  WiderIndexes1764000000029,
  Advances1764000000032,
  PostingPlans1764000000036,
  TextSalts1764000000037,
  SessionKeys1764000000038,
  FewerIndexes1764000000039,
  TransferReferences1764000000042,
  Causes1764000000043,
  FewerCauses1764000000044,
  RowsOfSessions1764000000050,
  RowsOfSessionsChecked1764000000051,
  SessionsOfFiles1764000000052,
  UntoldNews1764000000055,
  OneIndexOfNews1764000000056,
  TiesByKey1764000000057,
  CopiedClusters1764000000058,
  TiesAtOnce1764000000059,
  SeldomAskedStatistics1764000000060,
];
