import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { Batch } from './batch.entity.js';

/**
 * What a batch adds up to, from the claims that it holds. Its digest is SHA-256 over the lines in the order of their claim
 * ids: claim id (16 bytes), leaf hash of the event that submitted the claim (32 bytes), fixed price (8 bytes, big-endian).
 * Of no lines it is that of no bytes. One text for the sums that are stored, checked at approval, and audited.
 */
export const SUMS_OF_CLAIMS = `
  count(c.id)::int as line_count,
  (count(c.id) filter (where not (c.price_minor = 0 and c.indicative_minor > 0)))::int as charge_count,
  coalesce(sum(c.price_minor), 0)::bigint as total_minor, coalesce(sum(c.indicative_minor), 0)::bigint as indicative_minor,
  sha256(coalesce(string_agg(uuid_send(c.id) || e.leaf_hash || int8send(c.price_minor), ''::bytea order by c.id), ''::bytea))
    as digest`;

/**
 * By what the lines of a batch are priced: SHA-256 over claim id (16 bytes) and the SHA-256 of card, indicative amount,
 * reasons and flags, kind and units as the database writes them, in the order of their claim ids. Events bind it beside
 * the digest, which a reviewer has seen.
 */
export const PRICING_OF_CLAIMS = `
  encode(sha256(coalesce(string_agg(uuid_send(c.id) || sha256(convert_to(concat_ws('|', c.rate_card_id, c.indicative_minor,
    c.pricing, c.flags, c.line_kind, c.units), 'UTF8')), ''::bytea order by c.id), ''::bytea)), 'hex') as pricing`;

/** $1 commissioner, $2 batch. */
const PRICING = `select ${PRICING_OF_CLAIMS} from claim c where c.commissioner_id = $1 and c.batch_id = $2`;

/** $1 commissioner, $2 batch. */
const SUMS = `
select ${SUMS_OF_CLAIMS}
from claim c join ledger.event e on e.commissioner_id = c.commissioner_id and e.id = c.event_id
where c.commissioner_id = $1 and c.batch_id = $2`;

const STORE_SUMS = `
update batch b
set line_count = s.line_count, charge_count = s.charge_count, total_minor = s.total_minor,
    indicative_minor = s.indicative_minor, digest = s.digest, vat_minor = $3, uncommitted_minor = $4
from (${SUMS}) s where b.commissioner_id = $1 and b.id = $2`;

/** Brings the sums and the digest of a batch in line with the claims that it holds. */
export async function storeSums(
  tx: Tx,
  { commissionerId, id }: Pick<Batch, 'commissionerId' | 'id'>,
  vatMinor: Minor,
  uncommittedMinor: Minor,
): Promise<void> {
  const stored = await tx.execute(STORE_SUMS, [commissionerId, id, vatMinor.toString(), uncommittedMinor.toString()]);
  assert(stored === 1, 'the batch is there');
}

/** By what the claims of a batch are priced now, in lower-case hexadecimal. */
export async function pricingNow(reader: Reader, batch: Pick<Batch, 'commissionerId' | 'id'>): Promise<string> {
  const [row] = await reader.query<{ pricing: string }>(PRICING, [batch.commissionerId, batch.id]);
  assert(row, 'an aggregate has one row');
  return row.pricing;
}

/** A claim in a batch, as far as money goes. */
export interface HeldClaim {
  readonly claimId: string;
  readonly serviceId: string;
  readonly servedOn: IsoDate;
  readonly netMinor: Minor;
  readonly flagged: boolean;
}

export function heldClaims(reader: Reader, batch: Pick<Batch, 'commissionerId' | 'id'>): Promise<HeldClaim[]> {
  return reader.query<HeldClaim>(
    `select id as "claimId", service_id as "serviceId", served_on as "servedOn", price_minor as "netMinor",
            cardinality(flags) > 0 as flagged
     from claim where commissioner_id = $1 and batch_id = $2 order by id`,
    [batch.commissionerId, batch.id],
  );
}

/** The contracts of a provider that have claims without a batch up to a period, in the order in which to lock them. */
export async function contractsWithOpenClaims(
  reader: Reader,
  commissionerId: string,
  providerId: string,
  period: IsoDate,
): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(
    `select distinct contract_id as id from claim
     where commissioner_id = $1 and provider_id = $2 and state = 'submitted' and batch_id is null and for_period <= $3
     order by contract_id`,
    [commissionerId, providerId, period],
  );
  return rows.map(({ id }) => id);
}

/** How many batches the contract has had for the period, and which of them is under review. */
export async function batchesOfPeriod(
  reader: Reader,
  contractId: string,
  period: IsoDate,
): Promise<{ count: number; underReview: string | null }> {
  const [row] = await reader.query<{ count: number; underReview: string | null }>(
    `select count(*)::int as count, max(code) filter (where state = 'submitted') as "underReview"
     from batch where contract_id = $1 and period = $2`,
    [contractId, period],
  );
  assert(row, 'an aggregate has one row');
  return row;
}
