import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { Destroyed, ErasureAsker, ErasureGround, HoldReason } from './erasure.rules.js';
import { destroyTexts } from './texts.queries.js';

/** The ciphertext goes before its key, and both before the row forgets by what the person was found. */
const DESTROY_CIPHERTEXTS = 'delete from person_vault where commissioner_id = $1 and person_id = $2';
const DESTROY_KEY = 'delete from person_key where commissioner_id = $1 and person_id = $2';

const COUNT_LOOK_UPS = `
select (num_nonnulls(blind_index, pseudonym, reference))::int as count from person where commissioner_id = $1 and id = $2`;

const FORGET = `
update person set reference = null, pseudonym = null, blind_index = null, commitment = null, twin = false, erased_at = $3
where commissioner_id = $1 and id = $2 and erased_at is null`;

const TELL = 'update referral set person_erased_at = $3 where commissioner_id = $1 and person_id = $2';

/**
 * Destroys what says who a person is, and what was written about their claims. The caller has locked the person and the
 * claims, and has found that it may.
 */
export async function destroyPerson(tx: Tx, commissionerId: string, personId: string, at: Date): Promise<Destroyed> {
  const key = [commissionerId, personId];
  const texts = await destroyTexts(tx, commissionerId, personId);
  const ciphertexts = await tx.execute(DESTROY_CIPHERTEXTS, key);
  const keys = await tx.execute(DESTROY_KEY, key);
  const [lookUps] = await tx.query<{ count: number }>(COUNT_LOOK_UPS, key);
  assert((await tx.execute(FORGET, [...key, at])) === 1, 'a person is erased once');
  await tx.execute(TELL, [...key, at]);
  return { keys, ciphertexts, lookUps: lookUps?.count ?? 0, texts };
}

const HOLD = 'update person set held_at = $3, hold_reason = $4 where commissioner_id = $1 and id = $2';

/** Puts a person under a hold; null for both lifts it. */
export async function holdPerson(
  tx: Tx,
  commissionerId: string,
  personId: string,
  hold: { readonly at: Date; readonly reason: HoldReason } | null,
): Promise<void> {
  await tx.execute(HOLD, [commissionerId, personId, hold?.at ?? null, hold?.reason ?? null]);
}

/** An erasure as its event tells it. */
export interface ErasureRecord extends Destroyed {
  readonly eventId: string;
  readonly erasedAt: Date;
  readonly ground: ErasureGround;
  readonly askedBy: ErasureAsker;
  readonly forced: boolean;
}

const RECORD = `
select e.id as "eventId", e.occurred_at as "erasedAt", d->>'ground' as ground, d->>'askedBy' as "askedBy",
       (d->>'forced')::boolean as forced, (d->>'keys')::int as keys, (d->>'ciphertexts')::int as ciphertexts,
       (d->>'lookUps')::int as "lookUps", coalesce((d->>'texts')::int, 0) as texts
from ledger.event e cross join lateral (select convert_from(e.body, 'UTF8')::jsonb -> 'data' as d) b
where e.commissioner_id = $1 and e.subject_id = $2 and e.type = 'person.erased' order by e.seq limit 1`;

export async function findErasure(
  reader: Reader,
  commissionerId: string,
  personId: string,
): Promise<ErasureRecord | undefined> {
  const [record] = await reader.query<ErasureRecord>(RECORD, [commissionerId, personId]);
  return record;
}
