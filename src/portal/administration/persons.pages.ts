import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { canonicalJson } from '../../platform/canonical-json.js';
import { DomainError } from '../../platform/errors.js';
import { PersonsService, REMAINING, type KnownPerson, type PersonSearch } from '../../privacy/index.js';
import { view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { stateIn } from '../wording/state-words.rules.js';
import { CONTROLLERS } from './administration.schemas.js';
import { personStateOf } from './person-words.rules.js';

type Id = z.infer<typeof IdParameter>;
const REFERENCE_MAX = 64;
const NHS_MAX = 20;

/** People who were referred, for the commissioner that must answer for what is known of them. */
@Controller('persons')
export class PersonPages {
  constructor(private readonly persons: PersonsService) {}

  @Page({ permit: CONTROLLERS, stepUp: true })
  @Get()
  ask(): PageAnswer {
    return findPage(null);
  }

  /** Answers with the result itself: what identifies somebody belongs in no address. */
  @Action({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Post()
  async find(@CurrentVisit() visit: Visit, @SentFields() fields: Fields): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const search = searchIn(form);
    if (!search || !form.ok) return findPage(null, form);
    try {
      return findPage(await this.persons.find(visit.actor, search), form);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      form.refuse('nhsNumber', 'persons.find.nhsWrong');
      return findPage(null, form);
    }
  }

  @Page({ permit: CONTROLLERS, stepUp: true, sensitive: 'person' })
  @Get(':id')
  async show(@CurrentVisit() { t, actor }: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const person = await this.persons.get(actor, id);
    const word = (thing: string, value: string | null) => (value === null ? null : stateIn(t, thing, value).text);
    const { erasure } = person;
    return view('administration/referred-one.njk', {
      person,
      state: personStateOf(person),
      identityJson: person.secret && canonicalJson(person.secret.identity),
      holdReason: word('hold_reason', person.holdReason),
      erasure: erasure && {
        ...erasure,
        ground: word('erasure_ground', erasure.ground),
        askedBy: word('erasure_asker', erasure.askedBy),
        remains: REMAINING.map((what) => ({
          what: t(`persons.erasure.${what}.what`, {
            count: erasure.remains.find((one) => one.what === what)?.count ?? 0,
          }),
          why: t(`persons.erasure.${what}.why`),
        })),
      },
    });
  }
}

/** One of the three ways to name somebody. */
function searchIn(form: Form): PersonSearch | undefined {
  const referralReference = form.text('reference', { max: REFERENCE_MAX });
  const personReference = form.text('personReference', { max: REFERENCE_MAX });
  const nhsNumber = form.text('nhsNumber', { max: NHS_MAX });
  const given = [
    ...(referralReference === undefined ? [] : [{ referralReference }]),
    ...(personReference === undefined ? [] : [{ personReference }]),
    ...(nhsNumber === undefined ? [] : [{ nhsNumber }]),
  ];
  if (form.ok && given.length !== 1) {
    form.refuse('reference', given.length === 0 ? 'persons.find.missing' : 'persons.find.several');
  }
  return given[0];
}

/** What was looked for is not shown again: it would be in the page that a browser keeps. */
function findPage(found: readonly KnownPerson[] | null, form?: Form): View {
  const data = { found: found?.map((person) => ({ ...person, state: personStateOf(person) })) ?? null };
  return view('administration/referred.njk', data, form && { errors: form.errors });
}
