import type { Actor } from '../platform/actor.js';
import type { Database } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { Organisation } from './organisation.entity.js';

/**
 * The commissioner whose journal remembers what an organisation does with its people and its keys: a commissioner's own;
 * for a provider or a referrer that of the commissioner that registered it.
 */
export async function journalHomeOf(database: Database, { side, orgId }: Actor): Promise<string> {
  if (side === 'commissioner') return orgId;
  const own = await database.read({ side, orgId }, (reader) => reader.findOneBy(Organisation, { id: orgId }));
  assert(own?.registeredBy, 'a commissioner registers every provider and referrer');
  return own.registeredBy;
}

/** Beside what an actor's organisation did: it may read that itself. */
export function readersOf({ side, orgId }: Actor): { providerId: string | null; referrerId: string | null } {
  return { providerId: side === 'provider' ? orgId : null, referrerId: side === 'referrer' ? orgId : null };
}
