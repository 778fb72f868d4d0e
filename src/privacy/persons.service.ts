import { Injectable } from '@nestjs/common';
import { parseNhsNumber } from '../identifiers/index.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import { Database, type Reader, type Scope } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { Pseudonyms } from '../platform/pseudonyms.js';
import { nhsNumberInvalid, PersonVault, type PersonSecret } from '../referrals/index.js';
import { findErasure, type ErasureRecord } from './erasure.queries.js';
import { remainsOf, type PersonWork, type Remaining } from './erasure.rules.js';
import {
  findOwners,
  findPerson,
  findPersonReferrals,
  findPersonsByPseudonym,
  findPersonsByReference,
  findPersonsOfReferral,
  readWork,
  type PersonReferral,
  type StoredPerson,
} from './persons.queries.js';
import { countUnsalted } from './texts.queries.js';

/** By what somebody looks for a person: one of these. */
export type PersonSearch =
  | { readonly personReference: string }
  | { readonly nhsNumber: string }
  | { readonly referralReference: string };

/** A person as far as the controller needs to know them, without the ciphertext. */
export type KnownPerson = Omit<StoredPerson, 'version' | 'wrapped' | 'sealed'> & { readonly work: PersonWork };

/** What is left to say of a person, and who it is as long as anybody can know. */
export interface PersonInFull extends KnownPerson {
  /** Who it is, with the salt of the commitment; null of one who was erased, who is anonymous, or not in the vault yet. */
  readonly secret: PersonSecret | null;
  /** The latest. */
  readonly referrals: readonly PersonReferral[];
  readonly erasure: (ErasureRecord & { readonly remains: readonly Remaining[] }) | null;
}

const FOUND_MAX = 20;
const REFERRALS_MAX = 200;

/** People who were referred, for the commissioner that is the controller of what is known of them. */
@Injectable()
export class PersonsService {
  constructor(
    private readonly database: Database,
    private readonly vault: PersonVault,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  /**
   * Persons by the reference of another system, by NHS number, or by the reference of a referral; at most 20, the latest
   * first. The same reference at two organisations is two persons.
   *
   * @throws referral.nhs_number_invalid
   */
  find(scope: Scope & { readonly orgId: string }, search: PersonSearch): Promise<KnownPerson[]> {
    return this.database.read(scope, async (reader) => {
      const found: KnownPerson[] = [];
      for (const person of await this.search(reader, scope.orgId, search)) {
        found.push(known(person, await readWork(reader, scope.orgId, person.id)));
      }
      return found;
    });
  }

  /** @throws not_found */
  get(scope: Scope & { readonly orgId: string }, id: string): Promise<PersonInFull> {
    return this.database.read(scope, (reader) => this.read(reader, scope.orgId, id));
  }

  /** @throws not_found */
  async read(reader: Reader, commissionerId: string, id: string): Promise<PersonInFull> {
    const person = await findPerson(reader, commissionerId, id);
    if (!person) throw notFound();
    const work = await readWork(reader, commissionerId, id);
    const erasure = person.erasedAt === null ? undefined : await findErasure(reader, commissionerId, id);
    return {
      ...known(person, work),
      secret: this.secretOf(person),
      referrals: await findPersonReferrals(reader, commissionerId, id, REFERRALS_MAX),
      erasure: erasure
        ? { ...erasure, remains: remainsOf({ ...work, hashes: await countUnsalted(reader, commissionerId, id) }) }
        : null,
    };
  }

  private async search(reader: Reader, commissionerId: string, search: PersonSearch): Promise<StoredPerson[]> {
    if ('referralReference' in search) {
      return findPersonsOfReferral(reader, commissionerId, foldReference(search.referralReference), FOUND_MAX);
    }
    if ('nhsNumber' in search) {
      const parsed = parseNhsNumber(search.nhsNumber);
      if (!parsed.ok) throw nhsNumberInvalid();
      const pseudonym = this.pseudonyms.of(commissionerId, parsed.value);
      return findPersonsByPseudonym(reader, commissionerId, pseudonym, FOUND_MAX);
    }
    const { personReference } = search;
    const owners = await findOwners(reader, commissionerId);
    const indexes = owners.map((owner) => this.vault.indexOf(commissionerId, owner, personReference));
    return findPersonsByReference(reader, commissionerId, indexes, personReference, FOUND_MAX);
  }

  private secretOf({ commissionerId, id, version, wrapped, sealed }: StoredPerson): PersonSecret | null {
    if (version === null || wrapped === null || sealed === null) return null;
    return this.vault.open(commissionerId, id, { version, wrapped, sealed });
  }
}

function known({ version: _version, wrapped: _key, sealed: _sealed, ...person }: StoredPerson, work: PersonWork) {
  return { ...person, work };
}
