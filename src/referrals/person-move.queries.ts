import type { Reader, Tx } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';

/** A person whose reference or pseudonym is not in the vault yet. Its text or bytes, one of both. */
export interface UnmovedPerson {
  readonly id: string;
  readonly ownerOrgId: string;
  readonly reference: string | null;
  readonly pseudonym: Buffer | null;
}

/** A person to be stored in the vault. */
export interface MovedPerson {
  readonly id: string;
  /** Null for one who is known by an NHS number. */
  readonly blindIndex: Buffer | null;
  readonly commitment: Buffer;
  readonly wrapped: Buffer;
  readonly sealed: Buffer;
}

/** Commissioners that have such persons: the relay's policy shows it no others. */
const DUE = `select distinct commissioner_id as "commissionerId", commissioner_id as id from person`;

export function findCommissionersToMove(reader: Reader): Promise<TopicData[]> {
  return reader.query<TopicData>(DUE);
}

const UNMOVED = 'commissioner_id = $1 and commitment is null and (reference is not null or pseudonym is not null)';

const LOCK = `
select id, owner_org_id as "ownerOrgId", reference, pseudonym from person
where ${UNMOVED} order by id limit $2 for update skip locked`;

export function lockUnmoved(tx: Tx, commissionerId: string, limit: number): Promise<UnmovedPerson[]> {
  return tx.query<UnmovedPerson>(LOCK, [commissionerId, limit]);
}

const COUNT = `select count(*)::int as count from person where ${UNMOVED}`;

export async function countUnmoved(reader: Reader, commissionerId: string): Promise<number> {
  const [row] = await reader.query<{ count: number }>(COUNT, [commissionerId]);
  return row?.count ?? 0;
}

/** $1 commissioner, $2 version, $3 ids, $4 blind indexes, $5 commitments, $6 wrapped keys, $7 ciphertexts. */
const MOVE = `
with moved as (
  select * from unnest($3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[])
    m (id, blind_index, commitment, wrapped, sealed)),
keys as (insert into person_key (commissioner_id, person_id, version, wrapped) select $1, id, $2, wrapped from moved),
vault as (
  insert into person_vault (commissioner_id, person_id, kind, version, sealed)
  select $1, id, 'identity', $2, sealed from moved)
update person p
set reference = null, blind_index = m.blind_index, commitment = m.commitment,
    twin = m.blind_index is not null and exists (
      select from person o where o.commissioner_id = $1 and o.blind_index = m.blind_index and not o.twin)
from moved m where p.commissioner_id = $1 and p.id = m.id`;

export async function moveToVault(
  tx: Tx,
  commissionerId: string,
  version: number,
  moved: readonly MovedPerson[],
): Promise<void> {
  await tx.execute(MOVE, [
    commissionerId,
    version,
    moved.map(({ id }) => id),
    moved.map(({ blindIndex }) => blindIndex),
    moved.map(({ commitment }) => commitment),
    moved.map(({ wrapped }) => wrapped),
    moved.map(({ sealed }) => sealed),
  ]);
}
