import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { ERASURE_ASKERS, ERASURE_GROUNDS, ErasureService, HOLD_REASONS, PersonsService } from '../../privacy/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { stateIn } from '../wording/state-words.rules.js';
import { CONTROLLERS } from './administration.schemas.js';
import { personStateOf } from './person-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const ERASE = 'administration/referred-erase.njk';
const HOLD = 'administration/referred-hold.njk';
const RELEASE = 'administration/referred-release.njk';

/** Erases somebody who was referred, after a page that says what that means; or keeps everything, for as long as a hold lasts. */
@Controller('persons/:id')
export class PersonErasurePages {
  constructor(
    private readonly persons: PersonsService,
    private readonly erasures: ErasureService,
  ) {}

  @Page({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Get('erase')
  askErase(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, ERASE);
  }

  @Action({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Post('erase')
  async erase(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const ground = form.choice('ground', ERASURE_GROUNDS, 'persons.erase.groundMissing');
    const askedBy = form.choice('askedBy', ERASURE_ASKERS, 'persons.erase.askerMissing');
    if (ground === undefined || askedBy === undefined) return this.page(visit, id, ERASE, form);
    const request = { ground, askedBy, force: fields.has('force') };
    return this.try(visit, id, ERASE, form, 'persons.erase.done', () =>
      this.erasures.erase(visit.command(), id, request),
    );
  }

  @Page({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Get('hold')
  askHold(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, HOLD);
  }

  @Action({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Post('hold')
  async hold(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const reason = form.choice('holdReason', HOLD_REASONS, 'persons.hold.reasonMissing');
    if (reason === undefined) return this.page(visit, id, HOLD, form);
    return this.try(visit, id, HOLD, form, 'persons.hold.done', () => this.erasures.hold(visit.command(), id, reason));
  }

  @Page({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Get('release')
  askRelease(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.page(visit, id, RELEASE);
  }

  @Action({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Post('release')
  async release(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    return this.try(visit, id, RELEASE, form, 'persons.release.done', () => this.erasures.release(visit.command(), id));
  }

  private async try(
    visit: Visit,
    id: string,
    template: string,
    form: Form,
    done: string,
    work: () => Promise<unknown>,
  ): Promise<PageAnswer> {
    try {
      await work();
      return seeOther(`/persons/${id}`, done);
    } catch (error) {
      form.refused(error);
      return this.page(visit, id, template, form);
    }
  }

  private async page({ t, actor }: Visit, id: string, template: string, form?: Form): Promise<View> {
    const person = await this.persons.get(actor, id);
    const choicesOf = (thing: string, values: readonly string[]) =>
      values.map((value) => ({ value, text: stateIn(t, thing, value).text }));
    const data = {
      person,
      state: personStateOf(person),
      isOpen: person.work.openReferrals + person.work.undecidedClaims > 0,
      holdReason: person.holdReason === null ? null : stateIn(t, 'hold_reason', person.holdReason).text,
      grounds: choicesOf('erasure_ground', ERASURE_GROUNDS),
      askers: choicesOf('erasure_asker', ERASURE_ASKERS),
      reasons: choicesOf('hold_reason', HOLD_REASONS),
    };
    return view(template, data, form && { errors: form.errors, values: form.values });
  }
}
