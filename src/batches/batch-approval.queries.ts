import { hash } from 'node:crypto';
import type { BoundText } from '../ledger/index.js';
import type { Minor } from '../money/index.js';
import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { PRICING_OF_CLAIMS, SUMS_OF_CLAIMS } from './batches.queries.js';

/** What a batch holds now, as far as its approval goes. */
export interface BatchToPost {
  /** Lower-case hexadecimal. */
  readonly digest: string;
  /** By what the claims are priced, in lower-case hexadecimal. */
  readonly pricing: string;
  readonly flaggedCount: number;
  /** By claim id. */
  readonly lines: readonly { readonly claimId: string; readonly netMinor: Minor }[];
}

interface BatchRow {
  readonly batchId: string;
  readonly digest: string;
  readonly pricing: string;
  readonly flaggedCount: number;
  readonly claimIds: string[];
  readonly pricesMinor: bigint[];
}

/** $1 commissioner, $2 batches. */
const TO_POST = `
select s.batch_id as "batchId", encode(s.digest, 'hex') as digest, s.pricing, s.flagged as "flaggedCount",
       s.claim_ids as "claimIds", s.prices as "pricesMinor"
from (select c.batch_id, ${SUMS_OF_CLAIMS}, ${PRICING_OF_CLAIMS}, (count(*) filter (where cardinality(c.flags) > 0))::int as flagged,
             array_agg(c.id order by c.id) as claim_ids, array_agg(c.price_minor order by c.id) as prices
      from claim c join ledger.event e on e.commissioner_id = c.commissioner_id and e.id = c.event_id
      where c.commissioner_id = $1 and c.batch_id = any ($2::uuid[]) group by c.batch_id) s`;

const NO_BYTES = hash('sha256', '');
const EMPTY: BatchToPost = { digest: NO_BYTES, pricing: NO_BYTES, flaggedCount: 0, lines: [] };

/** What each of the batches holds, in one look. */
export async function readApprovals(
  reader: Reader,
  commissionerId: string,
  batchIds: readonly string[],
): Promise<ReadonlyMap<string, BatchToPost>> {
  const rows = await reader.query<BatchRow>(TO_POST, [commissionerId, batchIds]);
  const held = new Map(
    rows.map(({ batchId, claimIds, pricesMinor, ...row }) => {
      const lines = claimIds.map((claimId, index) => ({ claimId, netMinor: pricesMinor[index] ?? 0n }));
      return [batchId, { ...row, lines }];
    }),
  );
  return new Map(batchIds.map((id) => [id, held.get(id) ?? EMPTY]));
}

/** $1 commissioner, $2 by whom, $3 when, $4 batches, $5 their events, $6 why flagged lines are approved, $7 its salts. */
const APPROVE = `
update batch b set state = 'approved', uncommitted_minor = 0, decided_by = $2, decided_at = $3, approved_event_id = t.event_id,
                   flags_reason = t.flags_reason, flags_reason_salt = t.salt
from unnest($4::uuid[], $5::uuid[], $6::text[], $7::bytea[]) as t (id, event_id, flags_reason, salt)
where b.commissioner_id = $1 and b.id = t.id and b.state = 'submitted'`;

/** Marks batches, which are locked, as approved. */
export async function approveBatches(
  tx: Tx,
  decision: { readonly commissionerId: string; readonly decidedBy: string | null; readonly decidedAt: Date },
  approved: readonly { readonly id: string; readonly eventId: string; readonly because: BoundText | undefined }[],
): Promise<void> {
  const changed = await tx.execute(APPROVE, [
    decision.commissionerId,
    decision.decidedBy,
    decision.decidedAt,
    approved.map(({ id }) => id),
    approved.map(({ eventId }) => eventId),
    approved.map(({ because }) => because?.text ?? null),
    approved.map(({ because }) => because?.salt ?? null),
  ]);
  assert(changed === approved.length, 'a batch is decided once, under its lock');
}
