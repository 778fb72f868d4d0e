import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { ERASURE_ASKERS, ERASURE_GROUNDS, TextsService, type WrittenText } from '../../privacy/index.js';
import { addressOf } from '../page/address.rules.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { wordEventIn } from '../wording/event-words.rules.js';
import { stateIn } from '../wording/state-words.rules.js';
import { CONTROLLERS, TextAddress } from './administration.schemas.js';

type Id = z.infer<typeof IdParameter>;
const ROWS = 50;

/** What people wrote freely, for whoever finds in it what should not be there. */
@Controller('texts')
export class TextPages {
  constructor(private readonly texts: TextsService) {}

  @Page({ permit: CONTROLLERS, sensitive: 'claims' })
  @Get()
  async list(
    @CurrentVisit() { t, actor }: Visit,
    @Query({ schema: TextAddress }) { subject, after }: TextAddress,
  ): Promise<PageAnswer> {
    const { items, next } = await this.texts.list(actor, { subject, after, limit: ROWS });
    return view('administration/texts.njk', {
      items: items.map((text) => shown(t, text)),
      subject,
      first: after === undefined ? undefined : addressOf('/texts', { subject }),
      next: next === null ? undefined : addressOf('/texts', { subject, after: next }),
    });
  }

  @Page({ permit: CONTROLLERS, stepUp: true, sensitive: 'claims' })
  @Get(':id/redact')
  askRedact(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id);
  }

  @Action({ permit: CONTROLLERS, stepUp: true, sensitive: 'claims' })
  @Post(':id/redact')
  async redact(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const ground = form.choice('ground', ERASURE_GROUNDS, 'persons.texts.groundMissing');
    const askedBy = form.choice('askedBy', ERASURE_ASKERS, 'persons.erase.askerMissing');
    if (ground === undefined || askedBy === undefined) return this.page(visit, id, form);
    try {
      await this.texts.redact(visit.command(), id, { ground, askedBy });
      return seeOther('/texts', 'persons.texts.done');
    } catch (error) {
      form.refused(error);
      return this.page(visit, id, form);
    }
  }

  private async page({ t, actor }: Visit, id: string, form?: Form): Promise<View> {
    const choicesOf = (thing: string, values: readonly string[]) =>
      values.map((value) => ({ value, text: stateIn(t, thing, value).text }));
    const data = {
      text: shown(t, await this.texts.get(actor, id)),
      grounds: choicesOf('erasure_ground', ERASURE_GROUNDS),
      askers: choicesOf('erasure_asker', ERASURE_ASKERS),
    };
    return view('administration/text-redact.njk', data, form && { errors: form.errors, values: form.values });
  }
}

function shown(t: Visit['t'], text: WrittenText) {
  return { ...text, what: wordEventIn(t, text.eventType) };
}
