import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { notFound, type DomainError } from '../platform/errors.js';
import { destroyPerson, holdPerson } from './erasure.queries.js';
import { whyNotErase, type ErasureRefusal, type ErasureRequest, type HoldReason } from './erasure.rules.js';
import { findPerson, lockPerson, readWork, type StoredPerson } from './persons.queries.js';
import { PersonsService, type PersonInFull } from './persons.service.js';
import { forceNotLawful, personErased, personHeld, personNeeded, personNotHeld } from './privacy.errors.js';
import { lockClaims } from './texts.queries.js';

/** Erases people who were referred, and keeps from it those who are under a legal hold. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly persons: PersonsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Destroys the key of a person, what was sealed under it, everything by which the person is found, and what was written
   * about their claims. Amounts, states and events stay, and every proof of them holds. Nobody can undo it.
   *
   * @throws not_found for somebody else's, person.already_erased, person.on_hold
   * @throws person.still_needed with what is open; person.force_not_lawful when the ground does not permit to pass it over
   */
  erase(actor: Actor, id: string, request: ErasureRequest): Promise<PersonInFull> {
    return this.command(actor, id, 'person.erase', async (tx, person) => {
      const { commissionerId } = person;
      await lockClaims(tx, commissionerId, id);
      const work = await readWork(tx, commissionerId, id);
      const refusal = whyNotErase(person, work, request);
      if (refusal) throw errorOf(refusal);
      const erasedAt = this.clock.now();
      const destroyed = await destroyPerson(tx, commissionerId, id, erasedAt);
      const { referrals, openReferrals, claims, undecidedClaims } = work;
      await this.ledger.record(tx, {
        commissionerId,
        type: 'person.erased',
        subjectId: id,
        actor,
        occurredAt: erasedAt,
        data: {
          ground: request.ground,
          askedBy: request.askedBy,
          forced: openReferrals + undecidedClaims > 0,
          ...destroyed,
          referrals,
          openReferrals,
          claims,
          undecidedClaims,
        },
      });
    });
  }

  /** Nothing about the person may be destroyed until the hold is lifted. @throws person.already_erased, person.on_hold */
  hold(actor: Actor, id: string, reason: HoldReason): Promise<PersonInFull> {
    return this.command(actor, id, 'person.hold', async (tx, { commissionerId, erasedAt, heldAt }) => {
      if (erasedAt !== null) throw personErased();
      if (heldAt !== null) throw personHeld();
      const at = this.clock.now();
      await holdPerson(tx, commissionerId, id, { at, reason });
      const event = {
        commissionerId,
        type: 'person.hold_placed',
        subjectId: id,
        actor,
        occurredAt: at,
        data: { reason },
      };
      await this.ledger.record(tx, event);
    });
  }

  /** @throws person.not_on_hold */
  release(actor: Actor, id: string): Promise<PersonInFull> {
    return this.command(actor, id, 'person.release', async (tx, { commissionerId, heldAt }) => {
      if (heldAt === null) throw personNotHeld();
      await holdPerson(tx, commissionerId, id, null);
      await this.ledger.record(tx, { commissionerId, type: 'person.hold_lifted', subjectId: id, actor, data: {} });
    });
  }

  private command(
    actor: Actor,
    id: string,
    name: string,
    work: (tx: Tx, person: StoredPerson) => Promise<void>,
  ): Promise<PersonInFull> {
    const commissionerId = actor.orgId;
    return this.commands.run(actor, { name, commissionerId, subjectId: id }, async (tx) => {
      await lockPerson(tx, commissionerId, id);
      const person = await findPerson(tx, commissionerId, id);
      if (!person) throw notFound();
      await work(tx, person);
      return withoutSecret(await this.persons.read(tx, commissionerId, id));
    });
  }
}

/** The answer of a command is kept under its idempotency key: who the person is does not belong there. */
function withoutSecret(person: PersonInFull): PersonInFull {
  return { ...person, secret: null };
}

function errorOf(refusal: ErasureRefusal): DomainError {
  switch (refusal.why) {
    case 'erased':
      return personErased();
    case 'held':
      return personHeld();
    case 'force_not_lawful':
      return forceNotLawful();
    case 'open_work':
      return personNeeded({ openReferrals: refusal.openReferrals, undecidedClaims: refusal.undecidedClaims });
    default:
      return refusal satisfies never;
  }
}
