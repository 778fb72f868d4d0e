import { Injectable } from '@nestjs/common';
import type { Actor } from '../../platform/actor.js';
import { DraftsService } from '../../sign-in/index.js';
import { Fields } from '../page/fields.rules.js';

/** What was typed into a form, from the form to the page on which it is checked and back. */
@Injectable()
export class FormDrafts {
  constructor(private readonly drafts: DraftsService) {}

  /**
   * Drafts leave out a field with ten digits that could be an NHS number, which ids and dates have by chance: so the
   * fields, none of which is about a person, are kept in another alphabet.
   */
  keep(actor: Actor, form: string, subject: string, fields: Fields): Promise<void> {
    const typed = Buffer.from(JSON.stringify(fields.values())).toString('base64url');
    return this.drafts.save(actor, form, subject, { typed });
  }

  async find(actor: Actor, form: string, subject: string): Promise<Fields | null> {
    const draft = await this.drafts.find(actor, form, subject);
    if (typeof draft?.typed !== 'string') return null;
    return new Fields(JSON.parse(Buffer.from(draft.typed, 'base64url').toString()) as Record<string, unknown>);
  }

  discard(actor: Actor, form: string, subject: string): Promise<void> {
    return this.drafts.discard(actor, form, subject);
  }
}
