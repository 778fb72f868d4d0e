/** Whose side of the database a transaction stands on: one PostgreSQL role each. */
export type Side = 'commissioner' | 'provider' | 'referrer' | 'intake' | 'sealer' | 'relay' | 'auth' | 'public';

/** The role and the organisation that row-level security sees in a transaction. */
export interface Scope {
  readonly side: Side;
  readonly orgId: string | null;
}

export const ROLES = [
  'referrer',
  'coordinator',
  'treasurer',
  'contract_manager',
  'approver',
  'finance',
  'auditor',
  'admin',
  'operator',
] as const;
/** What a member may do for an organisation. */
export type Role = (typeof ROLES)[number];

export const SERVICE_SCOPES = [
  'contracts:read',
  'contracts:write',
  'referrals:read',
  'referrals:write',
  'delivery:read',
  'delivery:write',
  'claims:read',
  'claims:write',
  'invoices:read',
  'payouts:read',
  'statements:read',
  'events:read',
] as const;
/** What a service key may do. Approving and paying are not among them: they need a named person. */
export type ServiceScope = (typeof SERVICE_SCOPES)[number];

/** Who acts: a person through a personal key, a program through a service key, or the system itself. */
export interface Actor extends Scope {
  readonly kind: 'person' | 'service' | 'system';
  readonly side: Side;
  readonly orgId: string;
  readonly memberId: string | null;
  readonly keyId: string | null;
  readonly roles: readonly Role[];
  readonly scopes: readonly ServiceScope[];
  /** The most that this person may approve at once; null is no limit. */
  readonly approvalLimitMinor: bigint | null;
  readonly correlationId: string;
  /** From the `Idempotency-Key` header, with the hash of method, path and body. */
  readonly idempotencyKey?: string;
  readonly requestHash?: Buffer;
}

/** A worker that acts for a commissioner: a job carries an id, the row read back says whose it is. */
export function systemActor(commissionerId: string, correlationId: string): Actor {
  return {
    kind: 'system',
    side: 'commissioner',
    orgId: commissionerId,
    memberId: null,
    keyId: null,
    roles: [],
    scopes: [],
    approvalLimitMinor: null,
    correlationId,
  };
}
