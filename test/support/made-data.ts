import { hash } from 'node:crypto';
import type { CanonicalObject } from '../../src/platform/canonical-json.js';

/** Stands for the hash of whatever is not at hand. */
export const SHA = hash('sha256', 'made');

/** What the one rate card says of one person. */
export const PRICE_MINOR = 3_200n;

export const TERMS: CanonicalObject = {
  agreedOn: '2026-03-01',
  budgetRule: 'refuse',
  buyerReference: null,
  claimDay: 5,
  costCode: null,
  decideDays: 10,
  documentMode: 'provider_issued',
  effectiveFrom: '2026-03-01',
  endsOn: '2099-12-31',
  lateWindowDays: 90,
  payablesAddressSha256: SHA,
  paymentDays: 30,
  poRequired: false,
  rail: 'stripe',
  regime: 'procurement_act',
  standingAuthority: true,
  startsOn: '2026-03-01',
  titleSha256: SHA,
  vatRecoverable: true,
  version: 1,
};

export const CARD: CanonicalObject = {
  agreedOn: '2026-03-01',
  basis: 'attendance',
  chargeKind: 'primary',
  effectiveFrom: '2026-03-01',
  effectiveTo: null,
  termsSha256: SHA,
};

export const REFERRAL: CanonicalObject = {
  lawfulBasisSha256: SHA,
  sessionsPlanned: null,
  sharingAgreementSha256: null,
  source: 'nhs',
  unconfirmed: false,
};

export const SESSION: CanonicalObject = {
  booked: null,
  cancelledAt: null,
  durationMinutes: 60,
  evidenceSha256: null,
  kind: 'one_to_one',
  mode: null,
  outcome: null,
  startRecorded: true,
};

export const CLAIM: CanonicalObject = {
  chargeKind: 'primary',
  expectedMinor: null,
  flags: [],
  indicativeMinor: 0n,
  lineKind: 'delivered',
  provisionalMinor: PRICE_MINOR,
  quantity: 1,
  reasons: [{ code: 'unit_price', unit: 'person', unitMinor: PRICE_MINOR }],
  unit: 'person',
  unitPriceMinor: PRICE_MINOR,
  units: 1,
};
