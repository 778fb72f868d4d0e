import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { nhsNumberInvalid } from '../referrals/index.js';
import { ErasureService } from './erasure.service.js';
import { ErasePerson, FindPersons, HoldPerson, PersonList, PersonView } from './persons.schemas.js';
import { PersonsService } from './persons.service.js';
import { forceNotLawful, personErased, personHeld, personNeeded, personNotHeld } from './privacy.errors.js';

type Id = z.infer<typeof IdParameter>;

/** Whoever answers for a commissioner that it is the controller of what is known of people. */
const CONTROLLERS = { commissioner: ['admin'] } as const;

@Heading('Privacy')
@Controller('v1/persons')
export class PersonsController {
  constructor(
    private readonly persons: PersonsService,
    private readonly erasures: ErasureService,
  ) {}

  @Post('find')
  @Operation({
    summary: 'Find people who were referred, by what identifies them',
    description: 'Changes nothing; what identifies a person belongs in a body and not in an address. Logged as a read.',
    permit: CONTROLLERS,
    answer: PersonList,
    errors: [nhsNumberInvalid],
    sensitive: 'person',
  })
  async find(@CurrentActor() actor: Actor, @Body({ schema: FindPersons }) search: FindPersons): Promise<unknown> {
    return { items: await this.persons.find(actor, search) };
  }

  @Get(':id')
  @Operation({
    summary: 'One person who was referred: who it is, what there is of them, or what an erasure left',
    permit: CONTROLLERS,
    answer: PersonView,
    sensitive: 'person',
  })
  read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.persons.get(actor, id);
  }

  @Post(':id/erasure')
  @Operation({
    summary: 'Erase a person: nobody can undo it',
    description:
      'Destroys the key of the person, what was sealed under it, and what they were found by. Amounts, states and events ' +
      'stay, and their proofs hold. The answer says what was destroyed, what remains, and why.',
    permit: CONTROLLERS,
    status: 201,
    answer: PersonView,
    errors: [personErased, personHeld, personNeeded, forceNotLawful],
    idempotent: true,
  })
  erase(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ErasePerson }) body: ErasePerson,
  ): Promise<unknown> {
    return this.erasures.erase(actor, id, body);
  }

  @Post(':id/hold')
  @Operation({
    summary: 'Put a person under a legal hold: nothing about them may be destroyed',
    permit: CONTROLLERS,
    status: 201,
    answer: PersonView,
    errors: [personErased, personHeld],
    idempotent: true,
  })
  hold(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: HoldPerson }) { holdReason }: HoldPerson,
  ): Promise<unknown> {
    return this.erasures.hold(actor, id, holdReason);
  }

  @Post(':id/release')
  @Operation({
    summary: 'Lift the legal hold of a person',
    permit: CONTROLLERS,
    status: 201,
    answer: PersonView,
    errors: [personNotHeld],
    idempotent: true,
  })
  release(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.erasures.release(actor, id);
  }
}
