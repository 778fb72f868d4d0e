import { Injectable } from '@nestjs/common';
import { Commands, LedgerService, textPlaces } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { Database, type Scope, type Tx } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { pageOf, type Page } from '../platform/page.js';
import type { ErasureRequest } from './erasure.rules.js';
import { findPerson, lockPerson } from './persons.queries.js';
import { personHeld, textGone } from './privacy.errors.js';
import { findPersonOfClaim, findTexts, redactText, type TextFilter, type WrittenText } from './texts.queries.js';

/** Free texts that people wrote about claims, batches, contracts and advances, for the commissioner that answers for them. */
@Injectable()
export class TextsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
  ) {}

  /** Texts, the latest first, each by the event that binds it. */
  list(scope: Scope & { readonly orgId: string }, filter: Omit<TextFilter, 'id'>): Promise<Page<WrittenText>> {
    return this.database.read(scope, async (reader) =>
      pageOf(await findTexts(reader, scope.orgId, { ...filter, limit: filter.limit + 1 }), filter.limit),
    );
  }

  /** @throws not_found where no text was bound by an event of this id */
  get(scope: Scope & { readonly orgId: string }, id: string): Promise<WrittenText> {
    return this.database.read(scope, async (reader) => {
      const [text] = await findTexts(reader, scope.orgId, { id, limit: 1 });
      if (!text) throw notFound();
      return text;
    });
  }

  /**
   * Destroys one text and its salt, by the event that binds it. The event stays, and every proof of it holds. Nobody can
   * undo it.
   *
   * @throws not_found, text.already_gone; person.on_hold for a text about a claim of a person under a legal hold
   */
  redact(actor: Actor, id: string, request: Pick<ErasureRequest, 'ground' | 'askedBy'>): Promise<WrittenText> {
    const spec = { name: 'text.redact', commissionerId: actor.orgId, subjectId: id };
    return this.commands.run(actor, spec, async (tx) => {
      const commissionerId = actor.orgId;
      const [text] = await findTexts(tx, commissionerId, { id, limit: 1 });
      const place = text && textPlaces().get(text.eventType);
      if (!text || !place) throw notFound();
      if (text.claimId !== null) await this.refuseHeld(tx, commissionerId, text.claimId);
      if (!(await redactText(tx, commissionerId, place, id))) throw textGone();
      const { subjectId, providerId, isSalted } = text;
      const { ground, askedBy } = request;
      await this.ledger.record(tx, {
        commissionerId,
        type: 'text.redacted',
        subjectId,
        actor,
        providerId,
        causeId: id,
        data: { text: place.name, ground, askedBy, isSalted },
      });
      const [redacted] = await findTexts(tx, commissionerId, { id, limit: 1 });
      assert(redacted?.text === null, 'what was redacted is gone');
      return redacted;
    });
  }

  private async refuseHeld(tx: Tx, commissionerId: string, claimId: string): Promise<void> {
    const personId = await findPersonOfClaim(tx, commissionerId, claimId);
    if (personId === undefined) return;
    await lockPerson(tx, commissionerId, personId);
    const person = await findPerson(tx, commissionerId, personId);
    if (person && person.heldAt !== null) throw personHeld();
  }
}
