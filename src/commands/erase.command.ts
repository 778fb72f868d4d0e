import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createApp } from '../app.js';
import { systemActor } from '../platform/actor.js';
import { readConfig } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { isUuid } from '../platform/ids.js';
import {
  ERASURE_ASKERS,
  ERASURE_GROUNDS,
  ErasureService,
  PersonsService,
  type ErasureRequest,
  type KnownPerson,
  type PersonInFull,
} from '../privacy/index.js';
import { openRuntime } from '../runtime.js';
import { expectedError } from './expected-error.js';

const USAGE = `wellpaid erase PERSON|REFERRAL-REFERENCE --ground GROUND --asked-by WHO [--force] [--commissioner CODE] [--yes]
  GROUND: ${ERASURE_GROUNDS.join(', ')}
  WHO: ${ERASURE_ASKERS.join(', ')}
  --force also with open work, on the grounds unlawful and legal_obligation; --yes erases, and without it nothing is done`;

/** Whom to erase, as an operator names them. */
export interface EraseCall extends ErasureRequest {
  /** The id of a person, or the reference of a referral. */
  readonly sought: string;
  /** Only in the books of the commissioner with this code. */
  readonly commissioner: string | undefined;
  /** Without it nothing is done. */
  readonly sure: boolean;
}

/**
 * `wellpaid erase PERSON|REFERRAL-REFERENCE`: erases a person in the books of whichever commissioner has them, for whoever can
 * run this program on the database. Nobody can undo it, so that it shows first what would go.
 */
export async function eraseCommand(arguments_: string[]): Promise<number> {
  const call = readEraseCall(arguments_);
  const runtime = await openRuntime(readConfig(), { work: false });
  try {
    const app = await createApp(runtime);
    try {
      const lines = await eraseAs(runtime.database, app.get(PersonsService), app.get(ErasureService), call);
      process.stdout.write(`${lines.join('\n')}\n`);
    } finally {
      await app.close();
    }
  } finally {
    await runtime.stop();
  }
  return 0;
}

/** @throws an expected error that says how it is called */
export function readEraseCall(arguments_: string[]): EraseCall {
  const options = {
    ground: { type: 'string' },
    'asked-by': { type: 'string' },
    commissioner: { type: 'string' },
    force: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: arguments_, options, allowPositionals: true });
    const [sought, ...rest] = positionals;
    const ground = ERASURE_GROUNDS.find((one) => one === values.ground);
    const askedBy = ERASURE_ASKERS.find((one) => one === values['asked-by']);
    if (sought !== undefined && rest.length === 0 && ground !== undefined && askedBy !== undefined) {
      const { commissioner, force, yes: sure } = values;
      return { sought, ground, askedBy, commissioner, force, sure };
    }
  } catch (error) {
    throw expectedError(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
  throw expectedError(`Usage: ${USAGE}`);
}

/** Finds the one person that is meant, and erases them when the operator is sure. Gives what to print. */
export async function eraseAs(
  database: Database,
  persons: PersonsService,
  erasures: ErasureService,
  { sought, commissioner, sure, ...request }: EraseCall,
): Promise<string[]> {
  const found: KnownPerson[] = [];
  for (const { id: orgId } of await commissionersOf(database, commissioner)) {
    found.push(...(await findIn(persons, orgId, sought)));
  }
  const [person, another] = found;
  if (!person) throw expectedError(`Nobody is known by ${sought}.`);
  if (another) {
    const each = found.map((one) => `  ${one.id} of ${one.ownerName}`).join('\n');
    throw expectedError(`Several people are known by ${sought}; name one by its id:\n${each}`);
  }
  if (!sure) return plan(person);
  try {
    const actor = systemActor(person.commissionerId, randomUUID());
    return report(await erasures.erase(actor, person.id, request));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { openReferrals, undecidedClaims } = error.details as Partial<KnownPerson['work']>;
    const open =
      openReferrals === undefined ? '' : ` (open referrals: ${openReferrals}, undecided claims: ${undecidedClaims})`;
    throw expectedError(`${error.message}${open}`);
  }
}

async function commissionersOf(database: Database, code: string | undefined): Promise<{ id: string }[]> {
  return database.read({ side: 'auth', orgId: null }, (reader) =>
    reader.query<{ id: string }>(
      `select id from organisation where kind = 'commissioner' and ($1::text is null or code = $1) order by code`,
      [code ?? null],
    ),
  );
}

async function findIn(persons: PersonsService, orgId: string, sought: string): Promise<readonly KnownPerson[]> {
  const scope = { side: 'commissioner', orgId } as const;
  if (!isUuid(sought.toLowerCase())) return persons.find(scope, { referralReference: sought });
  try {
    return [await persons.get(scope, sought.toLowerCase())];
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'not_found') return [];
    throw error;
  }
}

function plan({ id, ownerName, createdAt, heldAt, erasedAt, work }: KnownPerson): string[] {
  const state = erasedAt !== null ? 'erased already' : heldAt !== null ? 'under a legal hold' : 'can be looked up';
  return [
    `Person ${id}, first referred by ${ownerName} on ${createdAt.toISOString().slice(0, 10)}: ${state}.`,
    `Referrals: ${work.referrals} (open: ${work.openReferrals}). Attendances: ${work.sessions}. ` +
      `Claims: ${work.claims} (undecided: ${work.undecidedClaims}).`,
    'Nothing was done. With --yes the key is destroyed, and what was written about the claims; nobody can undo that.',
  ];
}

function report({ id, erasure }: PersonInFull): string[] {
  if (!erasure) throw new Error('An erased person has a record of it');
  const { eventId, keys, ciphertexts, lookUps, texts, remains } = erasure;
  return [
    `Person ${id} is erased. Destroyed: keys ${keys}, ciphertexts ${ciphertexts}, look-ups ${lookUps}, texts ${texts}.`,
    `Event ${eventId} says so.`,
    'What remains, and why:',
    ...remains.flatMap(({ means, count, why, find }) => [
      `- ${means}${count === null ? '' : ` (${count})`}`,
      `  ${why}`,
      `  See ${find}.`,
    ]),
  ];
}
