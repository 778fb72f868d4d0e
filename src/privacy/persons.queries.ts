import type { Reader, Tx } from '../platform/database.js';
import type { HoldReason, PersonWork } from './erasure.rules.js';

/** A person as a row: opaque, but for what is sealed. */
export interface StoredPerson {
  readonly id: string;
  readonly commissionerId: string;
  readonly ownerOrgId: string;
  /** The organisation that referred the person first, whose reference it is. */
  readonly ownerName: string;
  readonly createdAt: Date;
  readonly heldAt: Date | null;
  readonly holdReason: HoldReason | null;
  readonly erasedAt: Date | null;
  /** Its reference or pseudonym waits to be moved to the vault. */
  readonly isUnmoved: boolean;
  /** SHA-256 in hexadecimal; null of one who was erased, who is anonymous, or who is not in the vault yet. */
  readonly commitment: string | null;
  readonly version: number | null;
  readonly wrapped: Buffer | null;
  readonly sealed: Buffer | null;
}

const COLUMNS = `
p.id, p.commissioner_id as "commissionerId", p.owner_org_id as "ownerOrgId", o.name as "ownerName",
p.created_at as "createdAt", p.held_at as "heldAt", p.hold_reason as "holdReason", p.erased_at as "erasedAt",
p.commitment is null and num_nonnulls(p.reference, p.pseudonym) > 0 as "isUnmoved",
encode(p.commitment, 'hex') as commitment, k.version, k.wrapped, v.sealed`;

const FROM = `
from person p join organisation o on o.id = p.owner_org_id
left join person_key k on k.commissioner_id = p.commissioner_id and k.person_id = p.id
left join person_vault v on v.commissioner_id = p.commissioner_id and v.person_id = p.id and v.kind = 'identity'`;

const ONE = `select ${COLUMNS} ${FROM} where p.commissioner_id = $1 and p.id = $2`;

export async function findPerson(
  reader: Reader,
  commissionerId: string,
  id: string,
): Promise<StoredPerson | undefined> {
  const [person] = await reader.query<StoredPerson>(ONE, [commissionerId, id]);
  return person;
}

/**
 * Keeps others from erasing, holding or referring the person until the transaction ends: a referral that is being made
 * either stands before, or does not find the person any more.
 */
const LOCK = 'select id from person where commissioner_id = $1 and id = $2 for update';

export async function lockPerson(tx: Tx, commissionerId: string, id: string): Promise<void> {
  await tx.query(LOCK, [commissionerId, id]);
}

/** $1 commissioner, $2 person. A claim is decided by its batch, or by its rejection or withdrawal. */
const WORK = `
with referred as (select id, state from referral where commissioner_id = $1 and person_id = $2),
claimed as (
  select c.state, b.state as batch from claim c
  left join batch b on b.commissioner_id = c.commissioner_id and b.id = c.batch_id
  where c.commissioner_id = $1 and c.referral_id in (select id from referred))
select (select count(*)::int from referred) as referrals,
       (select count(*)::int from referred where state in ('made', 'accepted')) as "openReferrals",
       (select count(*)::int from attendance a
        where a.commissioner_id = $1 and a.referral_id in (select id from referred)) as sessions,
       (select count(*)::int from claimed) as claims,
       (select count(*)::int from claimed where state = 'queried'
          or (state = 'submitted' and batch is distinct from 'approved')) as "undecidedClaims"`;

export async function readWork(reader: Reader, commissionerId: string, personId: string): Promise<PersonWork> {
  const [work] = await reader.query<PersonWork>(WORK, [commissionerId, personId]);
  return work ?? { referrals: 0, openReferrals: 0, sessions: 0, claims: 0, undecidedClaims: 0 };
}

/** A referral of a person, by the reference of the system that it came from. */
export interface PersonReferral {
  readonly id: string;
  readonly reference: string;
  readonly state: string;
  readonly madeOn: string;
  readonly providerName: string;
  readonly madeByName: string;
}

const REFERRALS = `
select r.id, r.reference, r.state, r.made_on as "madeOn", p.name as "providerName", b.name as "madeByName"
from referral r join organisation p on p.id = r.provider_id join organisation b on b.id = r.actor_org_id
where r.commissioner_id = $1 and r.person_id = $2 order by r.id desc limit $3`;

export function findPersonReferrals(
  reader: Reader,
  commissionerId: string,
  personId: string,
  limit: number,
): Promise<PersonReferral[]> {
  return reader.query<PersonReferral>(REFERRALS, [commissionerId, personId, limit]);
}

const LATEST_FIRST = `order by p.created_at desc, p.id limit $3`;

const OF_REFERRAL = `
select ${COLUMNS} ${FROM} where p.commissioner_id = $1
  and p.id in (select person_id from referral where commissioner_id = $1 and reference = $2) ${LATEST_FIRST}`;

const BY_PSEUDONYM = `select ${COLUMNS} ${FROM} where p.commissioner_id = $1 and p.pseudonym = $2 ${LATEST_FIRST}`;

/** Also a row that was not moved to the vault yet, by its text. */
const BY_INDEX = `
select ${COLUMNS} ${FROM} where p.commissioner_id = $1 and (p.blind_index = any ($2::bytea[]) or p.reference = $4)
${LATEST_FIRST}`;

export function findPersonsOfReferral(reader: Reader, commissionerId: string, reference: string, limit: number) {
  return reader.query<StoredPerson>(OF_REFERRAL, [commissionerId, reference, limit]);
}

export function findPersonsByPseudonym(reader: Reader, commissionerId: string, pseudonym: Buffer, limit: number) {
  return reader.query<StoredPerson>(BY_PSEUDONYM, [commissionerId, pseudonym, limit]);
}

export function findPersonsByReference(
  reader: Reader,
  commissionerId: string,
  indexes: readonly Buffer[],
  reference: string,
  limit: number,
) {
  return reader.query<StoredPerson>(BY_INDEX, [commissionerId, indexes, limit, reference]);
}

/** Who can have referred somebody to a commissioner: itself, those that it registered, those that have a contract. */
const OWNERS = `
select id from organisation where id = $1 or registered_by = $1
union select provider_id from contract where commissioner_id = $1`;

export async function findOwners(reader: Reader, commissionerId: string): Promise<string[]> {
  return (await reader.query<{ id: string }>(OWNERS, [commissionerId])).map(({ id }) => id);
}
